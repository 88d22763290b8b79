import assert from 'node:assert/strict';
import * as os from 'node:os';
import { cleanEnv } from '../../../client/runtime.ts';
import { socketPath, stateDir } from '../../../client/stateDir.ts';

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
