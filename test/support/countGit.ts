/** A git in front of the real one on this process's PATH, that writes down its process before it becomes that. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tempFolder } from './repository.ts';

export function countGit(): { readonly started: () => number[]; readonly restore: () => void } {
  const searchPath = process.env['PATH'] ?? '';
  const folder = tempFolder();
  const list = path.join(folder, 'started');
  writeFileSync(path.join(folder, 'git'), `#!/bin/sh\necho $$ >> '${list}'\nPATH='${searchPath}'\nexec git "$@"\n`);
  chmodSync(path.join(folder, 'git'), 0o755);
  process.env['PATH'] = `${folder}:${searchPath}`;
  return {
    started: () => (existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n').map(Number) : []),
    restore: () => {
      process.env['PATH'] = searchPath;
    },
  };
}
