import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { knownAgents } from '../../../../worker/agents/known.ts';
import { findAgents, loginPath, sandboxHealth, which } from '../../../../worker/agents/discovery.ts';

describe('the doctor', () => {
  let folder: string;
  let home: string;
  let bin: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'bd-')));
    home = path.join(folder, 'home');
    bin = path.join(folder, 'bin');
    mkdirSync(path.join(home, '.codex'), { recursive: true });
    mkdirSync(bin);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const program = (name: string, script: string) => {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(bin, name), 0o755);
  };
  it('looks for every agent that Belay knows by its program', async () => {
    for (const { program: name } of knownAgents) program(name, 'echo 1.2.3');
    const agent = await find();
    for (const { slug, program: name, args } of knownAgents) {
      const { found, launch } = agent(slug);
      assert.deepEqual([slug, found, launch?.argv.slice(-args.length - 1)], [slug, true, [path.join(bin, name), ...args]]);
    }
  });

  const find = async (bound: Record<string, string> = {}, versionMs?: number) => {
    const practiceAgentBundle = '/somewhere/practiceAgent.mjs';
    const agents = await findAgents({
      path: `${bin}:/bin`,
      home,
      bound,
      practiceAgentBundle,
      ...(versionMs !== undefined && { versionMs }),
    });
    return (slug: string) => {
      const agent = agents.find((entry) => entry.slug === slug);
      assert.ok(agent);
      return agent;
    };
  };

  it('always has the practice agent, and says how to get the others', async () => {
    const agent = await find();
    assert.ok(agent('practice').launch);
    assert.equal(agent('codex').found, false);
    assert.match(agent('codex').remedy ?? '', /npm install/);
    assert.equal(agent('codex').launch, null);
  });

  it('tells version and login of what it finds, and never takes a refresh token along', async () => {
    program('codex', 'echo codex-cli 0.169.0');
    assert.equal((await find())('codex').signedIn, false);
    assert.match((await find())('codex').remedy ?? '', /codex login/);
    const login = { tokens: { access_token: 'access', refresh_token: 'refresh-token-value', account_id: 'a' } };
    writeFileSync(path.join(home, '.codex/auth.json'), JSON.stringify(login));
    const codex = (await find())('codex');
    assert.equal(codex.version, '0.169.0');
    assert.equal(codex.signedIn, true);
    assert.ok(!JSON.stringify(codex).includes('refresh-token-value'));
  });

  it("takes the person's Codex configuration along, with its model's host and the name of its key", async () => {
    program('codex', 'echo 1.0.0');
    const config = '[model_providers.own]\nbase_url = "http://localhost:11434/v1"\nenv_key = "OWN_KEY"\n';
    writeFileSync(path.join(home, '.codex/config.toml'), config);
    const { launch, signedIn } = (await find({ OWN_KEY: 'x' }))('codex');
    assert.equal(launch?.homeFiles['.codex/config.toml'], config);
    assert.ok(launch?.hosts.includes('localhost:11434'));
    assert.ok(launch.secretNames?.includes('OWN_KEY'));
    assert.equal(signedIn, true);
  });

  it('survives a program that hangs or fails when asked for its version', async () => {
    for (const script of ['exit 7', "trap '' TERM; while :; do sleep 1; done"]) {
      program('opencode', script);
      const opencode = (await find({}, 200))('opencode');
      assert.deepEqual([opencode.found, opencode.version], [true, null], script);
    }
  });

  it('looks for programs in absolute folders only', () => {
    program('tool', 'true');
    assert.equal(which('tool', `.:bin:${bin}`), path.join(bin, 'tool'));
    assert.equal(which('tool', '.:bin'), null);
  });

  it('says what the sandbox lacks and how to get it', () => {
    const health = sandboxHealth(bin);
    assert.equal(health.ok, false);
    assert.ok(health.problems.length > 0 && health.remedy);
    assert.equal(sandboxHealth(process.env['PATH'] ?? '').ok, true);
  });

  it("takes PATH from the person's login shell, past whatever that prints besides", async () => {
    const shell = path.join(bin, 'shell');
    program('shell', `echo Welcome; PATH="/from/login:$PATH"; shift; shift; eval "$1"; echo bye`);
    const before = process.env['SHELL'];
    process.env['SHELL'] = shell;
    try {
      assert.match(await loginPath(), /^\/from\/login:/);
    } finally {
      if (before === undefined) delete process.env['SHELL'];
      else process.env['SHELL'] = before;
    }
  });
});
