import { undoSession } from '../../worker/review/review.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { command, connected } from '../base/command.ts';
import { folderOption, sessionWord } from '../base/common.ts';
import { sessionNamed } from '../base/names.ts';
import { branchLine, placeAt } from '../session/place.ts';
import { reviewContext } from '../session/context.ts';
import { fileCount } from '../base/output.ts';

export const undo = command({
  words: [sessionWord],
  options: { ...folderOption },
  examples: [['undo BUG-1/2', 'the working tree as it was before "belay accept BUG-1/2"']],
  json: 'Accepted: {paths, leftOut, merged, folder, …}',
  run: connected(async (connection, { args: [word = ''], options, output }) => {
    const session = await sessionNamed(connection.api, word);
    const context = await reviewContext(connection, options.folder);
    const outcome = await output.during('Undoing', undoSession(context, session));
    const place = await placeAt(await context.folderOf(session));
    output.answer(
      { ...outcome, ...place },
      [`Took ${fileCount(outcome.paths.length)} back in ${terminalLine(place.folder)}.`, branchLine(place)].join('\n'),
    );
    return 0;
  }),
});
