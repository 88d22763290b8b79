/** The commands as the parser wants them. Only the one that was called for is loaded. */
import { Argument, Command as Parser, Option, type CommanderError } from 'commander';
import { BelayError } from '../../protocol/errors.ts';
import { oneLine, quotedName } from '../../protocol/shownText.ts';
import { choiceOf } from '../base/choices.ts';
import type { Command, Commands, Group, Invocation, OptionSpec, WordSpec } from '../base/command.ts';
import { Output } from '../base/output.ts';
import { version } from '../base/version.ts';
import { unmark } from './words.ts';

/** Set by the command that ran. */
export interface Outcome {
  code: number;
}

export const jsonOption = 'json';

/** Describes `commands`; `load` names those whose words and options are wanted too. */
export async function makeParser(commands: Commands, load: readonly string[], outcome: Outcome): Promise<Parser> {
  const program = dressed(new Parser('belay'), 'belay')
    .description('Send planned work to a coding agent and review what comes back.')
    .version(version, '--version', 'show the version')
    .usage('COMMAND [options]')
    .helpCommand('help [COMMAND]', 'show what a command takes, with examples')
    .addHelpText('after', '\nEvery command takes --json for one JSON value on standard output. "belay help COMMAND" says more.');
  for (const [name, { section, summary, load: read }] of Object.entries(commands)) {
    const parser = dressed(program.command(name), `belay ${name}`).description(summary).helpGroup(`${section}:`);
    if (load.includes(name)) describe(parser, await read(), outcome);
  }
  return program;
}

function describe(parser: Parser, described: Command | Group, outcome: Outcome): void {
  if (!('commands' in described)) {
    describeCommand(parser, described, outcome);
    return;
  }
  parser.usage(described.usual === undefined ? 'COMMAND [options]' : '[COMMAND] [options]').helpCommand(false);
  for (const [name, inner] of Object.entries(described.commands))
    describeCommand(
      dressed(parser.command(name, { isDefault: name === described.usual }), `${pathOf(parser)} ${name}`).description(inner.summary),
      inner,
      outcome,
    );
}

const pathOf = (parser: Parser): string => (parser.parent ? `${pathOf(parser.parent)} ${parser.name()}` : parser.name());

const placeOf = ({ name, optional, many }: WordSpec): string => {
  const shown = many ? `${name} …` : name;
  return optional ? `[${shown}]` : shown;
};

function describeCommand(parser: Parser, described: Command, outcome: Outcome): void {
  const { words = [], options = {}, examples, json, exitCodes = {} } = described;
  parser.usage([...words.map(placeOf), '[options]'].join(' ')).allowExcessArguments(described.ownsExtraWords === true);
  for (const word of words) {
    const place = `${word.name}${word.many ? '...' : ''}`;
    const argument = new Argument(word.optional ? `[${place}]` : `<${place}>`, word.says);
    if (word.choices) argument.argChoices = [...word.choices];
    parser.addArgument(argument);
  }
  for (const [name, option] of Object.entries(options)) parser.addOption(optionOf(name, option));
  parser.addOption(new Option(`--${jsonOption}`, `print JSON: ${json}`));
  parser.addHelpText(
    'after',
    [
      '\nExamples:',
      ...examples.flatMap(([line, does]) => [`  belay ${line}`, `      ${does}`]),
      ...(Object.keys(exitCodes).length > 0 ? ['\nExit codes besides 0, 1 and 2:'] : []),
      ...Object.entries(exitCodes).map(([code, says]) => `  ${code}  ${says}`),
    ].join('\n'),
  );
  parser.action(async () => {
    const given: Record<string, unknown> = parser.opts();
    const output = new Output(given[jsonOption] === true);
    const values = parser.options
      .filter((option) => option.long !== undefined && Object.hasOwn(options, option.long.slice(2)))
      .map((option) => {
        const name = option.long?.slice(2) ?? '';
        const { value, many } = options[name] ?? {};
        return [name, given[option.attributeName()] ?? (value === undefined ? false : many ? [] : undefined)];
      });
    const invocation: Invocation = { args: parser.args.map(unmark), options: Object.fromEntries(values) as Invocation['options'], output };
    outcome.code = await described.run(invocation as Invocation<never>);
  });
}

