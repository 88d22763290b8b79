import type { Claim, Session, SessionDetail, StoredSession } from '../../protocol/records.ts';

/** Queued, unless something else is said. */
export const aStoredSession = (over: Partial<StoredSession> = {}): StoredSession => ({
  id: 'ses_1',
  workspaceId: 'wsp_1',
  itemId: 'item_1',
  itemKey: 'BUG-1',
  title: 'A bug',
  agentId: 'agt_1',
  agentName: 'Codex',
  mode: 'code',
  execution: 'local',
  initiatorId: 'mem_1',
  ownerId: 'mem_1',
  repositoryId: null,
  baseCommit: null,
  state: 'queued',
  attempt: 1,
  maxAttempts: 3,
  parentSessionId: null,
  lineId: over.id ?? 'ses_1',
  claim: null,
  fence: 0,
  lastSeq: 0,
  plan: [],
  urls: [],
  sandboxStep: null,
  result: null,
  usage: null,
  error: null,
  cancelRequestedAt: null,
  notBefore: null,
  itemChanged: null,
  openInputs: 0,
  review: null,
  superseded: false,
  createdAt: 1,
  queuedAt: 1,
  startedAt: null,
  finishedAt: null,
  expiresAt: 1_000_000,
  archivedAt: null,
  ...over,
});

/** As a reply has it: with what the caller may do. */
export const aSession = ({ can = [], ...over }: Partial<Session> = {}): Session => ({ ...aStoredSession(over), can });

export const aSessionDetail = (over: Partial<SessionDetail> = {}): SessionDetail => ({
  ...aStoredSession(over),
  instructions: [],
  context: [],
  ...over,
});

export const aClaim = (over: Partial<Claim> = {}): Claim => ({
  sessionId: 'ses_1',
  workerId: 'wrk_1',
  instanceId: 'ins_1',
  fence: 1,
  leaseEnd: 1_000,
  ...over,
});
