/** `belay platform`: starts the service. Says on its first line of output, as JSON, how that went; then it is silent. */
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { BelayError, isBelayError, messageOf } from '../protocol/errors.ts';
import { leaseProfiles, type LeaseProfileName } from '../protocol/states.ts';

const defaultIdleMs = 10 * 60_000;

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
// Whoever started us may be gone by the time something is written.
process.stdout.on('error', () => {});

function readOptions() {
  const { values } = parseArgs({
    options: {
      embedded: { type: 'boolean' },
      'state-dir': { type: 'string' },
      socket: { type: 'string' },
      'lease-profile': { type: 'string', default: 'standard' },
      'idle-ms': { type: 'string', default: String(defaultIdleMs) },
    },
  });
  const stateDir = values['state-dir'];
  const leaseProfile = values['lease-profile'];
  const idleMs = Number(values['idle-ms']);
  if (!values.embedded || !stateDir)
    throw new BelayError('bad_request', 'Use: belay platform --embedded --state-dir FOLDER [--socket PATH].');
  if (!(leaseProfile in leaseProfiles)) throw new BelayError('bad_request', `There is no lease profile "${leaseProfile}".`);
  if (!Number.isFinite(idleMs) || idleMs <= 0) throw new BelayError('bad_request', '--idle-ms needs a number of milliseconds.');
  const socket = values.socket ?? `${stateDir}/platform/platform.sock`;
  return { stateDir, socket, idleMs, version: manifest.version, leaseProfile: leaseProfile as LeaseProfileName };
}

try {
  process.umask(0o077);
  const options = readOptions();
  const { runEmbedded } = await import('./embedded/run.ts');
  const state = await runEmbedded(options);
  say({ state });
  if (state === 'running') process.exit(0);
} catch (error) {
  const problem = isBelayError(error) ? error : new BelayError('internal', messageOf(error), { cause: error });
  say({ problem: problem.toProblem() });
  process.stderr.write(`belay: ${problem.message}${problem.hint ? ` ${problem.hint}` : ''}\n`);
  process.exit(1);
}
