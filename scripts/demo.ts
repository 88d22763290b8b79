/** The main job once, in the terminal: item, session, claim, clone, agent, review, accept, recap on the item. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectEmbedded } from '../client/embedded.ts';
import type { Session } from '../protocol/records.ts';
import manifest from '../package.json' with { type: 'json' };
import { fillSampleItems } from './sample.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Plays it on the first open bug with the practice agent. Returns the exit code. */
export async function playMainJob(repository: string, stateDir: string): Promise<number> {
  const connection = await connectEmbedded({
    stateDir,
    program: 'demo',
    version: manifest.version,
    platformBundle: path.join(root, 'dist', 'platform.mjs'),
  });
  await fillSampleItems(connection.api, connection.about.memberId);
  const { entries } = await connection.api.listItems({ query: { kind: ['bug'], status: ['open', 'planned'], limit: 50 } });
  const item = entries.sort((a, b) => a.createdAt - b.createdAt)[0];
  if (!item) {
    console.log('Every bug of the sample is done. Remove the folder .cache/sample to start over.');
    return 0;
  }
  const belay = (...args: string[]): string => {
    console.log(`\n$ belay ${args.join(' ')}`);
    const reply = spawnSync(process.execPath, [path.join(root, 'dist', 'belay.mjs'), ...args], {
      cwd: repository,
      encoding: 'utf8',
      env: { ...process.env, BELAY_STATE_DIR: stateDir },
    });
    process.stdout.write(reply.stdout);
    process.stderr.write(reply.stderr);
    if (reply.status !== 0) throw new Error(`belay ${args[0] ?? ''} ended with ${reply.status}.`);
    return reply.stdout;
  };
  belay('items');
  belay('run', item.key, '--agent', 'practice', '--yes');
  const sessions = await connection.api.listSessions({ query: { item: item.id, limit: 1 } });
  const session = sessions.entries[0] as Session;
  const before = execFileSync('git', ['status', '--porcelain'], { cwd: repository, encoding: 'utf8' });
  belay('accept', session.id);
  const file = session.result?.files[0]?.path ?? '';
  const after = execFileSync('git', ['status', '--porcelain'], { cwd: repository, encoding: 'utf8' });
  if (before === after || readFileSync(path.join(repository, file), 'utf8') === '')
    throw new Error('The accepted file is not in the checkout.');
  const { comments } = await connection.api.getItemBundle({ params: { id: item.id } });
  connection.close();
  console.log(`\nThe recap on ${item.key}:\n\n${comments.find((comment) => comment.sessionId === session.id)?.body ?? ''}`);
  return 0;
}
