/** `belay audit`: the record of what was asked, allowed, refused and done on this machine. */
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { auditLines } from '../../worker/audit/chain.ts';
import { auditCsv, auditFilter, csvHeader } from '../../worker/audit/export.ts';
import { anchorsOf, verifyAudit, type AuditVerdict, type PlacedAnchor } from '../../worker/audit/verify.ts';
import { openMachine } from '../../worker/base/machine.ts';
import { terminalJson } from '../../worker/base/encode.ts';
import { text, withConnection, type Command, type Invocation } from '../command.ts';
import { state } from '../context.ts';

const codes = { compared: 0, alone: 3, broken: 4 } as const;

export const audit: Command = {
  usage: 'audit verify | export',
  summary: 'Check the audit log of this machine, or write it out',
  details: [
    'verify compares the log with what the platform knows of it. The exit code is 0 when both agree, 3 when the log is whole',
    'and the platform could not be asked, 4 when lines were changed, removed, moved or cut off.',
    '  --offline            do not ask the platform',
    'export writes one line for each entry, oldest first.',
    '  --session ID         of this session only',
    '  --since TIME         from this time on: a date, or how long ago as in 90m, 12h, 7d',
    '  --format ndjson|csv  ndjson: each line as it is in the log, with its hash',
  ].join('\n'),
  needs: 1,
  run: (invocation) => {
    const [verb] = invocation.args;
    if (verb === 'verify') return verify(invocation);
    if (verb === 'export') return Promise.resolve(exportLog(invocation));
    throw new BelayError('bad_request', `"belay audit" does not know "${verb ?? ''}".`, { hint: 'It knows verify and export.' });
  },
};

async function verify(invocation: Invocation): Promise<number> {
  const { flags, output } = invocation;
  let anchors: readonly PlacedAnchor[] | null = null;
  let why = 'as you asked';
  if (flags['offline'] !== true)
    try {
      await withConnection(async ({ api }) => {
        anchors = await anchorsOf(api, openMachine(state).id);
        return 0;
      }, invocation);
    } catch (error) {
      why = messageOf(error);
    }
  const verdict = verifyAudit(state, anchors);
  output.answer(verdict, describe(verdict, why));
  return verdict.problems.length > 0 ? codes.broken : verdict.anchors === null ? codes.alone : codes.compared;
}

function describe({ entries, problems, anchors }: AuditVerdict, why: string): string {
  const lines = problems.length === 0 ? [`The chain of ${entries} entries is intact.`] : problems.map(({ message }) => message);
  if (anchors === null) lines.push(`It was not compared with the platform: ${why}.`);
  else if (anchors.until === null) lines.push('The platform knows none of its lines yet.');
  else
    lines.push(
      `The platform agrees up to line ${anchors.until.n}, received ${new Date(anchors.until.at).toISOString()} (${anchors.compared} compared).`,
    );
  return lines.join('\n');
}

function exportLog({ flags }: Invocation): number {
  const format = text(flags, 'format') ?? 'ndjson';
  if (format !== 'ndjson' && format !== 'csv')
    throw new BelayError('bad_request', `There is no format "${format}".`, { hint: 'ndjson or csv.' });
  const wanted = auditFilter({ session: text(flags, 'session'), since: text(flags, 'since') }, Date.now());
  let unreadable = 0;
  if (format === 'csv') process.stdout.write(csvHeader);
  for (const entry of auditLines(state)) {
    if (entry === null) unreadable += 1;
    else if (wanted(entry)) process.stdout.write(format === 'csv' ? auditCsv(entry) : `${terminalJson(entry)}\n`);
  }
  if (unreadable > 0) process.stderr.write(`${unreadable} lines could not be read. "belay audit verify" says which.\n`);
  return unreadable > 0 ? 1 : 0;
}
