import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fallback } from '../../../../worker/sandbox/choose.ts';
import { confine } from '../../../../worker/sandbox/confinement.ts';
import { fetchedVariables, toolChainVariables } from '../../../../worker/sandbox/readable.ts';
import { noGrants } from '../../../support/noGrants.ts';

describe('the step without our sandbox', () => {
  const request = { minimum: 'none', unattended: false, agentConfines: false } as const;
  it('is the strongest the agent can have and the settings allow', () => {
    assert.equal(fallback({ ...request, agentConfines: true }), 'agent');
    assert.equal(fallback(request), 'none');
    assert.equal(fallback({ ...request, minimum: 'agent' }), null);
    assert.equal(fallback({ ...request, minimum: 'ours', agentConfines: true }), null);
  });
  it('is never below a sandbox when nobody watches', () => {
    assert.equal(fallback({ ...request, unattended: true }), null);
    assert.equal(fallback({ ...request, unattended: true, agentConfines: true }), 'agent');
  });
});

describe('the confinement of a run', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'bc-')));
    for (const name of [
      'state/lines/l/clone',
      'state/lines/l/tmp',
      'state/lines/l/home',
      'state/runs/r',
      'repo/.git/objects',
      'person/.config/Code',
      'person/.cargo/bin',
      'tools',
    ])
      mkdirSync(path.join(folder, name), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const at = (name: string) => path.join(folder, name);
  const places = (writeClone = true) => ({
    clone: at('state/lines/l/clone'),
    tmp: at('state/lines/l/tmp'),
    home: at('state/lines/l/home'),
    stateDir: at('state'),
    runDir: at('state/runs/r'),
    checkout: at('repo'),
    objectDirs: [at('repo/.git/objects')],
    writeClone,
  });

  it('opens three folders for writing, tool chains by name for reading, and closes home, state and checkout', () => {
    const confinement = confine(places(), noGrants, at('person'));
    assert.deepEqual([...confinement.writable].sort(), [at('state/lines/l/clone'), at('state/lines/l/home'), at('state/lines/l/tmp')]);
    for (const name of ['person', 'state', 'repo']) assert.ok(confinement.unreadable.includes(at(name)), name);
    assert.ok(confinement.readable.includes(at('person/.cargo/bin')));
    assert.ok(!confinement.readable.includes(at('person/.cargo')));
  });
  it('keeps the clone closed for writing in a plan session', () => {
    assert.ok(!confine(places(false), noGrants, at('person')).writable.includes(at('state/lines/l/clone')));
  });
  for (const name of ['state', 'state/runs', '', 'person/.config', 'person/.config/Code'])
    it(`refuses a grant of ${name || 'the folder above'}: it holds or lies in what stays closed`, () => {
      assert.throws(() => confine(places(), { ...noGrants, readable: [at(name)] }, at('person')), /cannot be opened to agents/);
      assert.throws(() => confine(places(), { ...noGrants, writable: [at(name)] }, at('person')), /cannot be opened to agents/);
    });
  it('lets a program start from wherever it lies, without opening the home it lies in', () => {
    const inEditor = at('person/.config/Code/node');
    writeFileSync(inEditor, '');
    const confinement = confine(places(), { ...noGrants, programs: [inEditor, at('person')] }, at('person'));
    assert.ok(confinement.readable.includes(inEditor));
    assert.ok(!confinement.readable.includes(at('person')));
  });
  it('leaves out the variable of a cache that is filled from a host that is open', () => {
    const at = (name: string) => path.join(folder, 'person', name);
    assert.equal(toolChainVariables(at('.'))['CARGO_HOME'], at('.cargo'));
    assert.deepEqual(fetchedVariables(at('.'), ['api.example.com:443', 'notcrates.io:443']), {});
    assert.deepEqual(fetchedVariables(at('.'), ['index.crates.io:443']), { CARGO_HOME: at('.cargo') });
  });
  it('takes an ordinary folder', () => {
    assert.ok(confine(places(), { ...noGrants, readable: [at('tools')] }, at('person')).readable.includes(at('tools')));
  });
});
