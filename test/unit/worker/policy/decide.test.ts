import assert from 'node:assert/strict';
import { policyClasses } from '../../../../protocol/activities.ts';
import { actionHash, agentLayer, decide, type Layer, type PolicyContext } from '../../../../worker/policy/decide.ts';

const context: PolicyContext = { step: 'ours', mode: 'code', unattended: false };
const run = { class: 'run', resource: 'npm test' } as const;
const effect = { class: 'effect', resource: 'push' } as const;
const layer = (name: Layer['name'], ...rules: Layer['rules']): Layer => ({ name, rules });

describe('decide', () => {
  it('lets people work inside a sandbox and asks for everything without one', () => {
    assert.equal(decide([], run, context).decision, 'allow');
    assert.equal(decide([], run, { ...context, step: 'none' }).decision, 'ask');
    assert.equal(decide([], { class: 'write', resource: 'a' }, { ...context, step: 'mediated' }).decision, 'ask');
    assert.equal(decide([], effect, context).decision, 'ask');
  });

  it('takes the strictest of those that spoke', () => {
    assert.equal(decide([layer('platform', { class: 'run', decision: 'deny', resource: 'npm *' })], run, context).decision, 'deny');
    assert.equal(decide([layer('worker', { class: 'run', decision: 'ask' })], run, context).decision, 'ask');
  });

  it('lets no layer but the built-in one and the worker grant anything', () => {
    for (const name of ['platform', 'agent', 'workflow'] as const)
      assert.equal(decide([layer(name, { class: 'effect', decision: 'allow' })], effect, context).decision, 'ask');
  });

  it('denies what would be asked when nobody is there', () => {
    assert.equal(decide([], effect, { ...context, unattended: true }).decision, 'deny');
  });

  it('denies writes in a plan session', () => {
    assert.equal(decide([], { class: 'write', resource: 'a' }, { ...context, mode: 'plan' }).decision, 'deny');
  });

  it('reads a profile that it does not understand as deny', () => {
    const broken = agentLayer({ rules: [{ class: 'everything', decision: 'allow' }] });
    for (const name of policyClasses) assert.equal(decide([broken], { class: name, resource: 'x' }, context).decision, 'deny');
  });

  it('changes its hash with any rule, and names an action by all of it', () => {
    const one = decide([], run, context).policyHash;
    assert.notEqual(one, decide([layer('worker', { class: 'run', decision: 'ask' })], run, context).policyHash);
    assert.notEqual(actionHash(run, ''), actionHash(run, 'in /etc'));
    assert.notEqual(actionHash({ class: 'run', resource: 'a' }, 'b'), actionHash({ class: 'run', resource: 'a,b' }, ''));
  });
});
