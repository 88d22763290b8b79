import assert from 'node:assert/strict';
import path from 'node:path';
import { WrittenReader } from '../../../../worker/workspace/writtenReader.ts';
import { countGit } from '../../../support/countGit.ts';
import { git, makeRepository, removeTempFolders } from '../../../support/repository.ts';

describe('committed files as the person writes them', () => {
  const readers: WrittenReader[] = [];
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.dispose();
    removeTempFolders();
  });
  function readerOf(repo: string, filters = true): { reader: WrittenReader; idOf: (name: string) => string } {
    const reader = new WrittenReader({ gitDir: path.join(repo, '.git'), workTree: repo, filters });
    readers.push(reader);
    return { reader, idOf: (name) => git(repo, 'rev-parse', `HEAD:${name}`) };
  }

  it('are read by one process of git, however many, each with its own filters', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `${i}.${i % 2 === 0 ? 'txt' : 'bin'}`);
    const repo = makeRepository({
      '.gitattributes': '*.txt text eol=crlf\n',
      ...Object.fromEntries(names.map((name) => [name, `${name}\n`])),
    });
    const { reader, idOf } = readerOf(repo);
    const ids = names.map(idOf);
    const counted = countGit();
    try {
      for (const [n, name] of names.entries())
        assert.equal((await reader.read(ids[n] ?? '', name)).toString(), name.endsWith('.txt') ? `${name}\r\n` : `${name}\n`);
      assert.equal(counted.started().length, 1);
    } finally {
      counted.restore();
    }
  });

  it('are whole, whatever they hold and whatever their name looks like', async () => {
    const contents = {
      empty: '',
      ' begins with a space': 'a space\n',
      'with\nbreak': 'a break',
      'ends with a return\r': 'a return',
      'two  spaces': 'two\n',
      '-x': 'an option',
      'an answer': `${'0'.repeat(40)} blob 3\nabc\nbelay-x missing\n`,
      large: 'large\n'.repeat(500_000),
    };
    const repo = makeRepository(contents);
    for (const filters of [true, false]) {
      const { reader, idOf } = readerOf(repo, filters);
      for (const [name, text] of Object.entries(contents)) assert.ok((await reader.read(idOf(name), name)).toString() === text, name);
    }
  });

  it('that a driver refuses are told in its words, and the next one is read', async () => {
    const repo = makeRepository({ '.gitattributes': '*.secret filter=locked\n', 'a.secret': 'a\n', 'b.txt': 'b\n' });
    const { reader, idOf } = readerOf(repo);
    git(repo, 'config', 'filter.locked.smudge', 'echo no key >&2; exit 1');
    git(repo, 'config', 'filter.locked.required', 'true');
    await assert.rejects(reader.read(idOf('a.secret'), 'a.secret'), /no key/u);
    assert.equal((await reader.read(idOf('b.txt'), 'b.txt')).toString(), 'b\n');
    await assert.rejects(reader.read('1'.repeat(40), 'b.txt'), /git cat-file failed/u);
  });
});
