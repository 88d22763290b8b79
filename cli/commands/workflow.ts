/** `belay workflow`: the repository's workflow file, written, checked, shown and approved. */
import { createTwoFilesPatch } from 'diff';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Connection } from '../../client/connection.ts';
import { BelayError } from '../../protocol/errors.ts';
import { ApprovedWorkflows } from '../../worker/workflow/file/approved.ts';
import { workflowSource } from '../../worker/workflow/file/choose.ts';
import { diagnosticLine } from '../../worker/workflow/file/diagnostics.ts';
import { parseWorkflow } from '../../worker/workflow/file/parse.ts';
import { sectionName, wholeText, workflowName } from '../../worker/workflow/file/source.ts';
import { starterWorkflow } from '../../worker/workflow/file/starter.ts';
import { openCheckout } from '../../worker/workspace/repository.ts';
import { text, withConnection, type Command, type Invocation } from '../command.ts';
import { bindHere, state } from '../context.ts';

export const workflow: Command = {
  usage: 'workflow init | check [FILE] | approve',
  summary: "Write, check or approve the repository's WORKFLOW.md",
  details: [
    'init      writes a WORKFLOW.md that suits this repository, unless there is one',
    'check     says what is wrong with the file, each with its place; the exit code is 1 when runs could not use it',
    'approve   shows what changed since you approved it last, and lets runs of this machine use it; --yes asks nothing',
  ].join('\n'),
  needs: 1,
  run: async (invocation) => {
    const [verb, file] = invocation.args;
    const folder = (await openCheckout(path.resolve(text(invocation.flags, 'folder') ?? process.cwd()))).path;
    if (verb === 'init') return init(folder, invocation);
    if (verb === 'check') return check(path.resolve(file ?? path.join(folder, workflowName)), invocation);
    if (verb === 'approve') return await withConnection(approve, invocation);
    throw new BelayError('bad_request', `"belay workflow" does not know "${verb ?? ''}".`, { hint: 'It knows init, check and approve.' });
  },
};

function init(folder: string, { output }: Invocation): number {
  const file = path.join(folder, workflowName);
  if (existsSync(file)) throw new BelayError('conflict', `${file} is there already.`, { hint: 'Check it with "belay workflow check".' });
  writeFileSync(file, starterWorkflow(folder), { flag: 'wx' });
  output.answer({ file }, `${file} is written. Change it, commit it, then run "belay workflow approve".`);
  return 0;
}

/** The sections beside a file in a working folder. */
function sectionsBeside(file: string): Record<string, string> {
  const folder = path.join(path.dirname(file), '.belay', 'sections');
  if (!existsSync(folder)) return {};
  return Object.fromEntries(
    readdirSync(folder).flatMap((entry) => {
      const name = sectionName(`.belay/sections/${entry}`);
      return name === null ? [] : [[name, readFileSync(path.join(folder, entry), 'utf8')]];
    }),
  );
}

function check(file: string, { output }: Invocation): number {
  if (!existsSync(file)) throw new BelayError('not_found', `There is no ${file}.`, { hint: '"belay workflow init" writes one.' });
  const { workflow: sound, diagnostics } = parseWorkflow(readFileSync(file, 'utf8'), sectionsBeside(file));
  const name = path.relative(process.cwd(), file) || file;
  output.answer(
    { file, ok: sound !== null, diagnostics },
    diagnostics.length === 0 ? `${name} is fine.` : diagnostics.map((entry) => diagnosticLine(name, entry)).join('\n'),
  );
  return sound === null ? 1 : 0;
}

async function approve(connection: Connection, { flags, output }: Invocation): Promise<number> {
  const { id, name, checkout } = await bindHere(connection, text(flags, 'folder'));
  const source = await workflowSource({ stateDir: state, repositoryId: id, repositoryPath: checkout.path, commit: null });
  if (!source)
    throw new BelayError('not_found', `The commit that is checked out in ${checkout.path} has no WORKFLOW.md.`, {
      hint: 'Runs read it from the commit they start from: commit it first.',
    });
  const { workflow: sound, diagnostics } = parseWorkflow(source.text, source.sections);
  if (sound === null)
    throw new BelayError(
      'bad_request',
      `WORKFLOW.md has mistakes:\n${diagnostics.map((entry) => diagnosticLine(workflowName, entry)).join('\n')}`,
    );
  const approved = new ApprovedWorkflows(state, id);
  if (approved.has(source)) {
    output.answer({ hash: source.hash, approved: true, changed: false }, 'This version is approved already.');
    return 0;
  }
  const last = approved.last();
  output.progress(createTwoFilesPatch('approved last', 'now', last ? wholeText(last) : '', wholeText(source)));
  const requests = sound.head.policy.filter((rule) => rule.decision === 'allow');
  if (requests.length > 0)
    output.progress(`It asks to allow: ${requests.map((rule) => `${rule.class} ${rule.match?.join(' | ') ?? 'all'}`).join('; ')}`);
  if (sound.head.secrets.length > 0) output.progress(`Its runs get the values of ${sound.head.secrets.join(', ')} in their environment.`);
  if (flags['yes'] !== true && !(await confirmed(`Let runs in ${name} use this? [y/N] `))) {
    output.answer({ hash: source.hash, approved: false }, 'Not approved. Runs go by the version approved last, or by none.');
    return 1;
  }
  approved.approve(source);
  output.answer({ hash: source.hash, approved: true, changed: true }, 'Approved. A change of the file asks again.');
  return 0;
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new BelayError('bad_request', 'There is no terminal to ask on.', { hint: 'Read the file, then use --yes.' });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/iu.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
