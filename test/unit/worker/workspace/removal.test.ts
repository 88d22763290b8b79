import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { emptyTrash, removeLine } from '../../../../worker/workspace/removal.ts';
import { makeDeep } from '../../../support/deepFolder.ts';
import { removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

describe('taking a working folder away', () => {
  afterEach(removeTempFolders);

  it('takes folders that are deeper than a path may be long, and nothing behind a link', async () => {
    const lines = tempFolder();
    const outside = tempFolder();
    writeFiles(outside, { 'kept.txt': 'x\n' });
    writeFiles(lines, { 'one/clone/a.txt': 'a\n', 'two/clone/a.txt': 'a\n' });
    makeDeep(path.join(lines, 'one/clone'));
    symlinkSync(outside, path.join(lines, 'one/clone/out'));
    await removeLine(lines, 'one');
    assert.deepEqual(readdirSync(path.join(lines, '.trash')), []);
    await removeLine(lines, 'two');
    assert.deepEqual(readdirSync(lines), ['.trash']);
    assert.ok(existsSync(path.join(outside, 'kept.txt')));
  });

  it('takes folders that nobody may write to or look into', async function () {
    if (process.platform === 'win32' || process.getuid === undefined) this.skip();
    const lines = tempFolder();
    writeFiles(lines, { 'one/clone/cache/a/b.txt': 'a\n', 'one/clone/closed/c.txt': 'c\n' });
    for (const [name, mode] of [
      ['one/clone/cache/a', 0o555],
      ['one/clone/cache', 0o555],
      ['one/clone/closed', 0o000],
    ] as const)
      chmodSync(path.join(lines, name), mode);
    const back = process.getuid() === 0 ? asNobody(lines) : () => undefined;
    try {
      await removeLine(lines, 'one');
    } finally {
      back();
    }
    assert.deepEqual(readdirSync(path.join(lines, '.trash')), []);
  });

  it('goes on with the others where one cannot be taken, and says which', async function () {
    // Only root can put something into the way of somebody else.
    if (process.getuid?.() !== 0) this.skip();
    const lines = tempFolder();
    writeFiles(lines, { 'one/a.txt': 'a\n', '.trash/another/a.txt': 'a\n' });
    const back = asNobody(lines);
    try {
      process.seteuid?.(0);
      writeFiles(lines, { '.trash/roots/a.txt': 'x\n' });
      process.seteuid?.(65_534);
      await removeLine(lines, 'one');
      await assert.rejects(emptyTrash(lines), /could not be deleted: roots \(/u);
    } finally {
      back();
    }
    assert.deepEqual(readdirSync(path.join(lines, '.trash')), ['roots']);
  });
});

/** Everything below belongs to a user without rights, and so does this process until it is undone: root may do anything. */
function asNobody(top: string): () => void {
  const nobody = 65_534;
  const give = (at: string): void => {
    chownSync(at, nobody, nobody);
    if (lstatSync(at).isDirectory()) for (const name of readdirSync(at)) give(path.join(at, name));
  };
  give(top);
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  return () => {
    process.seteuid?.(0);
    process.setegid?.(0);
  };
}
