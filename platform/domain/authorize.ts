/**
 * Who may do what: the one table, read by people and printed into docs/authorization.md. A route and a store operation name
 * a permission; whoever asks has it by their role, and where the role is not enough by what they are to the thing itself.
 */
import { BelayError } from '../../protocol/errors.ts';
import type { Permission } from '../../protocol/permissions.ts';
import type { Execution, Member } from '../../protocol/records.ts';
import type { Caller } from './caller.ts';

/**
 * `own`: what belongs to the caller. `involved`: that, and what they started. `own_when_local`: what runs on somebody's
 * machine is that person's alone; what runs in the cloud is everybody's.
 */
export type Grant = 'always' | 'own' | 'involved' | 'own_when_local' | 'never';

interface Rule extends Readonly<Record<Member['role'], Grant>> {
  /** What a caller without it reads. */
  readonly refusal: string;
  readonly hint?: string;
}

const guests = { refusal: 'Guests can read here, not change anything.', hint: 'Ask an owner of the workspace for the member role.' };
const everybody = { owner: 'always', admin: 'always', member: 'always', guest: 'always', ...guests } as const satisfies Rule;
const members = { ...everybody, guest: 'never' } as const satisfies Rule;
const whoRuns = { owner: 'always', admin: 'always', member: 'never', guest: 'never' } as const;

export const authorization: Readonly<Record<Exclude<Permission, 'public' | 'session.hold'>, Rule>> = {
  'platform.read': everybody,
  'platform.end': { ...whoRuns, refusal: 'Only those who run the platform can end it.' },
  'platform.export': { ...whoRuns, admin: 'never', refusal: 'Only the owner of the workspace can take everything out of it.' },
  'item.read': everybody,
  'item.write': members,
  'item.comment': members,
  'handoff.write': members,
  'agent.read': everybody,
  'agent.write': members,
  'worker.read': everybody,
  'worker.register': members,
  'worker.poll': { owner: 'own', admin: 'own', member: 'own', guest: 'never', refusal: 'This worker belongs to somebody else.' },
  'repository.read': everybody,
  'repository.write': members,
  'session.read': everybody,
  // A local agent works on its owner's machine, so nobody else can send work to it.
  'session.create': {
    owner: 'own_when_local',
    admin: 'own_when_local',
    member: 'own_when_local',
    guest: 'never',
    refusal: "This agent runs on its owner's machine: only its owner can send work to it.",
  },
  'session.steer': {
    owner: 'always',
    admin: 'always',
    member: 'involved',
    guest: 'never',
    refusal: 'Only the owner of a session, or who runs the workspace, can do this.',
  },
  // What is allowed in a local session happens on its owner's machine.
  'session.answer': {
    owner: 'own_when_local',
    admin: 'own_when_local',
    member: 'own_when_local',
    guest: 'never',
    refusal: 'Only the owner of a local session can answer its questions.',
  },
  'session.review': members,
  'events.read': everybody,
};

/** What a thing says of whose it is. */
export interface Subject {
  readonly execution?: Execution;
  readonly ownerId?: string | null;
  readonly initiatorId?: string;
}

function grants(grant: Grant, { memberId }: Caller, { execution, ownerId, initiatorId }: Subject): boolean {
  switch (grant) {
    case 'always':
      return true;
    case 'own':
      return ownerId === memberId;
    case 'involved':
      return ownerId === memberId || initiatorId === memberId;
    case 'own_when_local':
      return execution === 'cloud' || ownerId === memberId;
    case 'never':
      return false;
  }
}

type Ruled = keyof typeof authorization;
const isRuled = (permission: Permission): permission is Ruled => permission in authorization;

const grantOf = (caller: Caller, permission: Permission): Grant => {
  if (permission === 'public') return 'always';
  // A claim is for its session alone, and only a claim is for that.
  if (!isRuled(permission)) return caller.kind === 'holder' ? 'always' : 'never';
  return caller.kind === 'person' ? authorization[permission][caller.role] : 'never';
};

function refusalOf(caller: Caller, permission: Permission): BelayError {
  if (!isRuled(permission)) return new BelayError('forbidden', 'This is for who holds the claim of the session.');
  if (caller.kind === 'holder') return new BelayError('forbidden', 'The token of a claim is for reports of its session alone.');
  const { refusal, hint } = caller.role === 'guest' ? { ...authorization[permission], ...guests } : authorization[permission];
  return new BelayError('forbidden', refusal, { hint });
}

/** Throws `forbidden` for who never has `permission`, whatever it is about. */
export function admitTo(caller: Caller, permission: Permission): void {
  if (grantOf(caller, permission) === 'never') throw refusalOf(caller, permission);
}

export const mayDo = (caller: Caller, permission: Permission, subject: Subject): boolean =>
  grants(grantOf(caller, permission), caller, subject);

/** Throws `forbidden` unless `caller` has `permission` for this thing. */
export function authorize(caller: Caller, permission: Permission, subject: Subject): void {
  if (!mayDo(caller, permission, subject)) throw refusalOf(caller, permission);
}

/** Throws `forbidden` unless it is this claim that `caller` holds. */
export function authorizeHolder(caller: Caller, claim: { sessionId: string; fence: number; instanceId: string }): void {
  if (caller.kind !== 'holder') throw refusalOf(caller, 'session.hold');
  const { sessionId, fence, instanceId } = caller.claim;
  if (sessionId !== claim.sessionId || fence !== claim.fence || instanceId !== claim.instanceId)
    throw new BelayError('forbidden', 'This claim token is not for this session, fence and instance.');
}
