import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { holdLogin } from '../../../../worker/run/login.ts';
import { scripted, Workbench } from '../../../fakes/workbench.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';

describe('the login of an agent without a key', () => {
  let bench: Workbench | undefined;
  afterEach(async () => {
    await bench?.close();
    bench = undefined;
  });
  after(removeTempFolders);

  it('goes to one session of the machine at a time, whichever folder that works in', async () => {
    const state = tempFolder();
    const never = new AbortController();
    const nobody = () => assert.fail('It is free.');
    const first = await holdLogin(state, 'gemini', nobody, never.signal);
    (await holdLogin(state, 'opencode', nobody, never.signal)).release();
    const waits: boolean[] = [];
    const second = await holdLogin(
      state,
      'gemini',
      (begins) => {
        waits.push(begins);
        if (waits.length === 2) first.release();
      },
      never.signal,
    );
    assert.deepEqual(waits, [true, false]);
    const stop = new AbortController();
    await assert.rejects(
      holdLogin(
        state,
        'gemini',
        () => {
          stop.abort();
        },
        stop.signal,
      ),
      { name: 'AbortError' },
    );
    second.release();
  });

  it('is linked into the run home and said to be readable, and stays away when a key is bound', async function () {
    this.timeout(60_000);
    const login = path.join(tempFolder(), 'creds.json');
    writeFileSync(login, 'refresh-1');
    const look = scripted('look', {
      driver: 'command',
      argv: ['/bin/sh', '-c', 'echo "login=$(cat "$HOME/.look/creds.json" 2>/dev/null)"'],
      loginFiles: [{ from: login, into: '.look/creds.json' }],
      secretNames: ['LOOK_KEY'],
    });
    const run = async (parentSessionId?: string) => {
      assert.ok(bench);
      const { id } = await bench.queue({ agent: 'look', ...(parentSessionId !== undefined && { parentSessionId }) });
      const session = await bench.ended(id);
      return { id, said: session.result?.summary ?? '', told: JSON.stringify(await bench.activities(id)) };
    };
    const secrets: Record<string, string> = {};
    bench = await Workbench.open({ agents: [look], secrets });
    await bench.worker.start();
    const without = await run();
    assert.match(without.said, /login=refresh-1/u, without.told);
    assert.match(without.told, /What it runs can read your login of it/u);
    secrets['LOOK_KEY'] = 'a key of its own';
    const withKey = await run(without.id);
    assert.match(withKey.said, /login=$/mu);
    assert.doesNotMatch(withKey.told, /can read your login/u);
  });
});
