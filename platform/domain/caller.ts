/** Who asks: a value of one request. It goes down to every store operation, and nothing keeps it. */
import type { Member } from '../../protocol/records.ts';
import type { ClaimName } from './claims.ts';

interface Known {
  readonly workspaceId: string;
  readonly memberId: string;
  readonly memberName: string;
  readonly role: Member['role'];
  /** Names what let the caller in, without giving it away: what they may ask in a time is counted by it. */
  readonly credential: string;
}

export interface Person extends Known {
  readonly kind: 'person';
}

/** A machine that showed the token of a claim: it acts for that claim and for nothing else. */
export interface ClaimHolder extends Known {
  readonly kind: 'holder';
  readonly claim: ClaimName;
}

export type Caller = Person | ClaimHolder;

export const holding = (caller: Caller, claim: ClaimName): ClaimHolder => ({ ...caller, kind: 'holder', claim });
