/** Makes a folder in a folder in a folder: deeper than a path may be long. */
import { execFileSync } from 'node:child_process';

export function makeDeep(top: string): void {
  const script = `
    const { mkdirSync, writeFileSync, symlinkSync } = require('node:fs');
    process.chdir(process.argv[1]);
    for (let depth = 0; depth < 30; depth += 1) {
      mkdirSync('d'.repeat(200));
      process.chdir('d'.repeat(200));
    }
    writeFileSync('x', 'x');
    symlinkSync('/', 'link');`;
  execFileSync(process.execPath, ['-e', script, top]);
}
