/** Where a process that has a sandbox keeps what the sandbox makes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Called once in a process, before its sandbox is begun. Returns the temp folder it made, and how to leave both. `cwd` must exist. */
export function enterFolders(cwd: string, lineDir: string): { readonly tempDir: string; readonly leave: () => void } {
  // Sockets need a short path, and the sandbox's own are put where a sweep finds them.
  const tempDir = mkdtempSync(path.join(tmpdir(), 'belay-'));
  process.env['TMPDIR'] = tempDir;
  process.env['CLAUDE_CODE_TMPDIR'] = path.join(lineDir, 'tmp');
  process.chdir(cwd);
  return {
    tempDir,
    leave: () => {
      process.chdir('/');
      rmSync(tempDir, { recursive: true, force: true });
    },
  };
}
