/** `belay platform`: starts the service. Says on its first line of output, as JSON, how that went; then it is silent. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import * as z from 'zod';
import { BelayError, isBelayError, messageOf } from '../protocol/errors.ts';
import { Rules, type Rule } from '../protocol/policy.ts';
import { leaseProfiles, type LeaseProfileName } from '../protocol/states.ts';
import { retentions } from './domain/retention.ts';
import type { Limits } from './service/service.ts';

const defaultIdleMs = 10 * 60_000;
const dayMs = 86_400_000;

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
// Whoever started us may be gone by the time something is written.
process.stdout.on('error', () => {});

const flags = {
  embedded: { type: 'boolean' },
  'state-dir': { type: 'string' },
  socket: { type: 'string' },
  'idle-ms': { type: 'string', default: String(defaultIdleMs) },
  database: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '8420' },
  'token-file': { type: 'string' },
  connections: { type: 'string', default: '10' },
  pooled: { type: 'boolean', default: false },
  'lease-profile': { type: 'string', default: 'standard' },
  'keep-events-days': { type: 'string' },
  'fold-after-days': { type: 'string' },
  'keep-history-days': { type: 'string' },
  'policy-file': { type: 'string' },
  'limit-reads': { type: 'string', default: '3000' },
  'limit-writes': { type: 'string', default: '3000' },
  'limit-work': { type: 'string', default: '3000' },
  'limit-streams': { type: 'string', default: '1000' },
  'log-requests': { type: 'string', default: 'all' },
} as const;
type Flags = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'];

const usage =
  'Use: belay platform --embedded --state-dir FOLDER [--socket PATH], or belay platform --database URL --token-file FILE [--host HOST] [--port PORT].';

function profileOf(values: Flags): LeaseProfileName {
  const name = values['lease-profile'];
  if (!(name in leaseProfiles)) throw new BelayError('bad_request', `There is no lease profile "${name}".`);
  return name as LeaseProfileName;
}

function embeddedOptions(values: Flags) {
  const stateDir = values['state-dir'];
  const idleMs = Number(values['idle-ms']);
  if (!stateDir) throw new BelayError('bad_request', usage);
  if (!Number.isFinite(idleMs) || idleMs <= 0) throw new BelayError('bad_request', '--idle-ms needs a number of milliseconds.');
  const socket = values.socket ?? `${stateDir}/platform/platform.sock`;
  return { stateDir, socket, idleMs, version: manifest.version, leaseProfile: profileOf(values) };
}

/** In ms; `otherwise` where nothing is said. */
function daysOf(values: Flags, name: 'keep-events-days' | 'fold-after-days' | 'keep-history-days', otherwise: number): number {
  const said = values[name];
  if (said === undefined) return otherwise;
  const days = Number(said);
  if (!Number.isFinite(days) || days < 1) throw new BelayError('bad_request', `--${name} needs a number of days from 1 on.`);
  return days * dayMs;
}

/** How often a client may ask in ten seconds; 0: as often as it likes. */
function limitsOf(values: Flags): Limits {
  const limit = (name: 'limit-reads' | 'limit-writes' | 'limit-work' | 'limit-streams', least: number): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < least) throw new BelayError('bad_request', `--${name} needs a number from ${least} on.`);
    return value;
  };
  return {
    reads: limit('limit-reads', 0) || undefined,
    writes: limit('limit-writes', 0) || undefined,
    work: limit('limit-work', 0) || undefined,
    streams: limit('limit-streams', 1),
  };
}

/** The organisation's rules, as JSON. A file with a mistake in it keeps the platform from starting: nobody would notice a rule that is not there. */
function rulesOf(values: Flags): readonly Rule[] {
  const file = values['policy-file'];
  if (file === undefined) return [];
  try {
    return Rules.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new BelayError(
      'bad_request',
      `The rules in ${file} cannot be read: ${error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)}`,
      {
        hint: 'It is a JSON list of rules: docs/policy.md says what a rule is.',
      },
    );
  }
}

function teamOptions(values: Flags, database: string) {
  const port = Number(values.port);
  const connections = Number(values.connections);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new BelayError('bad_request', '--port needs a number from 0 to 65535.');
  if (!Number.isInteger(connections) || connections < 1) throw new BelayError('bad_request', '--connections needs a number from 1 on.');
  if (!values['token-file'])
    throw new BelayError('bad_request', 'A platform on TCP lets nobody in without a token.', {
      hint: 'Write a long random one into a file that only you can read, and name it with --token-file.',
    });
  const { host, pooled, 'log-requests': logged } = values;
  if (logged !== 'all' && logged !== 'none') throw new BelayError('bad_request', '--log-requests needs "all" or "none".');
  return {
    database,
    host,
    port,
    connections,
    pooled,
    tokenFile: values['token-file'],
    version: manifest.version,
    leaseProfile: profileOf(values),
    retention: {
      eventMs: daysOf(values, 'keep-events-days', retentions.team.eventMs),
      activityMs: daysOf(values, 'fold-after-days', retentions.team.activityMs),
      historyMs: daysOf(values, 'keep-history-days', retentions.team.historyMs),
    },
    rules: rulesOf(values),
    limits: limitsOf(values),
    logRequests: logged === 'all',
  };
}

try {
  process.umask(0o077);
  const { values } = parseArgs({ options: flags });
  // The address may carry a password, which has no business among the arguments that everybody on a machine can see.
  const database = values.database ?? process.env.BELAY_DATABASE;
  if (values.embedded) {
    const { runEmbedded } = await import('./embedded/run.ts');
    const state = await runEmbedded(embeddedOptions(values));
    say({ state });
    if (state === 'running') process.exit(0);
  } else if (database) {
    const options = teamOptions(values, database);
    const { runTeam } = await import('./team/run.ts');
    say({ state: 'ready', url: await runTeam(options) });
  } else {
    throw new BelayError('bad_request', usage);
  }
} catch (error) {
  const problem = isBelayError(error) ? error : new BelayError('internal', messageOf(error), { cause: error });
  say({ problem: problem.toProblem() });
  process.stderr.write(`belay: ${problem.message}${problem.hint ? ` ${problem.hint}` : ''}\n`);
  process.exit(1);
}
