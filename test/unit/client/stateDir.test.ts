import assert from 'node:assert/strict';
import * as os from 'node:os';
import { cleanEnv } from '../../../client/runtime.ts';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeStateDir, socketPath, stateDir } from '../../../client/stateDir.ts';
import { isBelayError } from '../../../protocol/errors.ts';

describe('the state folder', () => {
  it('is where each system keeps such things', () => {
    const home = os.homedir();
    assert.equal(stateDir({}, 'linux'), `${home}/.local/state/belay`);
    assert.equal(stateDir({ XDG_STATE_HOME: '/x' }, 'linux'), '/x/belay');
    assert.equal(stateDir({ XDG_STATE_HOME: 'relative' }, 'linux'), `${home}/.local/state/belay`);
    assert.equal(stateDir({}, 'darwin'), `${home}/Library/Application Support/Belay`);
    assert.match(stateDir({ LOCALAPPDATA: 'C:\\L' }, 'win32'), /^C:\\L.Belay$/);
    assert.equal(stateDir({ BELAY_STATE_DIR: '/other', XDG_STATE_HOME: '/x' }, 'linux'), '/other');
  });

  it('is made for this user only, and left as it is when it is there', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-state-'));
    try {
      const made = path.join(folder, 'a/b');
      makeStateDir(made);
      assert.equal(statSync(made).mode & 0o777, 0o700);
      const own = path.join(folder, 'own');
      mkdirSync(own, { mode: 0o750 });
      makeStateDir(own);
      assert.equal(statSync(own).mode & 0o777, 0o750);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is named, with what to do, where it cannot be', function () {
    if (process.platform !== 'linux') this.skip();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-state-'));
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    // Nobody may make a folder in /proc, and asked for several at once the system never gives up.
    for (const impossible of [file, path.join(file, 'below'), '/proc/belay/state'])
      assert.throws(
        () => {
          makeStateDir(impossible);
        },
        (error) =>
          isBelayError(error, 'storage_read_only') && error.message.includes(impossible) && /BELAY_STATE_DIR/.test(error.hint ?? ''),
      );
    rmSync(folder, { recursive: true, force: true });
  });

  it('has a socket every system can open', () => {
    assert.equal(socketPath('/s', 'linux'), '/s/platform/platform.sock');
    const long = socketPath(`/${'é'.repeat(60)}`, 'linux');
    assert.ok(Buffer.byteLength(long) <= 103);
    assert.equal(socketPath(`/${'é'.repeat(60)}`, 'linux'), long);
    assert.notEqual(socketPath(`/${'é'.repeat(61)}`, 'linux'), long);
    assert.match(socketPath('/s', 'win32'), /^\\\\\.\\pipe\\belay-[0-9a-f]{24}$/);
  });
});

describe('the environment of background processes', () => {
  it('has nothing secret and nothing of the editor', () => {
    const env = cleanEnv({ PATH: '/bin', HOME: '/h', OPENAI_API_KEY: 's', NODE_OPTIONS: '--inspect', VSCODE_PID: '1' });
    assert.deepEqual(env, { ELECTRON_RUN_AS_NODE: '1', PATH: '/bin', HOME: '/h' });
  });
});
