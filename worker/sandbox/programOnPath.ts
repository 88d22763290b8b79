import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Where a program of this name lies on the PATH, or null. */
export function programOnPath(name: string): string | null {
  const folders = (process.env['PATH'] ?? '/usr/bin:/bin').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, name)).find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
