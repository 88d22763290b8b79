/** Compares the audit log of this machine with the heads it has sent to the platform. */
import type { AuditAnchor } from '../../protocol/activities.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { readChain, type AuditProblem, type Chain } from './chain.ts';

/** A head that the platform knows, and where it has it from. */
export interface PlacedAnchor extends AuditAnchor {
  readonly sessionId: string;
  readonly receivedAt: number;
}
export interface AuditVerdict {
  readonly entries: number;
  readonly problems: readonly AuditProblem[];
  /** Null when the platform was not asked. */
  readonly anchors: { readonly compared: number; readonly until: { readonly n: number; readonly at: number } | null } | null;
}

type AnchorApi = Pick<BelayApi, 'listSessions' | 'listActivities'>;

/** Every head of this machine that the platform has, from the activities of all sessions. */
export async function anchorsOf(api: AnchorApi, machine: string): Promise<PlacedAnchor[]> {
  const found: PlacedAnchor[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await api.listSessions({ query: { limit: 100, ...(cursor !== undefined && { cursor }) } });
    for (const session of page.entries) if (session.fence > 0) found.push(...(await sessionAnchors(api, machine, session.id)));
    cursor = page.next;
  }
  return found;
}

async function sessionAnchors(api: AnchorApi, machine: string, id: string): Promise<PlacedAnchor[]> {
  const found: PlacedAnchor[] = [];
  for (let after = 0; ;) {
    const { entries, lastSeq } = await api.listActivities({ params: { id }, query: { after, limit: 1000 } });
    for (const entry of entries) {
      const anchor = entry.kind === 'policy' ? entry.body.audit : undefined;
      if (anchor?.machine === machine) found.push({ ...anchor, sessionId: id, receivedAt: entry.receivedAt });
    }
    after = entries.at(-1)?.seq ?? lastSeq;
    if (after >= lastSeq) return found;
  }
}

/** Checks the chain by itself, and against `anchors` where they could be had. They must have been read before this. */
export function verifyAudit(stateDir: string, anchors: readonly PlacedAnchor[] | null): AuditVerdict {
  const chain = readChain(stateDir);
  const entries = chain.hashes.size;
  if (anchors === null) return { entries, problems: chain.problems, anchors: null };
  const against = anchorProblems(chain, anchors);
  const wrong = new Set(against.map((problem) => problem.n));
  const until = anchors
    .filter((anchor) => !wrong.has(anchor.n))
    .reduce<PlacedAnchor | null>((last, anchor) => (anchor.n > (last?.n ?? 0) ? anchor : last), null);
  return {
    entries,
    problems: [...chain.problems, ...against],
    anchors: { compared: anchors.length, until: until && { n: until.n, at: until.receivedAt } },
  };
}

function anchorProblems({ head, hashes }: Chain, anchors: readonly PlacedAnchor[]): AuditProblem[] {
  const ordered = [...anchors].sort((a, b) => a.n - b.n);
  const problems: AuditProblem[] = [];
  const beyond = ordered.filter((anchor) => anchor.n > head.n).at(-1);
  // A rewritten chain differs at every later anchor: the first one says enough.
  const other = ordered.find((anchor) => hashes.has(anchor.n) && hashes.get(anchor.n) !== anchor.head);
  if (other)
    problems.push({
      kind: 'rewritten',
      n: other.n,
      message: `Line ${other.n} is not the one the platform knows: the log was rewritten here or before.`,
    });
  if (beyond)
    problems.push({ kind: 'truncated', n: beyond.n, message: `The log ends at line ${head.n}, and the platform knows line ${beyond.n}.` });
  return problems;
}
