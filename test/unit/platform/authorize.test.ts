import assert from 'node:assert/strict';
import { admitTo, authorization, authorize, authorizeHolder, mayDo, type Grant, type Subject } from '../../../platform/domain/authorize.ts';
import { holding, type Caller, type Person } from '../../../platform/domain/caller.ts';
import { operations } from '../../../platform/store/operations.ts';
import { permissions } from '../../../protocol/permissions.ts';
import { routes } from '../../../protocol/routes.ts';

const roles = ['owner', 'admin', 'member', 'guest'] as const;
const personOf = (memberId: string, role: Person['role']): Person => ({
  kind: 'person',
  workspaceId: 'w',
  memberId,
  memberName: memberId,
  role,
  credential: memberId,
});
const refused = { code: 'forbidden' };

/** By whose a thing is and where it runs: who gets at it by each kind of grant. */
const cases: readonly { readonly subject: Subject; readonly by: Readonly<Record<Grant, boolean>> }[] = [
  {
    subject: { execution: 'local', ownerId: 'ann', initiatorId: 'ann' },
    by: { always: true, own: true, involved: true, own_when_local: true, never: false },
  },
  {
    subject: { execution: 'local', ownerId: 'bob', initiatorId: 'ann' },
    by: { always: true, own: false, involved: true, own_when_local: false, never: false },
  },
  {
    subject: { execution: 'local', ownerId: 'bob', initiatorId: 'bob' },
    by: { always: true, own: false, involved: false, own_when_local: false, never: false },
  },
  {
    subject: { execution: 'cloud', ownerId: 'bob', initiatorId: 'bob' },
    by: { always: true, own: false, involved: false, own_when_local: true, never: false },
  },
  // Nobody's, and nothing said: no relation is assumed.
  { subject: { execution: 'cloud', ownerId: null }, by: { always: true, own: false, involved: false, own_when_local: true, never: false } },
  { subject: {}, by: { always: true, own: false, involved: false, own_when_local: false, never: false } },
];

describe('who may do what', () => {
  for (const [permission, rule] of Object.entries(authorization) as [keyof typeof authorization, (typeof authorization)['item.read']][])
    for (const role of roles)
      it(`${permission}: ${role} ${rule[role]}`, () => {
        const ann = personOf('ann', role);
        for (const { subject, by } of cases) {
          assert.equal(mayDo(ann, permission, subject), by[rule[role]]);
          if (!by[rule[role]])
            assert.throws(() => {
              authorize(ann, permission, subject);
            }, refused);
        }
        const admit = (): void => {
          admitTo(ann, permission);
        };
        if (rule[role] === 'never') assert.throws(admit, refused);
        else admit();
        // The token of a claim opens nothing that its person may do.
        const holder = holding(ann, { workspaceId: 'w', sessionId: 's', fence: 1, instanceId: 'i' });
        assert.throws(() => {
          admitTo(holder, permission);
        }, refused);
      });

  it('every permission is in the table, but what needs none and what only a claim gives', () => {
    assert.deepEqual(
      permissions.filter((permission) => !(permission in authorization)),
      ['public', 'session.hold'],
      'Write the new permission into platform/domain/authorize.ts.',
    );
  });

  it('only the holder of that claim writes for a session, whatever the role', () => {
    const claim = { sessionId: 's', fence: 2, instanceId: 'i' };
    const owner = personOf('ann', 'owner');
    assert.throws(() => {
      authorizeHolder(owner, claim);
    }, refused);
    assert.throws(() => {
      admitTo(owner, 'session.hold');
    }, refused);
    const holder: Caller = holding(owner, { workspaceId: 'w', ...claim });
    authorizeHolder(holder, claim);
    for (const other of [{ sessionId: 't' }, { fence: 3 }, { instanceId: 'j' }])
      assert.throws(() => {
        authorizeHolder(holder, { ...claim, ...other });
      }, refused);
  });

  it('a route and the store operation of its name take the same permission', () => {
    for (const [name, operation] of Object.entries(operations))
      if (name in routes)
        assert.equal(
          operation.needs,
          routes[name as keyof typeof routes].needs,
          `${name}: edit platform/store/operations.ts or protocol/routes.ts.`,
        );
  });
});
