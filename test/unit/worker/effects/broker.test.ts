import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { BelayError } from '../../../../protocol/errors.ts';
import type { PermissionAnswer, PermissionWish } from '../../../../worker/agents/base/driver.ts';
import { EffectBroker } from '../../../../worker/effects/broker.ts';
import type { PlannedEffect } from '../../../../worker/effects/effect.ts';
import { EffectLedger } from '../../../../worker/effects/ledger.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';

const allowed: PermissionAnswer = { optionId: 'allow', text: null };

class Scene {
  readonly folder = tempFolder();
  readonly asked: PermissionWish[] = [];
  readonly steps: string[] = [];
  answer: PermissionAnswer = allowed;
  claim: () => Promise<void> = () => Promise.resolve();
  broker = this.restart();

  /** A broker as a new process of the same run makes it. */
  restart(): EffectBroker {
    return new EffectBroker({
      sessionId: 'ses_1',
      ledger: new EffectLedger(this.folder, 'ses_1'),
      ask: (wish) => {
        this.asked.push(wish);
        return Promise.resolve(this.answer);
      },
      confirmClaim: () => this.claim(),
      record: (_planned, words) => this.steps.push(words),
      log: () => undefined,
    });
  }

  effect(over: Partial<PlannedEffect> = {}): () => Promise<PlannedEffect> {
    return () =>
      Promise.resolve({
        resource: 'push:origin/refs/heads/x',
        title: 'Push',
        detail: 'tree 1',
        standing: () => Promise.resolve('not_done' as const),
        perform: () => {
          this.steps.push('performed');
          return Promise.resolve('Pushed.');
        },
        ...over,
      });
  }
}

describe('the broker of effects', () => {
  let scene: Scene;
  beforeEach(() => (scene = new Scene()));
  after(removeTempFolders);

  it('notes what it is about to do, does it, notes what came of it', async () => {
    const { state, words } = await scene.broker.request(scene.effect());
    assert.deepEqual([state, words], ['done', 'Pushed.']);
    assert.deepEqual(scene.steps, ['about to be done', 'performed', 'done: Pushed.']);
    assert.equal(scene.asked[0]?.class, 'effect');
  });

  it('does the same effect once, however often and by whichever process it is asked for', async () => {
    const [first, second] = await Promise.all([scene.broker.request(scene.effect()), scene.broker.request(scene.effect())]);
    for (const outcome of [first, second, await scene.restart().request(scene.effect())])
      assert.deepEqual([outcome.state, outcome.words], ['done', 'Pushed.']);
    assert.equal(scene.steps.filter((step) => step === 'performed').length, 1);
    assert.equal(scene.asked.length, 1);
  });

  it('takes what is asked for after the answer for a new wish, in whichever process', async () => {
    (await scene.broker.request(scene.effect())).told?.();
    const again = scene.restart();
    assert.equal(
      (await again.request(scene.effect({ standing: (before) => Promise.resolve({ done: `${before}, it stands` }) }))).words,
      'done, it stands',
    );
    assert.equal(scene.asked.length, 1);
    scene.answer = { optionId: 'deny', text: null };
    assert.equal((await again.request(scene.effect())).state, 'refused');
    scene.answer = allowed;
    assert.equal((await again.request(scene.effect())).words, 'Pushed.');
    assert.equal(scene.steps.filter((step) => step === 'performed').length, 2);
    assert.ok(scene.asked.every(({ title }) => title === 'Push'));
  });

  it('asks anew when anything of the effect differs', async () => {
    await scene.broker.request(scene.effect());
    await scene.broker.request(scene.effect({ detail: 'tree 2' }));
    assert.equal(scene.asked.length, 2);
  });

  it('does nothing that was denied, that nobody answered, or whose question was closed', async () => {
    for (const answer of [{ optionId: 'deny', text: null }, { optionId: null, text: 'yes' }, null]) {
      scene.answer = answer;
      assert.equal((await scene.broker.request(scene.effect())).state, 'refused');
    }
    assert.deepEqual(scene.steps, []);
  });

  it('does nothing once the claim is lost, even when it was allowed', async () => {
    scene.claim = () => Promise.reject(new BelayError('claim_lost', 'This claim is over.'));
    assert.deepEqual(await scene.broker.request(scene.effect()), { state: 'failed', words: 'This claim is over.' });
    assert.deepEqual(scene.steps, []);
  });

  it('asks the outside after a process that ended half-way, and does not repeat what is there', async () => {
    new EffectLedger(scene.folder, 'ses_1').put(keyOf('push:origin/refs/heads/x', 'tree 1'), { state: 'begun', resource: 'r', words: '' });
    const outcome = await scene.restart().request(scene.effect({ standing: () => Promise.resolve({ done: 'It is there.' }) }));
    assert.deepEqual([outcome.state, outcome.words], ['done', 'It is there.']);
    assert.equal(scene.asked.length, 0);
    assert.ok(!scene.steps.includes('performed'));
  });

  it('says that it may have happened when the outside cannot tell', async () => {
    new EffectLedger(scene.folder, 'ses_1').put(keyOf('push:origin/refs/heads/x', 'tree 1'), { state: 'begun', resource: 'r', words: '' });
    await scene.restart().request(scene.effect({ standing: () => Promise.resolve('unknown') }));
    assert.match(scene.asked[0]?.title ?? '', /may have happened already/);
  });

  it('tells the agent why an effect failed, and may do it again', async () => {
    const failing = scene.effect({ perform: () => Promise.reject(new Error('no route to host')) });
    assert.deepEqual(await scene.broker.request(failing), { state: 'failed', words: 'no route to host' });
    assert.equal((await scene.broker.request(scene.effect())).state, 'done');
  });

  it('refuses to go on without its ledger', () => {
    writeFileSync(path.join(scene.folder, 'effects-ses_1.json'), '{"torn');
    assert.throws(() => scene.restart(), /cannot be read/);
  });
});

function keyOf(resource: string, detail: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['ses_1', resource, detail]))
    .digest('hex');
}
