/** What operations of the store take and give. */
import type * as z from 'zod';
import type * as x from '../../../protocol/exchange.ts';
import type * as r from '../../../protocol/records.ts';
import type { routes } from '../../../protocol/routes.ts';
import type { Caller } from '../../domain/caller.ts';

export interface Call {
  /** Milliseconds; the only time an operation knows. */
  readonly now: number;
  readonly caller: Caller;
  /** Makes a create repeatable: the same key with the same hash gives the first reply. */
  readonly once?: { readonly key: string; readonly hash: string } | undefined;
}

/** Work that nobody asked for. */
export interface Duty {
  readonly now: number;
  readonly workspaceId: string;
}

type Named = typeof routes;
type BodyOf<N extends keyof Named> = Named[N] extends { body: infer B extends z.ZodType } ? z.output<B> : never;
type QueryOf<N extends keyof Named> = Named[N] extends { query: infer Q extends z.ZodType } ? z.output<Q> : never;

export interface Bodies {
  readonly createItem: BodyOf<'createItem'>;
  readonly patchItem: BodyOf<'patchItem'>;
  readonly addComment: BodyOf<'addComment'>;
  readonly addDocument: BodyOf<'addDocument'>;
  readonly createHandoff: BodyOf<'createHandoff'>;
  readonly closeHandoff: BodyOf<'closeHandoff'>;
  readonly ensureAgent: BodyOf<'ensureAgent'>;
  readonly ensureWorker: BodyOf<'ensureWorker'>;
  readonly ensureRepository: BodyOf<'ensureRepository'>;
  readonly createSession: BodyOf<'createSession'>;
  readonly answerInput: BodyOf<'answerInput'>;
  readonly sendMessage: BodyOf<'sendMessage'>;
  readonly addReview: BodyOf<'addReview'>;
  readonly append: z.output<typeof x.AppendRequest>;
  readonly ask: z.output<typeof x.AskRequest>;
  readonly standing: z.output<typeof x.StandingRequest>;
  readonly itemEffect: z.output<typeof x.ItemEffectRequest>;
  readonly complete: z.output<typeof x.CompleteRequest>;
  readonly fail: z.output<typeof x.FailRequest>;
  readonly release: z.output<typeof x.ReleaseRequest>;
  readonly cancelled: z.output<typeof x.CancelledRequest>;
}
export interface Queries {
  readonly listItems: QueryOf<'listItems'>;
  readonly listHandoffs: QueryOf<'listHandoffs'>;
  /** Of lists without a filter. */
  readonly paging: QueryOf<'listAgents'>;
  readonly listSessions: QueryOf<'listSessions'>;
  readonly listInputs: QueryOf<'listInputs'>;
  readonly listActivities: QueryOf<'listActivities'>;
}

/** A part of a list; `next` is the cursor of the following part, null after the last. */
export interface Slice<T> {
  readonly entries: T[];
  readonly next: string | null;
}
export interface Page<T> extends Slice<T> {
  readonly total: number;
}

/** A poll, after the service has decided how long to hold it. */
export interface PollInput extends Omit<z.output<typeof x.PollRequest>, 'waitMs' | 'renewals'> {
  readonly renewals: readonly { readonly sessionId: string; readonly fence: number }[];
  /** Held sessions to look at for cancels, answers and messages without renewing them again. */
  readonly watch: readonly { readonly sessionId: string; readonly fence: number }[];
}
/** An item with what a prompt or a page needs of it. */
export type StoredBundle = Omit<x.ItemBundle, 'item' | 'parent' | 'children'> & {
  readonly item: r.StoredItem;
  readonly parent: r.StoredItem | null;
  readonly children: r.StoredItem[];
};
/** A grant without its claim token: the store has no key. */
export type StoredGrant = Omit<x.ClaimGrant, 'claimToken' | 'leaseMs' | 'serverNow' | 'policy'>;
export type PollOutcome = Omit<x.PollReply, 'claims' | 'serverNow' | 'leaseMs' | 'renewMs' | 'nextMs'> & { readonly claims: StoredGrant[] };

export interface ReapSummary {
  readonly extended: number;
  readonly lost: number;
  readonly requeued: number;
  readonly ended: number;
  readonly readied: number;
  readonly expiredInputs: number;
}

/** How much a step did; all zeros: nothing more is due. */
export interface RetentionSummary {
  readonly events: number;
  readonly folded: number;
  readonly forgotten: number;
}
