import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import type { SessionResult } from '../../protocol/records.ts';
import { pathsOfFile } from '../../protocol/resultFiles.ts';
import { oneLine, quotedName } from '../../protocol/shownText.ts';
import { boundFolder } from '../../worker/loop/boundFolder.ts';
import { safeGit } from '../../worker/workspace/git.ts';
import { resultObjects } from '../../worker/workspace/resultFiles.ts';
import { command, connected } from '../base/command.ts';
import { sessionWord } from '../base/common.ts';
import { bindHere } from '../session/context.ts';
import { state } from '../base/here.ts';
import { sessionNamed } from '../base/names.ts';
import { fileCount } from '../base/output.ts';
import { coloured } from '../records/diffText.ts';
import { lines, type Shown } from '../base/shown.ts';
import { table } from '../base/table.ts';

export const diff = command({
  words: [sessionWord, { name: 'FILE', says: 'only these, from the top of the repository', optional: true, many: true }],
  options: {
    stat: { says: 'the files with how many lines changed' },
    folder: { value: 'PATH', says: 'the folder of the repository, where it is not bound yet' },
  },
  examples: [
    ['diff BUG-1/2', 'what it changed, in colour and page by page on a terminal'],
    ['diff BUG-1/2 --stat', 'which files'],
    ['diff BUG-1/2 src/greeting.ts', 'one file'],
  ],
  json: '{session, baseCommit, headCommit, files, diff}; diff is null with --stat',
  run: connected(async (connection, { args: [word = '', ...wanted], options, output }) => {
    const session = await sessionNamed(connection.api, word);
    const { result } = session;
    if (!result?.headCommit || result.baseCommit === null)
      throw new BelayError('not_found', 'There are no changes to show.', { hint: `"belay show ${session.id}" says what came of it.` });
    const files = result.files.filter(
      (file) => wanted.length === 0 || wanted.some((name) => pathsOfFile(file).some((at) => isIn(at, name))),
    );
    if (files.length === 0)
      throw new BelayError('not_found', `The result has no ${wanted.map(quotedName).join(' or ')}.`, { hint: '--stat lists its files.' });
    const about = { session: session.id, baseCommit: result.baseCommit, headCommit: result.headCommit, files };
    if (options.stat) {
      await output.pages({ ...about, diff: null }, statText(files));
      return 0;
    }
    if (options.folder !== undefined) await bindHere(connection, options.folder);
    const gitDir = await resultObjects(boundFolder(state, session), path.join(state, 'lines', session.lineId));
    const names = wanted.length === 0 ? [] : files.flatMap(pathsOfFile).map((name) => `:(top,literal)${name}`);
    const { text } = await safeGit(
      ['diff', '--no-color', '--no-ext-diff', '--no-textconv', '-M', about.baseCommit, about.headCommit, '--', ...names],
      { gitDir },
    );
    await output.pages({ ...about, diff: text }, coloured(text));
    return 0;
  }),
});

const isIn = (file: string, name: string): boolean => {
  const plain = path.posix.normalize(name).replace(/\/$/u, '');
  return plain === '.' || file === plain || file.startsWith(`${plain}/`);
};

function statText(files: SessionResult['files']): Shown {
  const total = (of: 'added' | 'deleted') => files.reduce((sum, file) => sum + (file[of] ?? 0), 0);
  return lines([
    table(
      files.map((file) => [
        { text: `+${file.added ?? 0}`, style: 'green' },
        { text: `-${file.deleted ?? 0}`, style: 'red' },
        [
          pathsOfFile(file).map(quotedName).join(' → '),
          ...(file.class === 'host_executed' ? [`(runs on your machine: ${oneLine(file.reason ?? '')})`] : []),
        ].join(' '),
      ]),
    ),
    `${fileCount(files.length)}, +${total('added')} -${total('deleted')}`,
  ]);
}
