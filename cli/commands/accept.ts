import { quotedName } from '../../protocol/shownText.ts';
import { acceptSession, acceptWords } from '../../worker/review/review.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { command, connected } from '../command.ts';
import { reviewContext } from '../context.ts';
import { folderOption, sessionWord } from '../common.ts';
import { fileCount } from '../output.ts';

export const accept = command({
  words: [sessionWord],
  options: {
    'host-executed': { says: 'with files that your machine would run by itself' },
    ...folderOption,
  },
  examples: [
    ['accept ses_4f', 'write its files into your working tree, complete the item'],
    ['accept ses_4f --host-executed', 'also git hooks, editor tasks and the like, which are left out otherwise'],
  ],
  json: 'Accepted: {paths, leftOut, merged, folder, …}; {} for a result in words',
  run: connected(async (connection, { args: [id = ''], options, output }) => {
    const session = await connection.api.getSession({ params: { id } });
    const context = await reviewContext(connection, options.folder);
    if (!session.result?.headCommit) {
      await acceptWords(context, session);
      output.answer({}, 'Accepted.');
      return 0;
    }
    const hostExecuted = options['host-executed']
      ? session.result.files.filter((file) => file.class === 'host_executed').map((file) => file.path)
      : [];
    const outcome = await acceptSession(context, session, hostExecuted);
    const folder = await context.folderOf(session);
    output.answer(
      { ...outcome, folder },
      [
        `Accepted ${fileCount(outcome.paths.length)} into ${terminalLine(folder)}.`,
        ...outcome.leftOut.map((file) => `Left out: ${quotedName(file)}`),
      ].join('\n'),
    );
    return 0;
  }),
});
