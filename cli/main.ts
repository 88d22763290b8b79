/** `belay`: the same platform, worker and runs from a terminal. */
import { parseArgs } from 'node:util';
import { isBelayError, messageOf } from '../protocol/errors.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { Output } from './output.ts';

const options = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  mode: { type: 'string' },
  agent: { type: 'string' },
  target: { type: 'string' },
  note: { type: 'string' },
  folder: { type: 'string' },
  base: { type: 'string' },
  kind: { type: 'string' },
  description: { type: 'string' },
  status: { type: 'string' },
  text: { type: 'string' },
  yes: { type: 'boolean' },
  all: { type: 'boolean' },
  print: { type: 'boolean' },
  capacity: { type: 'string' },
  'host-executed': { type: 'boolean' },
  copy: { type: 'boolean' },
  database: { type: 'string' },
  'token-file': { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  connections: { type: 'string' },
  pooled: { type: 'boolean' },
  'lease-profile': { type: 'string' },
  'limit-reads': { type: 'string' },
  'limit-writes': { type: 'string' },
  'limit-work': { type: 'string' },
  'limit-streams': { type: 'string' },
  'log-requests': { type: 'string' },
  'policy-file': { type: 'string' },
  offline: { type: 'boolean' },
  session: { type: 'string' },
  since: { type: 'string' },
  format: { type: 'string' },
  step: { type: 'string' },
  unattended: { type: 'boolean' },
  allow: { type: 'boolean' },
} as const;

function usage(): string {
  const width = Math.max(...Object.values(commands).map((command) => command.usage.length));
  const lines = Object.values(commands).map((command) => `  belay ${command.usage.padEnd(width)}  ${command.summary}`);
  return ['Usage:', ...lines, '', 'Every command takes --json for one JSON value on standard output.'].join('\n');
}

async function main(argv: readonly string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true });
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
    return await command.run({ args, flags: parsed.values, output });
  } catch (error) {
    output.failure(error);
    return isBelayError(error, 'bad_request') ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
