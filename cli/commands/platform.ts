import { pathToFileURL } from 'node:url';
import { command, withConnection } from '../base/command.ts';
import { bundle } from '../base/connect.ts';
import { state } from '../base/here.ts';
import { socketPath } from '../../client/stateDir.ts';

/** What a replica takes as it is; docs/scale.md says more. */
const handedOn = {
  'token-file': { value: 'FILE', says: 'the token that lets clients in' },
  host: { value: 'HOST', says: 'where to listen: 127.0.0.1' },
  port: { value: 'PORT', says: '8420' },
  connections: { value: 'N', says: 'to the database: 10' },
  'lease-profile': { value: 'NAME', says: 'standard or fast' },
  'policy-file': { value: 'FILE', says: 'rules of the organisation, which go with every claim: docs/policy.md' },
  'limit-reads': { value: 'N', says: 'reads of a client in 10 s: 3000; 0: no limit' },
  'limit-writes': { value: 'N', says: 'its writes in 10 s: 3000; 0: no limit' },
  'limit-work': { value: 'N', says: 'polls of a worker, and writes to a held session, in 10 s: 3000; 0: no limit' },
  'limit-streams': { value: 'N', says: 'open event streams of a client: 1000' },
  'log-requests': { value: 'WHICH', says: 'all or none' },
} as const;

export const platform = command({
  options: {
    database: { value: 'URL', says: 'serve a team: the PostgreSQL to keep everything in (or BELAY_DATABASE)' },
    ...handedOn,
    pooled: { says: 'the database stands behind a transaction pooler' },
  },
  examples: [
    ['platform', 'start the platform of this machine if it is not running'],
    ['platform --database postgres://db/belay --token-file token', 'one replica for a team'],
  ],
  json: 'About with socketPath and stateDir; a replica writes its log',
  run: async ({ options, output }) => {
    if (options.database === undefined)
      return await withConnection(({ about }) => {
        const socket = socketPath(state);
        output.answer({ ...about, socketPath: socket, stateDir: state }, `Platform ${about.version}, process ${about.pid}, ${socket}`);
        return Promise.resolve(0);
      }, 'of this machine');
    const names = Object.keys(handedOn) as (keyof typeof handedOn)[];
    const named = names.flatMap((name) => {
      const value = options[name];
      return value === undefined ? [] : [`--${name}=${value}`];
    });
    await serveTeam(options.database, [...named, ...(options.pooled ? ['--pooled'] : [])]);
    return 0;
  },
});

/** Runs a replica in this very process: whatever ends the command ends it, a kill included. */
async function serveTeam(database: string, args: readonly string[]): Promise<void> {
  const program = bundle('platform.mjs');
  // The address may carry a password: what stands in the variable is shown nowhere.
  process.env['BELAY_DATABASE'] = database;
  process.argv = [process.execPath, program, ...args];
  await import(pathToFileURL(program).href);
}
