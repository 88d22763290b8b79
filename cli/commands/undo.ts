import { undoSession } from '../../worker/review/review.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { command, connected } from '../command.ts';
import { folderOption, sessionWord } from '../common.ts';
import { reviewContext } from '../context.ts';
import { fileCount } from '../output.ts';

export const undo = command({
  words: [sessionWord],
  options: { ...folderOption },
  examples: [['undo ses_4f', 'the working tree as it was before "belay accept ses_4f"']],
  json: 'Accepted: {paths, leftOut, merged, folder, …}',
  run: connected(async (connection, { args: [id = ''], options, output }) => {
    const session = await connection.api.getSession({ params: { id } });
    const context = await reviewContext(connection, options.folder);
    const outcome = await undoSession(context, session);
    const folder = await context.folderOf(session);
    output.answer({ ...outcome, folder }, `Took ${fileCount(outcome.paths.length)} back in ${terminalLine(folder)}.`);
    return 0;
  }),
});
