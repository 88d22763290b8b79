/** What a route takes a caller's permission for. Who has which is the platform's business alone: replies say it as `can`. */

export const permissions = [
  /** No credential is needed. */
  'public',
  'platform.read',
  'platform.end',
  'platform.export',
  'item.read',
  'item.write',
  'item.comment',
  'handoff.write',
  'agent.read',
  'agent.write',
  'worker.read',
  'worker.register',
  'worker.poll',
  'repository.read',
  'repository.write',
  'session.read',
  'session.create',
  'session.steer',
  'session.answer',
  'session.review',
  /** The token of a live claim on the session. */
  'session.hold',
  'events.read',
] as const;
export type Permission = (typeof permissions)[number];
