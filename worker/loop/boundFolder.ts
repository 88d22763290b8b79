import { BelayError } from '../../protocol/errors.ts';
import { openMachine } from '../base/machine.ts';

/** The folder on this machine of the repository that a session or hand-off is about. Throws `not_found` when there is none. */
export function boundFolder(stateDir: string, work: { readonly repositoryId: string | null }): string {
  const folder = work.repositoryId === null ? undefined : openMachine(stateDir).bindings[work.repositoryId];
  if (folder === undefined)
    throw new BelayError('not_found', 'The repository of this work is not bound to a folder on this machine.', {
      hint: 'In the editor, open its folder and run "Belay: Bind Repository to This Folder". In a terminal, name its folder with --folder.',
    });
  return folder;
}
