import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCodexLogin } from '../../../../worker/agents/codex/login.ts';

describe("a run's Codex login", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'bl-'));
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });
  const write = (auth: unknown) => {
    writeFileSync(path.join(home, 'auth.json'), JSON.stringify(auth));
  };
  const tokens = (access: string) => ({ tokens: { access_token: access, refresh_token: 'never', account_id: 'account' } });

  it('is nothing where nobody signed in, or the file is damaged', async () => {
    assert.equal(await readCodexLogin(home), null);
    writeFileSync(path.join(home, 'auth.json'), '{');
    assert.equal(await readCodexLogin(home), null);
  });

  it('is the access token of an account, and a newer one only when Codex itself renewed it', async () => {
    write(tokens('first'));
    const login = await readCodexLogin(home);
    assert.ok(login?.kind === 'tokens');
    assert.equal(login.accessToken, 'first');
    await assert.rejects(login.refresh(), /has run out/);
    write(tokens('second'));
    assert.equal(await login.refresh(), 'second');
    assert.ok(!JSON.stringify(login).includes('never'));
  });

  it('is an API key where there is no account', async () => {
    write({ OPENAI_API_KEY: 'key-1' });
    assert.deepEqual(await readCodexLogin(home), { kind: 'apiKey', key: 'key-1' });
  });
});
