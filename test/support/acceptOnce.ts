/**
 * Accepts one result and ends: the process that a test kills. With a number it kills itself before that many-th step that
 * changes files or waits for the disk.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { acceptResult } from '../../worker/workspace/accept.ts';
import type { AcceptRequest } from '../../worker/workspace/acceptPlan.ts';

const [request = '', last] = process.argv.slice(2);
if (last !== undefined) {
  let steps = 0;
  const calls = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ['open', 'writeFile', 'mkdir', 'symlink', 'chmod', 'rename', 'rm']) {
    const call = calls[name];
    calls[name] = (...args) => {
      if (steps === Number(last)) process.kill(process.pid, 'SIGKILL');
      steps += 1;
      return call?.(...args);
    };
  }
  syncBuiltinESMExports();
}
await acceptResult(JSON.parse(request) as AcceptRequest);
