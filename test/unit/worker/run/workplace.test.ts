import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { AgentLaunch } from '../../../../worker/agents/base/launch.ts';
import { agentEnvironment, prepareWorkplace } from '../../../../worker/run/workplace.ts';
import { practice } from '../../../fakes/workbench.ts';
import { makeDeep } from '../../../support/deepFolder.ts';
import { fingerprint, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

const launch = (over: Partial<AgentLaunch>): AgentLaunch => ({ ...practice.launch, ...over });

describe("an agent's own place", () => {
  after(removeTempFolders);

  it('is named by Belay alone, whatever is set around it (CVE-2025-61260)', () => {
    const place = { home: '/line/home/codex', tmp: '/line/tmp' };
    const evil = { CODEX_HOME: '/work/clone/.codex', HOME: '/work/clone', TMPDIR: '/work/clone' };
    const stray = { CODEX_HOME: evil.CODEX_HOME, BELAY_STRAY: 'x' };
    Object.assign(process.env, stray);
    try {
      const env = agentEnvironment(place, launch({ driver: 'codex', env: evil }), '/home/ann');
      assert.deepEqual([env['CODEX_HOME'], env['HOME'], env['TMPDIR']], ['/line/home/codex/.codex', place.home, place.tmp]);
      assert.equal(env['BELAY_STRAY'], undefined);
      assert.equal(agentEnvironment(place, launch({ driver: 'acp', env: {} }), '/home/ann')['CODEX_HOME'], undefined);
    } finally {
      for (const name of Object.keys(stray)) Reflect.deleteProperty(process.env, name);
    }
  });

  it('is made afresh, however deep or closed the temp folder of an earlier session was left', async () => {
    const lineDir = tempFolder();
    writeFiles(lineDir, { 'tmp/cache/a.txt': 'a\n' });
    makeDeep(path.join(lineDir, 'tmp/cache'));
    const { tmp } = await prepareWorkplace(lineDir, launch({ slug: 'practice' }));
    assert.deepEqual([readdirSync(tmp), readdirSync(lineDir).sort()], [[], ['home', 'tmp']]);
  });

  it('is written into through no link that an earlier session left there (CVE-2026-39861)', async () => {
    const lineDir = tempFolder();
    const outside = tempFolder();
    writeFiles(outside, { 'config.toml': 'of the person\n' });
    const home = path.join(lineDir, 'home', 'practice');
    mkdirSync(path.join(home, '.one'), { recursive: true });
    symlinkSync(path.join(outside, 'config.toml'), path.join(home, '.one/config.toml'));
    symlinkSync(outside, path.join(home, '.two'));
    const before = fingerprint(outside);
    await prepareWorkplace(lineDir, launch({ slug: 'practice', homeFiles: { '.one/config.toml': 'ours\n' } }));
    assert.equal(readFileSync(path.join(home, '.one/config.toml'), 'utf8'), 'ours\n');
    await assert.rejects(prepareWorkplace(lineDir, launch({ slug: 'practice', homeFiles: { '.two/new': 'ours\n' } })), /leads out of it/u);
    assert.deepEqual(fingerprint(outside), before);
  });
});
