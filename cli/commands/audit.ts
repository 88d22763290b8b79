/** `belay audit`: the record of what was asked, allowed, refused and done on this machine. */
import { messageOf } from '../../protocol/errors.ts';
import { auditLines } from '../../worker/audit/chain.ts';
import { auditCsv, auditFilter, csvHeader } from '../../worker/audit/export.ts';
import { anchorsOf, verifyAudit, type AuditVerdict, type PlacedAnchor } from '../../worker/audit/verify.ts';
import { openMachine } from '../../worker/base/machine.ts';
import { terminalJson } from '../../worker/base/encode.ts';
import { verb, withConnection, type Group } from '../base/command.ts';
import { state } from '../base/here.ts';

const codes = { compared: 0, alone: 3, broken: 4 } as const;

const verify = verb('compare the log with what the platform knows of it', {
  options: { offline: { says: 'do not ask the platform' } },
  examples: [['audit verify', 'was a line changed, removed, moved or cut off?']],
  json: 'AuditVerdict: {entries, problems, anchors}',
  exitCodes: {
    [codes.alone]: 'the log is whole, and the platform could not be asked',
    [codes.broken]: 'lines were changed, removed, moved or cut off',
  },
  run: async ({ options, output }) => {
    let anchors: readonly PlacedAnchor[] | null = null;
    let why = 'as you asked';
    if (!options.offline)
      try {
        anchors = await withConnection(({ api }) => anchorsOf(api, openMachine(state).id));
      } catch (error) {
        why = messageOf(error);
      }
    const verdict = verifyAudit(state, anchors);
    output.answer(verdict, describe(verdict, why));
    return verdict.problems.length > 0 ? codes.broken : verdict.anchors === null ? codes.alone : codes.compared;
  },
});

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

const exportLog = verb('write one line for each entry, oldest first', {
  options: {
    session: { value: 'ID', says: 'of this session only' },
    since: { value: 'TIME', says: 'from this time on: a date, or how long ago as in 90m, 12h, 7d' },
    format: { value: 'FORMAT', choices: ['ndjson', 'csv'], says: 'ndjson: each line as it is in the log, with its hash' },
  },
  examples: [['audit export --since 7d --format csv', 'the last week, for a spreadsheet']],
  json: 'one AuditEntry a line, as without it: the log can be longer than memory',
  run: ({ options }) => {
    const format = options.format ?? 'ndjson';
    const wanted = auditFilter({ session: options.session, since: options.since }, Date.now());
    let unreadable = 0;
    if (format === 'csv') process.stdout.write(csvHeader);
    for (const entry of auditLines(state)) {
      if (entry === null) unreadable += 1;
      else if (wanted(entry)) process.stdout.write(format === 'csv' ? auditCsv(entry) : `${terminalJson(entry)}\n`);
    }
    if (unreadable > 0) process.stderr.write(`${unreadable} lines could not be read. "belay audit verify" says which.\n`);
    return Promise.resolve(unreadable > 0 ? 1 : 0);
  },
});

export const audit: Group = { commands: { verify, export: exportLog } };
