/** What git had better not read in an agent's folder: it would fail, wait for somebody, or be busy for hours. */
import { lstatSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';

/** Why git had better not read what stands at a path; null when it may, or when nothing stands there. */
export async function unreadable(file: string, limits: { readonly fileBytes: number }): Promise<string | null> {
  const info = lstatSync(file, { throwIfNoEntry: false });
  if (!info || info.isDirectory() || info.isSymbolicLink()) return null;
  if (!info.isFile()) return 'a pipe, socket or device';
  if (info.size > limits.fileBytes) return `larger than ${limits.fileBytes / 1024 / 1024} MB`;
  const closed = 'a file that cannot be read';
  // Of root's own too: git reads without the rights of root.
  if (info.uid === process.getuid?.()) return (info.mode & 0o400) === 0 ? closed : null;
  return await access(file, constants.R_OK).then(
    () => null,
    () => closed,
  );
}
