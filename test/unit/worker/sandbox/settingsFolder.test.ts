import assert from 'node:assert/strict';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { showSettings } from '../../../../worker/sandbox/settingsFolder.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';

describe('the settings of the system that programs see', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  after(removeTempFolders);

  it('are copies of what is open by name, large folders mounted, with no key among them', () => {
    const folder = path.join(tempFolder(), 'etc');
    const [how, ...shown] = showSettings(folder, []);
    assert.deepEqual([how, shown[0], shown[1]], ['--ro-bind', folder, '/etc']);
    assert.equal(readFileSync(path.join(folder, 'passwd'), 'utf8'), readFileSync('/etc/passwd', 'utf8'));
    for (const closed of ['shadow', 'ssh', 'apt', 'ssl/private']) assert.ok(!existsSync(path.join(folder, closed)), closed);
    for (const name of readdirSync(folder))
      assert.equal(lstatSync(path.join(folder, name)).isSymbolicLink(), lstatSync(`/etc/${name}`).isSymbolicLink(), name);
  });

  it('have in their place what a person opened, as it is at any moment', () => {
    const folder = path.join(tempFolder(), 'etc');
    const opened = ['/etc/shadow', '/etc/apt/sources.list.d', '/etc/passwd', '/etc', '/etc/absent', '/usr/share'];
    const without = showSettings(path.join(tempFolder(), 'etc'), []);
    assert.deepEqual(
      showSettings(folder, opened).slice(without.length),
      ['/etc/shadow', '/etc/apt/sources.list.d', '/etc/passwd'].flatMap((entry) => ['--ro-bind-try', entry, entry]),
    );
    assert.equal(readFileSync(path.join(folder, 'shadow'), 'utf8'), '');
    assert.ok(lstatSync(path.join(folder, 'apt/sources.list.d')).isDirectory());
  });
});
