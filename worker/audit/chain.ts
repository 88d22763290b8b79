/** Reads the audit log back and checks its chain: what was changed, taken out or moved shows by line number. */
import { readFileSync } from 'node:fs';
import { hashOf, noHead, readEntry, type AuditEntry, type AuditHead } from './entry.ts';
import { segments } from './files.ts';

export interface AuditProblem {
  readonly kind: 'changed' | 'removed' | 'reordered' | 'unreadable' | 'truncated' | 'rewritten';
  /** The first line it shows at. */
  readonly n: number;
  readonly message: string;
}
export interface Chain {
  readonly head: AuditHead;
  readonly problems: readonly AuditProblem[];
  /** The hash of line `n`, if there is such a line. */
  readonly hashes: ReadonlyMap<number, string>;
}

/** More than these tell nobody more. */
const problemsKept = 100;

/** The lines of the log, oldest first; null for one that is no entry. What a crash left of the last one is no line. */
export function* auditLines(stateDir: string): Generator<AuditEntry | null> {
  for (const { file } of segments(stateDir)) yield* linesOf(file);
}

/** The entries, newest first. Lines that cannot be read are left out. */
export function* auditEntriesBackwards(stateDir: string): Generator<AuditEntry> {
  for (const { file } of segments(stateDir).reverse()) for (const entry of [...linesOf(file)].reverse()) if (entry !== null) yield entry;
}

function* linesOf(file: string): Generator<AuditEntry | null> {
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const line of whole.split('\n').slice(0, -1)) yield readEntry(line);
}

export function readChain(stateDir: string): Chain {
  const entries = [...auditLines(stateDir)];
  const present = new Set(entries.map((entry) => entry?.n));
  const hashes = new Map<number, string>();
  const problems: AuditProblem[] = [];
  const report = (kind: AuditProblem['kind'], n: number, message: string): void => {
    if (problems.length < problemsKept) problems.push({ kind, n, message });
  };
  let before = noHead;
  for (const entry of entries) {
    const expected = before.n + 1;
    if (entry === null) {
      report('unreadable', expected, `Line ${expected} cannot be read.`);
      before = { n: expected, head: '' };
      continue;
    }
    const { hash, ...open } = entry;
    const bridged = before.head === '';
    if (entry.n !== expected) {
      if (present.has(expected)) report('reordered', entry.n, `Line ${entry.n} stands where line ${expected} belongs.`);
      else report('removed', expected, `Line ${expected}${entry.n - 1 > expected ? ` to ${entry.n - 1}` : ''} is missing.`);
    } else if (entry.prev !== before.head && !bridged)
      report('changed', entry.n, `Line ${entry.n} does not follow from line ${before.n}: one of the two was changed.`);
    if (hashOf(open) !== hash) report('changed', entry.n, `Line ${entry.n} was changed after it was written.`);
    hashes.set(entry.n, hash);
    before = { n: entry.n, head: hash };
  }
  return { head: before, problems, hashes };
}
