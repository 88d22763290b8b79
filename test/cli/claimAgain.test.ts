import assert from 'node:assert/strict';
import { aSession } from '../builders/session.ts';
import { anActivity } from '../builders/activity.ts';
import { claimAgain } from '../../cli/session/claimAgain.ts';
import type { Activity } from '../../protocol/activities.ts';
import { BelayError } from '../../protocol/errors.ts';
import type { Session } from '../../protocol/records.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';

describe('the session of `belay run`', () => {
  let activities: Activity[];
  let claims: number;
  let state: Session['state'];
  let claim: () => Promise<void>;
  let changed: (session: Session) => Promise<void>;

  beforeEach(() => {
    activities = [];
    claims = 0;
    state = 'queued';
    claim = () => {
      claims += 1;
      return Promise.resolve();
    };
    const api = {
      listActivities: ({ query }: { query: { after: number } }) =>
        Promise.resolve({ entries: activities.slice(query.after, query.after + 2), lastSeq: activities.length }),
      getSession: () => Promise.resolve({ state }),
    } as unknown as BelayApi;
    changed = claimAgain(api, { claimNow: () => claim() });
  });
  const now = (as: Session['state']) => changed(aSession({ state: as }));
  const release = (reason: string, notBefore: number | null = null): void => {
    const said = anActivity({ kind: 'progress', body: { type: 'message', text: '' } });
    activities.push(said, said, anActivity({ kind: 'release', body: { reason, notBefore } }));
  };

  it('is claimed again when its run was released, and only then', async () => {
    for (const other of ['active', 'pending', 'awaiting_input', 'stale'] as const) await now(other);
    assert.equal(claims, 0);
    release('The worker was stopped.');
    await now('queued');
    assert.equal(claims, 1);
  });

  it('is claimed once, however often its change is told meanwhile', async () => {
    const gate = Promise.withResolvers<undefined>();
    claim = () => {
      claims += 1;
      return gate.promise;
    };
    release('The worker was stopped.');
    const both = [now('queued'), now('queued')];
    gate.resolve(undefined);
    await Promise.all(both);
    assert.equal(claims, 1);
  });

  it('ends with the reason when it is given back again and again', async () => {
    for (let n = 0; n < 3; n += 1) {
      release(`Reason ${n}.`);
      await now('queued');
    }
    release('The disk is full.');
    await assert.rejects(now('queued'), /given back 4 times: The disk is full\./u);
    assert.equal(claims, 3);
  });

  it('goes on for as long as something passes, or a person answered meanwhile', async () => {
    for (let n = 0; n < 5; n += 1) {
      release('Another session works in this folder now.', 1);
      await now('queued');
      await now('queued');
    }
    assert.equal(claims, 10);
  });

  it('ends with the reason when it cannot be claimed, unless another worker has it', async () => {
    claim = () => Promise.reject(new BelayError('bad_request', 'The policy of this machine cannot be read.'));
    await assert.rejects(now('queued'), /cannot be read/u);
    state = 'active';
    await now('queued');
  });
});
