import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { aSession } from '../../../builders/session.ts';
import { makeResult } from '../../../../worker/run/result.ts';
import { acceptSession } from '../../../../worker/review/review.ts';
import type { BelayApi } from '../../../../protocol/typedClient.ts';
import { gateOf, lineOn, told } from '../../../support/line.ts';
import { fingerprint, git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

const text = (name: string) => Array.from({ length: 20 }, (_, index) => `${name} line ${index}\n`).join('');
const start = { '.gitignore': 'build/\nnode_modules/\n*.log\n', 'src/a.js': text('a'), 'src/b.js': text('b'), 'keep.txt': 'k\n' };

describe('a move in what the agent left', () => {
  afterEach(removeTempFolders);

  it('leaves whole where git tracks the new path that its rules would ignore, committed or only staged', async () => {
    for (const commit of [true, false]) {
      const line = await lineOn(makeRepository(start));
      mkdirSync(path.join(line.clone.path, 'build'));
      git(line.clone.path, 'mv', 'src/a.js', 'build/a.js');
      if (commit) git(line.clone.path, 'commit', '--quiet', '-m', 'Move');
      writeFiles(line.clone.path, { 'build/other.js': text('other'), 'x.log': 'l\n' });
      assert.deepEqual(told(await gateOf(line)), { leaves: ['renamed src/a.js → build/a.js'], held: {} });
    }
  });

  it('takes a new file that the agent tracks although it is ignored, and none that it removed again', async () => {
    const line = await lineOn(makeRepository(start));
    writeFiles(line.clone.path, { 'x.log': 'l\n', 'y.log': 'l\n' });
    git(line.clone.path, 'add', '-f', 'x.log', 'y.log');
    git(line.clone.path, 'commit', '--quiet', '-m', 'Logs');
    rmSync(path.join(line.clone.path, 'y.log'));
    assert.deepEqual(told(await gateOf(line)), { leaves: ['added x.log'], held: {} });
  });

  it('counts an edit made on the way as a change of lines, not as a whole new file', async () => {
    const line = await lineOn(makeRepository(start));
    rmSync(path.join(line.clone.path, 'src/a.js'));
    writeFiles(line.clone.path, { 'lib/a.js': `${text('a')}one more\n` });
    const outcome = await gateOf(line);
    assert.deepEqual(told(outcome).leaves, ['renamed src/a.js → lib/a.js']);
    assert.deepEqual([outcome.added, outcome.deleted], [1, 0]);
  });

  it('is held back whole, both halves named, where the new path is held back or ignored', async () => {
    const outside = path.join(tempFolder(), 'elsewhere');
    mkdirSync(outside);
    const places: Record<string, string> = {
      'a control file': '.vscode/tasks.json',
      'a name no file system should get': 'src/aux.js',
      'an edited file with such a name': 'src/con.js',
      'an ignored folder that nobody tracks': 'build/a.js',
      'a nested repository': 'inner/a.js',
    };
    for (const [what, place] of Object.entries(places)) {
      const line = await lineOn(makeRepository(start));
      mkdirSync(path.join(line.clone.path, path.dirname(place)), { recursive: true });
      if (place.startsWith('inner')) git(path.join(line.clone.path, 'inner'), 'init', '--quiet');
      renameSync(path.join(line.clone.path, 'src/a.js'), path.join(line.clone.path, place));
      if (place.includes('con')) writeFiles(line.clone.path, { [place]: `${text('a')}edited\n` });
      writeFiles(line.clone.path, { 'keep.txt': 'changed\n' });
      const { leaves, held } = told(await gateOf(line));
      assert.deepEqual(leaves, ['modified keep.txt'], what);
      assert.match(held['src/a.js'] ?? '', new RegExp(`^moved to ${place}, which is `, 'u'), what);
      assert.ok(held[place] !== undefined, what);
    }
  });

  it('leaves whole where only one of several new places is held back', async () => {
    const line = await lineOn(makeRepository(start));
    writeFiles(line.clone.path, { 'build/a.js': start['src/a.js'], 'lib/a.js': start['src/a.js'] });
    rmSync(path.join(line.clone.path, 'src/a.js'));
    assert.deepEqual(told(await gateOf(line)), { leaves: ['renamed src/a.js → lib/a.js'], held: {} });
  });

  it('holds the new half back where the old one may not be removed', async () => {
    const line = await lineOn(makeRepository({ ...start, '.vscode/settings.json': text('settings') }));
    renameSync(path.join(line.clone.path, '.vscode/settings.json'), path.join(line.clone.path, 'plain.json'));
    const { leaves, held } = told(await gateOf(line));
    assert.deepEqual([leaves, Object.keys(held).sort()], [[], ['.vscode/settings.json', 'plain.json']]);
  });

  it('keeps what a held back link, file or folder would replace', async () => {
    const line = await lineOn(makeRepository({ ...start, 'data/x.txt': text('x'), plain: text('plain') }));
    for (const name of ['data', 'plain']) rmSync(path.join(line.clone.path, name), { recursive: true });
    symlinkSync('/etc', path.join(line.clone.path, 'data'));
    writeFiles(line.clone.path, { 'plain/.vscode/tasks.json': '{}\n' });
    const { leaves, held } = told(await gateOf(line));
    assert.deepEqual(leaves, []);
    assert.deepEqual(Object.keys(held).sort(), ['data', 'data/x.txt', 'plain', 'plain/.vscode/tasks.json']);
  });

  it('lets a plain removal leave, also beside ignored files of the same name', async () => {
    const line = await lineOn(makeRepository({ ...start, LICENSE: text('license') }));
    writeFiles(line.clone.path, { 'node_modules/x/LICENSE': text('license'), 'build/a.js': text('something else') });
    git(line.clone.path, 'rm', '--quiet', 'LICENSE', 'src/a.js');
    assert.deepEqual(told(await gateOf(line)).leaves, ['deleted LICENSE', 'deleted src/a.js']);
  });

  it('stays out of an Accept whole where its new half got no yes', async () => {
    const line = await lineOn(makeRepository({ ...start, 'folder/x.txt': text('x') }));
    git(line.clone.path, 'mv', 'src/a.js', 'Makefile');
    rmSync(path.join(line.clone.path, 'folder'), { recursive: true });
    symlinkSync('src', path.join(line.clone.path, 'folder'));
    writeFiles(line.clone.path, { 'keep.txt': 'changed\n' });
    const gate = await gateOf(line);
    const result = makeResult({ mode: 'code', gate, summary: '', checks: [], baseCommit: gate.baseCommit });
    const session = aSession({ id: 'ses_a', lineId: 'line_a', fence: 1, itemId: null, state: 'complete', can: ['accept'], result });
    const context = { stateDir: tempFolder(), folderOf: () => Promise.resolve(line.repo) };
    const api = { addReview: () => Promise.resolve({}) } as unknown as BelayApi;
    const outcome = await acceptSession({ ...context, api }, session, []);
    assert.deepEqual(outcome.paths, ['keep.txt']);
    assert.deepEqual([...outcome.leftOut].sort(), ['Makefile', 'folder', 'folder/x.txt', 'src/a.js']);
    assert.ok(fingerprint(line.repo)['src/a.js']);
  });
});
