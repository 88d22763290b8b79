/** What the person set for all their checkouts and what decides how git reads and writes files there. */
import { homedir } from 'node:os';
import path from 'node:path';
import { personalConfig } from './git.ts';

/**
 * Configuration to hand to git for work on the person's own checkout: which files they ignore and which line
 * endings they write. Nothing in it names a program. Filters such as LFS stay out.
 */
export async function personalSettings(gitDir: string): Promise<Record<string, string>> {
  const found = await personalConfig(gitDir, '^core\\.(excludesfile|attributesfile|autocrlf|eol)$');
  const folder = path.join(process.env['XDG_CONFIG_HOME'] || path.join(homedir(), '.config'), 'git');
  const settings: Record<string, string> = {
    'core.excludesFile': expanded(found.get('core.excludesfile')) ?? path.join(folder, 'ignore'),
    'core.attributesFile': expanded(found.get('core.attributesfile')) ?? path.join(folder, 'attributes'),
  };
  for (const key of ['core.autocrlf', 'core.eol']) {
    const value = found.get(key);
    if (value !== undefined) settings[key] = value;
  }
  return settings;
}

/** `~/` as git expands it, here because git runs without the person's home. */
function expanded(file: string | undefined): string | undefined {
  return file?.startsWith('~/') ? path.join(homedir(), file.slice(2)) : file;
}
