/** Where a path really leads, also when the end of it does not exist yet. */
import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** Follows the links of what exists; the rest is added as it is named. Null for what cannot be told. */
export function resolveReal(absolute: string): string | null {
  const { root } = path.parse(absolute);
  const parts = absolute.slice(root.length).split(path.sep === '\\' ? /[\\/]/u : '/');
  let at = root;
  for (const [index, part] of parts.entries()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at = path.dirname(at);
      continue;
    }
    try {
      at = realpathSync.native(path.join(at, part));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return null;
      const rest = parts.slice(index).filter((name) => name !== '' && name !== '.');
      // A link that leads nowhere yet may lead anywhere later, and so may what follows a name that is not there.
      return rest.includes('..') || isLink(path.join(at, part)) ? null : path.join(at, ...rest);
    }
  }
  return at;
}

function isLink(name: string): boolean {
  return lstatSync(name, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
