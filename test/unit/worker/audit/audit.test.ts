import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { auditEntriesBackwards, auditLines, readChain } from '../../../../worker/audit/chain.ts';
import { hashOf, noHead, type AuditEntry } from '../../../../worker/audit/entry.ts';
import { auditCsv, auditFilter } from '../../../../worker/audit/export.ts';
import { recordApproval } from '../../../../worker/audit/facts.ts';
import { auditDir, segments } from '../../../../worker/audit/files.ts';
import { AuditLog } from '../../../../worker/audit/log.ts';
import { verifyAudit, type PlacedAnchor } from '../../../../worker/audit/verify.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';
import { fact } from '../../../support/auditFact.ts';

/** A log of `count` lines with the heads a platform would know of it. */
function filled(count: number): { stateDir: string; anchors: PlacedAnchor[]; log: AuditLog } {
  const stateDir = tempFolder();
  const log = new AuditLog({ stateDir });
  const anchors = Array.from({ length: count }, (_, index) => ({
    machine: 'm',
    ...log.append(fact(`resource ${index + 1}`)),
    sessionId: 'ses_a',
    receivedAt: 1000 + index,
  }));
  return { stateDir, anchors, log };
}
const onlyFile = (stateDir: string) => segments(stateDir)[0]?.file ?? '';
/** Changes the lines of the log as somebody with an editor would. */
function tamper(stateDir: string, change: (lines: string[]) => string[]): void {
  const file = onlyFile(stateDir);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  writeFileSync(
    file,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}
const kinds = (stateDir: string, anchors: PlacedAnchor[] | null) =>
  verifyAudit(stateDir, anchors).problems.map(({ kind, n }) => `${kind} ${n}`);
const unsealed = ({ hash: _hash, ...open }: AuditEntry) => open;
/** The whole chain made anew from `from` on, every hash right. */
function rewrite(lines: string[], from: number, change: (entry: AuditEntry) => AuditEntry | null): string[] {
  let end = noHead;
  return lines.flatMap((line) => {
    const entry = JSON.parse(line) as AuditEntry;
    const kept = entry.n < from ? entry : change(entry);
    if (kept === null) return [];
    const open = unsealed({ ...kept, n: end.n + 1, prev: end.head });
    end = { n: open.n, head: hashOf(open) };
    return [JSON.stringify({ ...open, hash: end.head })];
  });
}

describe('the audit log', () => {
  afterEach(removeTempFolders);

  it('is one chain of whole lines for this user only, and agrees with its anchors', () => {
    const { stateDir, anchors } = filled(5);
    assert.deepEqual(kinds(stateDir, anchors), []);
    const verdict = verifyAudit(stateDir, anchors);
    assert.deepEqual([verdict.entries, verdict.anchors], [5, { compared: 5, until: { n: 5, at: 1004 } }]);
    assert.deepEqual(
      [...auditEntriesBackwards(stateDir)].map((entry) => entry.n),
      [5, 4, 3, 2, 1],
    );
    if (process.platform !== 'win32') {
      assert.equal(statSync(onlyFile(stateDir)).mode & 0o777, 0o600);
      assert.equal(statSync(auditDir(stateDir)).mode & 0o777, 0o700);
    }
  });

  it('stays one chain when several processes write at once', async function () {
    this.timeout(30_000);
    const stateDir = tempFolder();
    const program = path.join(import.meta.dirname, '../../../support/appendAudit.ts');
    const run = promisify(execFile);
    await Promise.all(['a', 'b', 'c'].map((name) => run(process.execPath, [program, stateDir, '40', name])));
    assert.deepEqual(readChain(stateDir).problems, []);
    const order = [...auditLines(stateDir)].map((entry) => entry?.resource ?? '');
    assert.equal(new Set(order).size, 120);
  });

  it('goes on in a new file without a break in the chain', () => {
    const stateDir = tempFolder();
    const log = new AuditLog({ stateDir, segmentBytes: 1500 });
    for (let index = 0; index < 12; index += 1) log.append(fact(`r${index}`));
    assert.ok(segments(stateDir).length > 2);
    new AuditLog({ stateDir, segmentBytes: 1500 }).append(fact('by another'));
    assert.deepEqual(readChain(stateDir).problems, []);
    assert.equal(readChain(stateDir).head.n, 13);
    rmSync(segments(stateDir)[1]?.file ?? '');
    assert.equal(readChain(stateDir).problems[0]?.kind, 'removed');
  });

  it('takes away what a crash left of a line, and keeps a whole line that only lost its end', () => {
    const { stateDir } = filled(2);
    appendFileSync(onlyFile(stateDir), '{"n":3,"at":17');
    assert.deepEqual(kinds(stateDir, null), []);
    new AuditLog({ stateDir }).append(fact('after'));
    assert.deepEqual([kinds(stateDir, null), readChain(stateDir).head.n], [[], 3]);
    writeFileSync(onlyFile(stateDir), readFileSync(onlyFile(stateDir), 'utf8').trimEnd());
    new AuditLog({ stateDir }).append(fact('after that'));
    assert.deepEqual([kinds(stateDir, null), readChain(stateDir).head.n], [[], 4]);
  });

  it('writes nothing over an end that was damaged', () => {
    const { stateDir } = filled(2);
    appendFileSync(onlyFile(stateDir), 'no entry\n');
    const before = readFileSync(onlyFile(stateDir), 'utf8');
    assert.throws(() => new AuditLog({ stateDir }).append(fact('x')), /cannot be read/);
    assert.equal(readFileSync(onlyFile(stateDir), 'utf8'), before);
    assert.deepEqual(kinds(stateDir, null), ['unreadable 3']);
  });

  it('never holds a known secret, nor a text of any length', () => {
    const stateDir = tempFolder();
    const secret = 'correct-horse-battery';
    new AuditLog({ stateDir, secrets: [secret] }).append(
      fact(`curl -H ${secret}`, { detail: encodeURIComponent(secret), rules: [secret] }),
    );
    new AuditLog({ stateDir }).append(fact('x'.repeat(1_000_000)));
    assert.ok(!readFileSync(onlyFile(stateDir), 'utf8').includes(secret));
    assert.ok(statSync(onlyFile(stateDir)).size < 12_000);
    assert.deepEqual(kinds(stateDir, null), []);
  });

  it('shows what was changed, taken out, moved or cut off', () => {
    const cases: [string, (lines: string[]) => string[], string[], string[]][] = [
      ['changed', (lines) => lines.map((line) => line.replace('resource 3', 'resource X')), ['changed 3'], []],
      [
        'decision',
        (lines) => lines.map((line, at) => (at === 1 ? line.replace('"decision":"deny"', '"decision":"allow"') : line)),
        ['changed 2'],
        [],
      ],
      ['taken out', (lines) => lines.filter((_, at) => at !== 2), ['removed 3'], []],
      ['first lines', (lines) => lines.slice(2), ['removed 1'], []],
      [
        'moved',
        (lines) => [lines[0], lines[2], lines[1], lines[3], lines[4]].map(String),
        ['reordered 3', 'reordered 2', 'reordered 4'],
        [],
      ],
      ['cut off', (lines) => lines.slice(0, 3), [], ['truncated 5']],
      ['all gone', () => [], [], ['truncated 5']],
      ['rewritten', (lines) => rewrite(lines, 3, (entry) => ({ ...entry, decision: 'allow' })), [], ['rewritten 3']],
      [
        'left out and renumbered',
        (lines) => rewrite(lines, 2, (entry) => (entry.n === 2 ? null : entry)),
        [],
        ['rewritten 2', 'truncated 5'],
      ],
    ];
    for (const [name, change, alone, withAnchors] of cases) {
      const { stateDir, anchors } = filled(5);
      tamper(stateDir, change);
      assert.deepEqual(kinds(stateDir, null), alone, name);
      assert.deepEqual(kinds(stateDir, anchors).slice(alone.length), withAnchors, name);
    }
  });

  it('shows a log that was thrown away and begun again', () => {
    const { stateDir, anchors } = filled(4);
    rmSync(auditDir(stateDir), { recursive: true });
    const log = new AuditLog({ stateDir });
    for (let index = 0; index < 6; index += 1) log.append(fact('new'));
    assert.deepEqual(kinds(stateDir, null), []);
    assert.deepEqual(kinds(stateDir, anchors), ['rewritten 1']);
    assert.deepEqual(readdirSync(auditDir(stateDir)).length, 2);
  });

  it('records what a person approves', () => {
    const stateDir = tempFolder();
    recordApproval(stateDir, { what: 'WORKFLOW.md', hash: 'h', detail: 'hooks: after_create' });
    const [entry] = [...auditLines(stateDir)];
    assert.deepEqual([entry?.event, entry?.resource, entry?.rules], ['approval', 'WORKFLOW.md', ['sha256:h']]);
  });
});

describe('the export of the audit log', () => {
  const entry = { ...fact('a'), n: 1, at: Date.parse('2026-11-26T08:00:00Z'), prev: noHead.head, hash: noHead.head };

  it('picks a session, and from a time on', () => {
    const now = Date.parse('2026-11-26T10:00:00Z');
    const picks = (wish: { session?: string; since?: string }) =>
      auditFilter({ session: undefined, since: undefined, ...wish }, now)(entry);
    assert.deepEqual([picks({}), picks({ session: 'ses_a' }), picks({ session: 'ses_b' })], [true, true, false]);
    assert.deepEqual([picks({ since: '3h' }), picks({ since: '90m' }), picks({ since: '2026-11-26' })], [true, false, true]);
    assert.throws(() => picks({ since: 'yesterday' }), /is no time/);
  });

  it('gives table programs nothing to run', () => {
    const row = auditCsv({ ...entry, resource: '=cmd|"/c calc"!A0', detail: '+1\r\n@x' });
    assert.match(row, /,"'=cmd\|""\/c calc""!A0",/);
    assert.match(row, /,'\+1 @x,/);
    assert.equal(row.split('\r\n').length, 2);
  });
});
