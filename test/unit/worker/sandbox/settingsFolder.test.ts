import assert from 'node:assert/strict';
import { existsSync, lstatSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { showSettings } from '../../../../worker/sandbox/settingsFolder.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';

describe('the settings of the system that programs see', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  after(removeTempFolders);

  it('are copies of what is open by name, with no key among them', () => {
    const { folder, args } = showSettings(tempFolder(), []);
    assert.deepEqual(args, ['--ro-bind', folder, '/etc']);
    assert.equal(readFileSync(path.join(folder, 'passwd'), 'utf8'), readFileSync('/etc/passwd', 'utf8'));
    for (const closed of ['shadow', 'ssh', 'apt', 'ssl/private']) assert.ok(!existsSync(path.join(folder, closed)), closed);
    for (const name of readdirSync(folder))
      assert.equal(lstatSync(path.join(folder, name)).isSymbolicLink(), lstatSync(`/etc/${name}`).isSymbolicLink(), name);
  });

  it('have in their place what a person opened, as it is at any moment', () => {
    const opened = ['/etc/shadow', '/etc/apt/sources.list.d', '/etc/passwd', '/etc', '/etc/absent', '/usr/share'];
    const { folder, args } = showSettings(tempFolder(), opened);
    const mounted = ['/etc/shadow', '/etc/apt/sources.list.d', '/etc/passwd'];
    assert.deepEqual(
      args.slice(3),
      mounted.flatMap((entry) => ['--ro-bind-try', entry, entry]),
    );
    assert.equal(readFileSync(path.join(folder, 'shadow'), 'utf8'), '');
    assert.ok(lstatSync(path.join(folder, 'apt/sources.list.d')).isDirectory());
  });

  it('are made once, and those that no run can use any more are removed', () => {
    const kept = tempFolder();
    const { folder } = showSettings(kept, []);
    const made = lstatSync(path.join(folder, 'passwd')).ino;
    const { folder: again } = showSettings(kept, []);
    assert.equal(lstatSync(path.join(again, 'passwd')).ino, made);
    utimesSync(folder, 0, 0);
    const { folder: other } = showSettings(kept, ['/etc/shadow']);
    assert.deepEqual(readdirSync(kept), [path.basename(other)]);
  });
});
