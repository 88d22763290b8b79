import { quotedName } from '../../protocol/shownText.ts';
import { acceptSession, acceptWords } from '../../worker/review/review.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { command, connected } from '../base/command.ts';
import { reviewContext } from '../session/context.ts';
import { folderOption, sessionWord } from '../base/common.ts';
import { sessionNamed } from '../base/names.ts';
import { fileCount } from '../base/output.ts';
import { branchLine, placeAt } from '../session/place.ts';

export const accept = command({
  words: [sessionWord],
  options: {
    'host-executed': { says: 'with files that your machine would run by itself' },
    ...folderOption,
  },
  examples: [
    ['accept BUG-1/2', 'write its files into your working tree, complete the item'],
    ['accept BUG-1/2 --host-executed', 'also git hooks, editor tasks and the like, which are left out otherwise'],
  ],
  json: 'Accepted: {paths, leftOut, merged, folder, …}; {} for a result in words',
  run: connected(async (connection, { args: [word = ''], options, output }) => {
    const session = await sessionNamed(connection.api, word);
    const context = await reviewContext(connection, options.folder);
    if (!session.result?.headCommit) {
      await acceptWords(context, session);
      output.answer({}, 'Accepted.');
      return 0;
    }
    const hostExecuted = options['host-executed']
      ? session.result.files.filter((file) => file.class === 'host_executed').map((file) => file.path)
      : [];
    const outcome = await output.during('Accepting', acceptSession(context, session, hostExecuted));
    const place = await placeAt(await context.folderOf(session));
    output.answer(
      { ...outcome, ...place },
      [
        `Accepted ${fileCount(outcome.paths.length)} into ${terminalLine(place.folder)}.`,
        branchLine(place),
        ...outcome.leftOut.map((file) => `Left out: ${quotedName(file)}`),
      ].join('\n'),
    );
    return 0;
  }),
});