function optionOf(name: string, { says, value, choices, many }: OptionSpec): Option {
  const option = new Option(value === undefined ? `--${name}` : `--${name} <${value}>`, says);
  if (value === undefined) return option;
  if (choices) option.argChoices = [...choices];
  const read = (text: string): string => (choices ? choiceOf(choices, unmark(text), `--${name}`) : unmark(text));
  // Not variadic: a word after the value is a word of the command.
  option.argParser<unknown>((text, before) => (many ? [...(Array.isArray(before) ? (before as string[]) : []), read(text)] : read(text)));
  return option;
}

/** What holds for the program and each of its commands. */
function dressed(parser: Parser, path: string): Parser {
  return parser
    .helpOption('-h, --help', 'show this help')
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .configureOutput({ writeErr: () => undefined })
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      optionTerm: (option) => option.flags.replace(/[<>]/gu, ''),
      argumentTerm: (argument) => argument.name(),
    })
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageError(parser, path, error);
    });
}

/** What was wrong with the call, in our words, with what would be right. */
function usageError(parser: Parser, path: string, error: CommanderError): BelayError {
  const said = error.message;
  const [, named = ''] = /'([^']*)'/u.exec(said) ?? [];
  const [, meant] = /Did you mean (?:one of )?(.+)\?\)/u.exec(said) ?? [];
  const option = named.replace(/^(--?[^\s=]+).*$/u, '$1');
  const message = ((): string => {
    switch (error.code) {
      case 'commander.unknownCommand':
        return path === 'belay' ? `There is no command ${quoted(named)}.` : `"${path}" does not know ${quoted(named)}.`;
      case 'commander.unknownOption':
        return `"${path}" has no option ${oneLine(unmark(option))}.`;
      case 'commander.excessArguments':
        return `"${path}" does not take ${quotedName(unmark(parser.args[parser.registeredArguments.length] ?? ''))} as well.`;
      case 'commander.missingArgument':
        return `"${path}" needs ${named}.`;
      case 'commander.optionMissingArgument':
        return `${option} misses its value.`;
      case 'commander.help':
        return `"${path}" needs to know what to do.`;
      default:
        return said;
    }
  })();
  const usage = `Usage: ${path} ${parser.usage()}`;
  const inner =
    parser.commands.length > 0 && path !== 'belay' ? ` It knows ${parser.commands.map((command) => command.name()).join(', ')}.` : '';
  return new BelayError('bad_request', meant === undefined ? message : `${message} Did you mean ${meant}?`, {
    hint: `${usage}.${inner} "belay help${path.slice('belay'.length)}" says more.`,
  });
}

const quoted = (word: string): string => `"${oneLine(unmark(word))}"`;

/** Refuses an option whose value looks like the next option: its own was forgotten. */
export function checkValues(parser: Parser, argv: readonly string[]): void {
  const end = argv.indexOf('--');
  const read = end < 0 ? argv : argv.slice(0, end);
  const known = (word: string | undefined) =>
    parser.options.find((option) => word !== undefined && (word === option.long || word === option.short));
  for (let at = 0; at < read.length; at += 1) {
    if (known(read[at])?.required !== true) continue;
    at += 1;
    if (known(read[at]) || read[at] === '-h' || read[at] === '--help')
      throw new BelayError('bad_request', `${read[at - 1] ?? ''} misses its value.`, {
        hint: `Usage: ${pathOf(parser)} ${parser.usage()}. A value that is one of its options goes as ${read[at - 1] ?? ''}=VALUE.`,
      });
  }
}
