/** `belay`: the same platform, worker and runs from a terminal. */
import { isBelayError, messageOf } from '../protocol/errors.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { Output } from './output.ts';
import { checkOptions, checkWords, parseWords } from './parse.ts';

function usage(): string {
  const width = Math.max(...Object.values(commands).map((command) => command.usage.length));
  const lines = Object.values(commands).map((command) => `  belay ${command.usage.padEnd(width)}  ${command.summary}`);
  return ['Usage:', ...lines, '', 'Every command takes --json for one JSON value on standard output.'].join('\n');
}

async function main(argv: readonly string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseWords(argv);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage()}`);
    return 2;
  }
  const [name, ...args] = parsed.positionals;
  const command: Command | undefined = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (name === undefined || parsed.values.help) {
    console.log(command?.details ? `Usage: belay ${command.usage}\n${command.summary}.\n\n${command.details}` : usage());
    return name === undefined && !parsed.values.help ? 2 : 0;
  }
  if (!command) {
    console.error(`There is no command "${name}".\n\n${usage()}`);
    return 2;
  }
  if (args.length < command.needs) {
    console.error(`Usage: belay ${command.usage}`);
    return 2;
  }
  const output = new Output(parsed.values.json ?? false);
  try {
    checkOptions(name, command, parsed.values);
    checkWords(name, command, args);
    return await command.run({ args, flags: parsed.values, output });
  } catch (error) {
    output.failure(error);
    return isBelayError(error, 'bad_request') ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
