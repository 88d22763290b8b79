import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import type { Rule } from '../../../../protocol/policy.ts';
import type { PermissionWish } from '../../../../worker/agents/base/driver.ts';
import { Policy } from '../../../../worker/policy/decide.ts';
import type { Action } from '../../../../worker/policy/facts.ts';
import { Grants } from '../../../../worker/workerConfig/grants.ts';
import { Permissions } from '../../../../worker/run/permissions.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';
import { situation } from '../../../support/situation.ts';

const wish: PermissionWish = {
  class: 'run',
  resource: 'npm publish',
  title: 'Run npm publish',
  detail: '',
  options: [
    { id: 'always', label: 'Always', effect: 'allow_session' },
    { id: 'once', label: 'Once', effect: 'allow_once' },
    { id: 'no', label: 'No', effect: 'deny' },
  ],
  acceptsText: false,
};
const action = (resource: string): Action[] => [{ class: 'run', resource }];
const chosen = (id: string) => ({ optionId: id, text: null });

describe('how far a yes reaches', () => {
  let stateDir: string;
  beforeEach(() => (stateDir = tempFolder()));
  after(removeTempFolders);

  /** A run of its own, in a clone of its own, under these rules. */
  const run = (rules: readonly Rule[] = [], repository = 'rep_1', clone = '/work/clone'): Permissions =>
    new Permissions(new Policy([{ name: 'worker', rules }], situation({ step: 'mediated', clone })), new Grants(stateDir, repository));

  it('is told to the agent as "this once", whatever the person chose', () => {
    for (const id of ['belay-once', 'belay-session', 'belay-repository'])
      assert.deepEqual(run().settle(wish, action('npm publish'), chosen(id)), { optionId: 'once', text: null });
    assert.deepEqual(run().settle(wish, action('npm publish'), chosen('belay-deny')), { optionId: 'no', text: null });
    assert.equal(run().settle(wish, action('npm publish'), null), null);
  });

  it('is once, unless it was said to last', () => {
    const permissions = run();
    permissions.settle(wish, action('npm publish'), chosen('belay-once'));
    permissions.settle(wish, action('npm publish'), chosen('belay-deny'));
    permissions.settle(wish, action('npm publish'), null);
    assert.equal(permissions.remembered(action('npm publish')), null);
  });

  it('lasts for the session, for exactly that command at that place', () => {
    const permissions = run();
    permissions.settle(wish, action('npm publish'), chosen('belay-session'));
    assert.equal(permissions.remembered(action('npm publish')), 'allowed in this session');
    assert.equal(permissions.remembered(action('npm publish --tag next')), null);
    assert.equal(permissions.remembered([{ class: 'run', resource: 'npm publish', cwd: '/work/clone/sub' }]), null);
    assert.equal(run().remembered(action('npm publish')), null, 'not in the next one');
  });

  it('reaches no folder whose name begins like the working folder’s', () => {
    const permissions = run();
    permissions.settle(wish, action('cat /work/clone-other/key'), chosen('belay-session'));
    assert.equal(permissions.remembered(action('cat /work/clone-other/key')), 'allowed in this session');
    assert.equal(permissions.remembered(action('cat .-other/key')), null);
    assert.equal(run().remembered(action('cat /work/clone-other/key')), null);
  });

  it('lasts for the repository, also from another clone, and not under other rules or in another repository', () => {
    run().settle(wish, action('cat /work/clone/a'), chosen('belay-repository'));
    assert.equal(run([], 'rep_1', '/work/second').remembered(action('cat /work/second/a')), 'allowed in this repository');
    assert.equal(run([], 'rep_2').remembered(action('cat /work/clone/a')), null);
    assert.equal(run([{ class: 'run', decision: 'ask', match: ['cat *'] }]).remembered(action('cat /work/clone/a')), null);
  });

  it('is nothing where the record of it cannot be read', () => {
    run().settle(wish, action('npm publish'), chosen('belay-repository'));
    appendFileSync(path.join(stateDir, 'grants/rep_1.ndjson'), '{"kind":"action","hash":"torn');
    assert.equal(run().remembered(action('npm publish')), 'allowed in this repository');
    assert.equal(run().remembered(action('torn')), null);
  });

  it('is offered in advance for no effect, and for no question of the agent’s own', () => {
    const ids = (entry: PermissionWish): string[] =>
      run()
        .optionsFor(entry)
        .map((option) => option.id);
    assert.deepEqual(ids(wish), ['belay-once', 'belay-session', 'belay-repository', 'belay-deny']);
    assert.deepEqual(ids({ ...wish, class: 'effect' }), ['always', 'once', 'no']);
    assert.deepEqual(ids({ ...wish, options: [{ id: 'a', label: 'A', effect: 'answer' }] }), ['a']);
  });
});
