/** Runs what stands after `belay`. */
import { CommanderError, type Command as Parser } from 'commander';
import { isBelayError } from '../../protocol/errors.ts';
import { Output } from '../base/output.ts';
import { checkValues, jsonOption, makeParser, type Outcome } from '../parser/parser.ts';
import { inOrder, markPlain } from '../parser/words.ts';
import { commands } from './commands.ts';

/** Returns the exit code. */
export async function runProgram(given: readonly string[]): Promise<number> {
  const argv = markPlain(inOrder(given));
  const [name = ''] = argv;
  const outcome: Outcome = { code: 0 };
  try {
    // The others are described for who looks for one.
    const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
    const program = entry ? await makeParser({ [name]: entry }, [name], outcome) : await makeParser(commands, [], outcome);
    if (argv.length === 0) {
      program.outputHelp();
      return 2;
    }
    checkValues(called(program, argv), argv);
    await program.parseAsync(argv, { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    new Output(given.includes(`--${jsonOption}`)).failure(error);
    return isBelayError(error, 'bad_request') ? 2 : 1;
  }
}

/** The command that the first words name. */
function called(program: Parser, argv: readonly string[]): Parser {
  const [name, ...rest] = argv;
  const next = program.commands.find((command) => command.name() === name);
  return next ? called(next, rest) : program;
}
