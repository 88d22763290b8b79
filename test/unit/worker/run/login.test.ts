import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { holdLogin } from '../../../../worker/run/login.ts';
import { copyLogin, returnLogin } from '../../../../worker/run/loginCopy.ts';
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

  it('is copied into the run home and said to be readable, and stays away when a key is bound', async function () {
    this.timeout(60_000);
    const login = path.join(tempFolder(), 'creds.json');
    writeFileSync(login, 'refresh-1');
    const look = scripted('look', {
      driver: 'command',
      argv: ['/bin/sh', '-c', 'echo "login=$(cat "$HOME/.look/creds.json" 2>/dev/null)"'],
      loginFiles: [{ from: login, into: '.look/creds.json', renewed: [] }],
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

  it('takes back what was renewed, and no setting, key or file that an agent leaves in it', async function () {
    this.timeout(60_000);
    const login = path.join(tempFolder(), 'auth.json');
    const own = {
      provider: { type: 'oauth', access: 'access-1', refresh: 'refresh-1', expires: 1 },
      other: { type: 'api', key: 'sk-1' },
    };
    writeFileSync(login, JSON.stringify(own));
    const after = {
      provider: { type: 'wellknown', access: 'access-2', refresh: '!sh -c id', expires: 2, command: '/bin/evil' },
      other: { type: 'api', key: 'sk-2' },
      'https://evil.example': { type: 'wellknown', key: 'x', access: 'y' },
    };
    const script = `cp "$HOME/.look/auth.json" seen.json; printf %s '${JSON.stringify(after)}' > "$HOME/.look/auth.json"; echo evil > ${login}; cat ${login}`;
    const look = scripted('look', {
      driver: 'command',
      argv: ['/bin/sh', '-c', script],
      loginFiles: [
        {
          from: login,
          into: '.look/auth.json',
          renewed: [
            ['*', 'access'],
            ['*', 'refresh'],
            ['*', 'expires'],
          ],
        },
      ],
    });
    bench = await Workbench.open({ agents: [look] });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'look' });
    const session = await bench.ended(id);
    assert.deepEqual(
      session.result?.files.map((file) => file.path),
      ['seen.json'],
      JSON.stringify(session),
    );
    const back = await bench.until('the login', () => {
      const text = readFileSync(login, 'utf8');
      return text.includes('access-2') ? text : null;
    });
    assert.deepEqual(JSON.parse(back), { ...own, provider: { ...own.provider, access: 'access-2', expires: 2 } });
    const copy = path.join(bench.stateDir, 'lines', session.lineId, 'home/look/.look/auth.json');
    assert.ok(!existsSync(copy));
  });

  it('stays as it is where the person’s own program renewed it meanwhile, or the agent left nothing that can be read', async () => {
    const lineDir = tempFolder();
    const from = path.join(tempFolder(), 'auth.json');
    const agent = { slug: 'look', loginFiles: [{ from, into: 'auth.json', renewed: [['token']] }] };
    const copy = path.join(lineDir, 'home/look/auth.json');
    const lent = async (change: () => void): Promise<string> => {
      writeFileSync(from, '{"token":"one"}');
      await copyLogin(lineDir, agent);
      change();
      await returnLogin(lineDir, agent);
      return readFileSync(from, 'utf8');
    };
    assert.equal(
      JSON.stringify(
        JSON.parse(
          await lent(() => {
            writeFileSync(copy, '{"token":"two"}');
          }),
        ),
      ),
      '{"token":"two"}',
    );
    const theirs = await lent(() => {
      writeFileSync(copy, '{"token":"two"}');
      writeFileSync(from, '{"token":"theirs"}');
    });
    assert.equal(theirs, '{"token":"theirs"}');
    for (const text of [
      '',
      '{',
      '[]',
      '{"token":{"a":1}}',
      '{"token":"two\\u0000"}',
      '{"new":"two"}',
      `{"token":"${'x'.repeat(300_000)}"}`,
    ])
      assert.equal(
        await lent(() => {
          writeFileSync(copy, text);
        }),
        '{"token":"one"}',
        text.slice(0, 30),
      );
    const linked = await lent(() => {
      rmSync(copy);
      symlinkSync(from, copy);
    });
    assert.equal(linked, '{"token":"one"}');
  });
});
