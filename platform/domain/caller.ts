/** Who asks, and what they may do. Every rule throws `forbidden` with what would be needed. */
import { BelayError } from '../../protocol/errors.ts';
import type { Agent, Execution, Member, Session, Worker } from '../../protocol/records.ts';

export interface Caller {
  readonly workspaceId: string;
  readonly memberId: string;
  readonly memberName: string;
  readonly role: Member['role'];
}

const refuse = (message: string, hint?: string): never => {
  throw new BelayError('forbidden', message, { hint });
};

/** Guests read; everyone else writes items, comments, documents and hand-offs. */
export function mayWrite(caller: Caller): void {
  if (caller.role === 'guest') refuse('Guests can read here, not change anything.', 'Ask an owner of the workspace for the member role.');
}

/** A local agent works on its owner's machine, so nobody else can send work to it. */
export function mayDelegate(caller: Caller, agent: Pick<Agent, 'execution' | 'ownerId' | 'name'>): void {
  mayWrite(caller);
  if (agent.execution === 'local' && agent.ownerId !== caller.memberId)
    refuse(`The agent "${agent.name}" runs on its owner's machine: only its owner can send work to it.`);
}

export function mayUseWorker(caller: Caller, worker: Pick<Worker, 'ownerId'>): void {
  if (worker.ownerId !== caller.memberId) refuse('This worker belongs to somebody else.');
}

/** Stop, retry and archive: whoever answers for the session, and those who run the workspace. */
export function maySteer(caller: Caller, session: Pick<Session, 'ownerId' | 'initiatorId'>): void {
  const involved = session.ownerId === caller.memberId || session.initiatorId === caller.memberId;
  if (!involved && caller.role !== 'owner' && caller.role !== 'admin') refuse('Only the owner of a session can do this.');
}

/** Approvals of a local session act on its owner's machine: nobody else answers them. */
export function mayAnswer(caller: Caller, session: { readonly execution: Execution; readonly ownerId: string }): void {
  mayWrite(caller);
  if (session.execution === 'local' && session.ownerId !== caller.memberId)
    refuse('Only the owner of a local session can answer its questions.');
}
