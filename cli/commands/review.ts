/** Deciding on a result. */
import { BelayError } from '../../protocol/errors.ts';
import { quotedName } from '../../protocol/shownText.ts';
import { acceptSession, acceptWords, closeSession, discardSession, sendBack, undoSession } from '../../worker/review/review.ts';
import { connected, text } from '../command.ts';
import { reviewContext, state } from '../context.ts';
import { heldBackLines } from '../follow.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { fileCount } from '../output.ts';

export const accept = connected(
  'accept SESSION [--host-executed] [--folder F]',
  'Bring a result into your working tree; --host-executed: with files that your machine would run',
  1,
  async (connection, { args: [id = ''], flags, output }) => {
    const session = await connection.api.getSession({ params: { id } });
    const context = await reviewContext(connection, text(flags, 'folder'));
    if (!session.result?.headCommit) {
      await acceptWords(context, session);
      output.answer({}, 'Accepted.');
      return 0;
    }
    const hostExecuted =
      flags['host-executed'] === true ? session.result.files.filter((file) => file.class === 'host_executed').map((file) => file.path) : [];
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
  },
);

export const close = connected(
  'close SESSION',
  'Settle a session of which nothing came out; its item stays as it is',
  1,
  async (connection, { args: [id = ''], output }) => {
    const session = await connection.api.getSession({ params: { id } });
    await closeSession({ api: connection.api, stateDir: state }, session);
    output.answer({}, ['Closed.', ...heldBackLines(session)].join('\n'));
    return 0;
  },
);

export const undo = connected(
  'undo SESSION [--folder F]',
  'Take an accepted result out again',
  1,
  async (connection, { args: [id = ''], flags, output }) => {
    const session = await connection.api.getSession({ params: { id } });
    const context = await reviewContext(connection, text(flags, 'folder'));
    const outcome = await undoSession(context, session);
    const folder = await context.folderOf(session);
    output.answer({ ...outcome, folder }, `Took ${fileCount(outcome.paths.length)} back in ${terminalLine(folder)}.`);
    return 0;
  },
);

export const back = connected(
  'back SESSION --text TEXT [--folder F]',
  'Send a result back with what should change',
  1,
  async (connection, { args: [id = ''], flags, output }) => {
    const note = text(flags, 'text');
    if (!note) throw new BelayError('bad_request', 'What should change? Say it with --text.');
    const session = await sendBack(
      await reviewContext(connection, text(flags, 'folder')),
      await connection.api.getSession({ params: { id } }),
      note,
    );
    output.answer(session, `Queued the follow-up ${session.id}.`);
    return 0;
  },
);

export const discard = connected(
  'discard SESSION --yes [--folder F]',
  'Throw a result and its working folder away',
  1,
  async (connection, { args: [id = ''], flags, output }) => {
    if (flags['yes'] !== true)
      throw new BelayError('bad_request', 'This deletes the working folder of the session.', { hint: 'Say --yes.' });
    const context = await reviewContext(connection, text(flags, 'folder'), (line) => {
      output.progress(line);
    });
    await discardSession(context, await connection.api.getSession({ params: { id } }));
    output.answer({}, 'Discarded.');
    return 0;
  },
);
