/** Why an Accept or Undo cannot be: what the person has changed, and what is another repository's. */
import { BelayError } from '../../protocol/errors.ts';
import { quotedName } from '../../protocol/shownText.ts';
import { foreignFolders } from './foreignFolders.ts';

export function conflictError(what: string, paths: readonly string[]): BelayError {
  const shown = paths.slice(0, 5).map(quotedName).join(', ');
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return new BelayError('conflict', `${what}: ${shown}${more}. Nothing was changed.`, {
    hint: 'Commit or set aside your changes to these files and try again, or send the work back to the agent.',
    issues: paths.map((file) => ({ path: file, message: 'cannot be merged' })),
  });
}

/** What is another repository's is never written to, whether this one ignores it or not. */
export function refuseForeign(top: string, files: readonly string[]): void {
  const foreign = foreignFolders(top, files);
  const inside = files.filter((file) => foreign(file) !== null);
  if (inside.length === 0) return;
  throw new BelayError(
    'conflict',
    `${quotedName(foreign(inside[0] ?? '') ?? '')} is another repository in your working tree. Nothing was changed.`,
    {
      hint: 'Move that repository elsewhere and try again, or send the work back to the agent.',
      issues: inside.map((file) => ({ path: file, message: 'lies in another repository' })),
    },
  );
}
