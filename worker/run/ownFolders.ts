/** Where a process that has a sandbox keeps what the sandbox makes. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';

/** The sandbox's own sockets lie two names below, and a socket's path has 108 bytes, on some systems 104. */
const longest = 52;
/** The programs that pass the sockets on read other signs as part of their own language. */
const plain = /^[\w./@%+-]+$/u;
/** Places for short-lived files that every system of the kind has. */
const usual = process.platform === 'win32' ? [] : ['/tmp', '/var/tmp'];

/** A folder for short-lived files in which sockets can be made: the person's own, else one of the system's. Throws `unavailable` where there is none. */
export function temporaryFolder(own: string = tmpdir(), others: readonly string[] = usual): string {
  const found = [own, ...others].find((folder) => isUsable(folder, path.sep === '/'));
  if (found !== undefined) return found;
  throw new BelayError('unavailable', `No folder for temporary files can be used: ${[own, ...others].join(', ')}.`, {
    hint: `Set TMPDIR to a folder that exists, with a plain path of at most ${longest} bytes.`,
  });
}

function isUsable(folder: string, withSockets: boolean): boolean {
  if (withSockets && (Buffer.byteLength(folder) > longest || !plain.test(folder))) return false;
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Called once in a process, before its sandbox is begun. Returns the temp folder it made, and how to leave both. `cwd` must exist. */
export function enterFolders(cwd: string, lineDir: string): { readonly tempDir: string; readonly leave: () => void } {
  // Sockets need a short path, and the sandbox's own are put where a sweep finds them.
  const tempDir = mkdtempSync(path.join(temporaryFolder(), 'belay-'));
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
