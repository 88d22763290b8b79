import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

const mostFiles = 5000;

/** Files below a folder that git does not look into. */
export async function filesBelow(top: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (at: string): Promise<void> => {
    const entries = await readdir(path.join(top, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (found.length >= mostFiles) return;
      if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules') await walk(`${at}/${entry.name}`);
      else if (entry.isFile()) found.push(`${at}/${entry.name}`);
    }
  };
  if (lstatSync(path.join(top, folder), { throwIfNoEntry: false })?.isDirectory()) await walk(folder);
  return found;
}
