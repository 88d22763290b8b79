/** Takes a line of work for one run: its folder on this machine, locked against every other run. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AgentFailure } from '../agents/base/driver.ts';
import { tryLock, type Lock } from '../base/lock.ts';
import { writePrivate } from '../base/privateFiles.ts';
import { LineBusy } from './halt.ts';
import type { RunSpec } from './spec.ts';

/** Throws `LineBusy` while another run has the line, and an AgentFailure when the repository's folder is gone. */
export async function bindLine(spec: RunSpec, fence: number): Promise<Lock> {
  if (!existsSync(spec.repositoryPath))
    throw new AgentFailure(
      'repository_missing',
      `The folder ${spec.repositoryPath} is not there.`,
      'Bind the repository to its folder again, then retry.',
    );
  await mkdir(spec.lineDir, { recursive: true, mode: 0o700 });
  const lock = lockLine(spec.lineDir);
  if (!lock) throw new LineBusy();
  writePrivate(path.join(spec.lineDir, 'owner.json'), {
    sessionId: spec.grant.session.id,
    fence,
    instanceId: spec.instanceId,
  });
  return lock;
}

/** Null while another process has the line, after `blockMs` for one that is about to end. */
export function lockLine(lineDir: string, blockMs = 0): Lock | null {
  return tryLock(path.join(lineDir, 'line.lock'), blockMs);
}
