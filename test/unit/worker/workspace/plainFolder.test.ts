import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isBelayError } from '../../../../protocol/errors.ts';
import { describeClone } from '../../../../worker/run/describeClone.ts';
import { acceptResult, undoAccept } from '../../../../worker/workspace/accept.ts';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { openCheckout } from '../../../../worker/workspace/repository.ts';
import { acceptOf, gateOf, lineOn, told } from '../../../support/line.ts';
import { moveOut, settleIn } from '../../../support/personHome.ts';
import { git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

const refused = (pattern: RegExp) => (error: unknown) => isBelayError(error) && pattern.test(error.message) && Boolean(error.hint);

describe('a folder that git does not open', () => {
  afterEach(() => {
    moveOut();
    removeTempFolders();
  });

  it('is told from one that lies in no repository', async () => {
    const repo = makeRepository({ 'deep/a.txt': 'a\n' });
    const bare = path.join(tempFolder(), 'bare.git');
    git(repo, 'clone', '--quiet', '--bare', repo, bare);
    for (const folder of ['.git', '.git/objects', '.git/refs/heads'])
      await assert.rejects(openCheckout(path.join(repo, folder)), refused(/inside a git directory/u), folder);
    await assert.rejects(openCheckout(bare), refused(/bare repository/u));
    const plain = path.join(tempFolder(), 'plain');
    mkdirSync(path.join(plain, 'deep/.git'), { recursive: true });
    mkdirSync(path.join(plain, 'deep/below'));
    assert.equal((await openCheckout(plain)).git, null);
    assert.equal((await openCheckout(path.join(plain, 'deep/below'))).git, null);
  });

  it('is refused below a repository that is damaged or leads nowhere, with the folder that has it', async () => {
    const damages: Record<string, (repo: string) => void> = {
      'a damaged HEAD': (repo) => {
        writeFileSync(path.join(repo, '.git/HEAD'), 'nonsense');
      },
      'no objects': (repo) => {
        rmSync(path.join(repo, '.git/objects'), { recursive: true });
      },
      'a file that leads nowhere': (repo) => {
        rmSync(path.join(repo, '.git'), { recursive: true });
        writeFileSync(path.join(repo, '.git'), 'gitdir: /nowhere/at/all\n');
      },
      'a file that says nothing': (repo) => {
        rmSync(path.join(repo, '.git'), { recursive: true });
        writeFileSync(path.join(repo, '.git'), 'x\n');
      },
      'a link that leads nowhere': (repo) => {
        rmSync(path.join(repo, '.git'), { recursive: true });
        symlinkSync('/nowhere/at/all', path.join(repo, '.git'));
      },
    };
    for (const [what, damage] of Object.entries(damages)) {
      const repo = makeRepository({ 'deep/a.txt': 'a\n' });
      damage(repo);
      for (const folder of [repo, path.join(repo, 'deep')])
        await assert.rejects(openCheckout(folder), refused(/cannot open the repository/u), what);
    }
  });

  it('is refused below a repository that cannot be read', async function () {
    if (process.getuid?.() === 0) this.skip();
    const repo = makeRepository({ 'deep/a.txt': 'a\n' });
    chmodSync(path.join(repo, '.git'), 0);
    for (const folder of [repo, path.join(repo, 'deep')])
      await assert.rejects(openCheckout(folder), refused(/cannot open the repository/u));
    chmodSync(path.join(repo, '.git'), 0o755);
  });

  it('is never copied where it holds the home folder, settings of the person, a folder of the system or the copy itself', async () => {
    const home = settleIn({ '.ssh/id_ed25519': 'key\n', 'notes/a.txt': 'a\n', 'notes/deep/b.txt': 'b\n' });
    const clone = (repositoryPath: string, lineDir = path.join(tempFolder(), 'line')) =>
      createClone({ repositoryPath, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
    for (const folder of [home, path.join(home, '.ssh'), path.dirname(home), '/', '/etc'])
      await assert.rejects(clone(folder), refused(/is not copied for a run/u), folder);
    const link = path.join(tempFolder(), 'link');
    symlinkSync(home, link);
    await assert.rejects(clone(link), refused(/whole home folder/u));
    await assert.rejects(clone(path.join(home, 'notes'), path.join(home, 'notes/lines/a')), refused(/own folder lies in it/u));
    assert.equal((await clone(path.join(home, 'notes'))).kind, 'copy');
  });

  it('is copied without what is no file and without what git keeps of repositories in it, and says so', async function () {
    if (process.platform === 'win32') this.skip();
    const plain = path.join(tempFolder(), 'plain');
    writeFiles(plain, {
      'a.txt': 'a\n',
      'full/b.txt': 'b\n',
      'empty/c.txt': 'c\n',
      'broken/.git': 'gitdir: /nowhere\n',
      'broken/d.txt': 'd\n',
    });
    execFileSync('/bin/sh', ['-c', 'printf x > "$(printf "not\\377unicode")"'], { cwd: plain });
    for (const name of ['full', 'empty']) git(path.join(plain, name), 'init', '--quiet');
    git(path.join(plain, 'full'), 'add', 'b.txt');
    git(path.join(plain, 'full'), 'commit', '--quiet', '-m', 'B');
    execFileSync('mkfifo', [path.join(plain, 'pipe'), path.join(plain, 'full/.gitignore')]);
    const line = await lineOn(plain);
    const left = ['broken/.git', 'empty/.git', 'full/.git', 'full/.gitignore', 'not\ufffdunicode', 'pipe'];
    assert.deepEqual([...line.clone.notCopied].sort(), left);
    assert.match(describeClone(line.clone), /Without pipes, sockets and the git directories of repositories in the folder: /u);
    writeFiles(line.clone.path, { 'a.txt': 'changed\n', 'full/b.txt': 'changed\n' });
    const outcome = await gateOf(line);
    assert.deepEqual(told(outcome), {
      leaves: ['modified a.txt'],
      held: { 'full/b.txt': 'full in your checkout is another repository' },
    });
    await acceptResult(acceptOf(line, outcome));
    assert.equal(readFileSync(path.join(plain, 'a.txt'), 'utf8'), 'changed\n');
  });

  it('gets back the very bytes, whatever its files say of ends of lines and encodings', async () => {
    const plain = path.join(tempFolder(), 'plain');
    const rules = '* text=auto eol=crlf ident\n*.lf eol=lf\n*.wide working-tree-encoding=UTF-16LE\n*.big filter=lfs\n';
    const before = {
      '.gitattributes': rules,
      'unix.txt': 'a\nb\n',
      'dos.txt': 'a\r\nb\r\n',
      'dos.lf': '$Id$\r\nb\r\n',
      'odd.wide': 'abc',
      'a.big': 'a\n',
    };
    writeFiles(plain, before);
    const line = await lineOn(plain);
    assert.equal(git(line.clone.path, 'status', '--porcelain'), '');
    const after = {
      'unix.txt': 'a\nb\nc\n',
      'dos.txt': 'a\r\nb\r\nc\r\n',
      'dos.lf': '$Id$\r\n',
      'odd.wide': 'abcd',
      'a.big': 'b\n',
      'new.txt': 'x\r\ny\n',
    };
    writeFiles(line.clone.path, after);
    const request = acceptOf(line, await gateOf(line));
    await acceptResult(request);
    const now = (names: object) =>
      Object.fromEntries(Object.keys(names).map((name) => [name, readFileSync(path.join(plain, name), 'utf8')]));
    assert.deepEqual(now(after), after);
    await undoAccept(request.recordsDir, 'ses_a');
    assert.deepEqual(now(before), before);
  });
});
