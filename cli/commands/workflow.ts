/** `belay workflow`: begin a workflow file, check it, approve it for this machine. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readdir, readFile } from 'node:fs/promises';
import { BelayError } from '../../protocol/errors.ts';
import { parseHostPort } from '../../worker/policy/hosts.ts';
import { parseWorkflow, type Diagnostic } from '../../worker/workflowFile/parse.ts';
import { wholeText, workflowStanding, type WorkflowStanding } from '../../worker/workflowFile/pending.ts';
import { sectionFolder, workflowFile } from '../../worker/workflowFile/schema.ts';
import { detect, starterFile } from '../../worker/workflowFile/starter.ts';
import { safeGit } from '../../worker/workspace/git.ts';
import { choiceOf } from '../base/choices.ts';
import { verb, withConnection, type Group, type Invocation, type OptionSpec } from '../base/command.ts';
import { folderOption } from '../base/common.ts';
import { bindHere } from '../session/context.ts';
import { state } from '../base/here.ts';
import type { Output } from '../base/output.ts';

const secretChoices = ['environment', 'masked', 'none'] as const;
/** Said by `approve` that has shown something and approved nothing. */
const shownOnly = 3;

const folderOf = (given: string | undefined): string => path.resolve(given ?? process.cwd());

const begin = verb('write a first WORKFLOW.md into the folder; an existing one stays', {
  options: folderOption,
  examples: [['workflow init', 'a file that fits what is in the folder']],
  json: '{file}',
  run: ({ options, output }) => Promise.resolve(init(output, folderOf(options.folder))),
});

const checkFile = verb('tell every problem of the file with its place', {
  words: [{ name: 'FILE', says: 'WORKFLOW.md if you do not say', optional: true }],
  options: folderOption,
  examples: [['workflow check', 'the exit code is 1 when there is an error']],
  json: '{file, errors, diagnostics}',
  run: ({ args: [file = workflowFile], options, output }) => check(output, path.resolve(folderOf(options.folder), file)),
});

const approveFile = verb('show what changed since the version approved last; with --yes approve it', {
  options: {
    ...folderOption,
    yes: { says: 'approve what is shown' },
    allow: { says: 'also grant what the file asks to be allowed' },
  },
  examples: [
    ['workflow approve', 'look at it'],
    ['workflow approve --yes', 'sessions follow this version from now on'],
  ],
  json: '{hash, usable, requests, approved, granted?, diff?}',
  exitCodes: { [shownOnly]: 'it was shown and not approved' },
  run: (invocation) => standing(invocation.options.folder, (found) => approve(invocation, found)),
});

const chooseSecret = verb('say what the work gets of a variable that the file names', {
  words: [
    { name: 'NAME', says: 'the variable' },
    { name: 'CHOICE', says: 'masked: the value stays outside, and requests to the hosts carry it', choices: secretChoices },
    { name: 'HOST:PORT', says: 'for a masked one', optional: true, many: true },
  ],
  options: folderOption,
  examples: [
    ['workflow secret NPM_TOKEN masked registry.npmjs.org:443', 'only requests to the registry carry it'],
    ['workflow secret NPM_TOKEN none', 'not at all'],
  ],
  json: '{name, choice, hosts}',
  run: ({ args, options, output }) => standing(options.folder, (found) => secret(output, found, args)),
});

export const workflow: Group = { commands: { init: begin, check: checkFile, approve: approveFile, secret: chooseSecret } };

function init(output: Output, folder: string): number {
  const file = path.join(folder, workflowFile);
  if (existsSync(file)) throw new BelayError('conflict', `${file} is there already.`, { hint: 'Check it: belay workflow check' });
  writeFileSync(file, starterFile(detect(folder)));
  output.answer({ file }, `${file} is written. Look at it, commit it, then: belay workflow approve`);
  return 0;
}

async function check(output: Output, file: string): Promise<number> {
  if (!existsSync(file))
    throw new BelayError('not_found', `missing_workflow_file: there is no ${file}.`, { hint: 'Begin one: belay workflow init' });
  const { diagnostics } = parseWorkflow(readFileSync(file, 'utf8'), await sectionsBeside(path.dirname(file)));
  const errors = diagnostics.filter((entry) => entry.severity === 'error').length;
  const line = ({ severity, code, message, start, file: name }: Diagnostic) =>
    `${name}:${start.line + 1}:${start.character + 1}  ${severity}  ${message}  (${code})`;
  output.answer({ file, errors, diagnostics }, diagnostics.length === 0 ? `${file}: nothing to say.` : diagnostics.map(line).join('\n'));
  return errors > 0 ? 1 : 0;
}

async function sectionsBeside(folder: string): Promise<Record<string, string>> {
  const at = path.join(folder, sectionFolder);
  const names = (await readdir(at).catch(() => [])).filter((name) => name.endsWith('.md'));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name.slice(0, -3), await readFile(path.join(at, name), 'utf8')])));
}

type Use = (found: WorkflowStanding) => Promise<number> | number;

async function standing(folder: string | undefined, use: Use): Promise<number> {
  return await withConnection(async (connection) => {
    const { id, checkout } = await bindHere(connection, folder);
    const found = await workflowStanding(state, id, checkout);
    if (!found)
      throw new BelayError('not_found', `missing_workflow_file: the last commit of ${checkout.path} has no ${workflowFile}.`, {
        hint: 'Only what is committed counts. Begin one with "belay workflow init", and commit it.',
      });
    return await use(found);
  });
}

async function approve(
  { options, output }: Invocation<{ readonly yes: OptionSpec; readonly allow: OptionSpec }>,
  { source, usable, approved, last, requests, approvals }: WorkflowStanding,
): Promise<number> {
  const grant = options.allow;
  const answer = { hash: source.hash, usable, requests };
  if (!usable)
    throw new BelayError('bad_request', `${workflowFile} has mistakes, so it cannot be approved.`, {
      hint: '"belay workflow check" shows them.',
    });
  if (approved && (!grant || approvals.requestsGranted(source.hash))) {
    output.answer({ ...answer, approved: true }, 'This version is approved already.');
    return 0;
  }
  const asks = requests.length === 0 ? [] : ['', 'It asks to be allowed:', ...requests.map((entry) => `  ${entry}`)];
  const shown = [await difference(wholeText(last), wholeText(source)), ...asks];
  if (!options.yes) {
    output.answer(
      { ...answer, approved: false, diff: shown[0] },
      [...shown, '', 'Approve it with: belay workflow approve --yes'].join('\n'),
    );
    return shownOnly;
  }
  approvals.approve(source, grant, Date.now());
  output.answer({ ...answer, approved: true, granted: grant }, [...shown, '', `Approved: ${source.hash.slice(0, 12)}.`].join('\n'));
  return 0;
}

/** By git, without any repository. */
async function difference(before: string, after: string): Promise<string> {
  const scratch = path.join(state, 'scratch');
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(path.join(scratch, 'workflow-'));
  try {
    writeFileSync(path.join(folder, 'approved'), before);
    writeFileSync(path.join(folder, 'new'), after);
    const reply = await safeGit(['diff', '--no-index', '--no-color', '--no-ext-diff', '--', 'approved', 'new'], {
      cwd: folder,
      okCodes: [0, 1],
    });
    return reply.text.split('\n').slice(4).join('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function secret(output: Output, { parsed, approvals }: WorkflowStanding, [name = '', choice = '', ...hosts]: readonly string[]): number {
  const named = parsed.workflow?.config.secrets ?? [];
  if (!named.includes(name))
    throw new BelayError('bad_request', `${workflowFile} names no secret "${name}".`, { hint: `It names: ${named.join(', ') || 'none'}.` });
  const chosen = choiceOf(secretChoices, choice, 'CHOICE');
  if ((chosen === 'masked') !== hosts.length > 0)
    throw new BelayError('bad_request', 'Hosts are named for a variable that is masked, and for no other.', {
      hint: `belay workflow secret ${name} masked api.example.com:443`,
    });
  for (const host of hosts) parseHostPort(host);
  approvals.chooseSecret(name, chosen === 'none' ? null : chosen === 'masked' ? { masked: hosts } : chosen);
  output.answer({ name, choice: chosen, hosts }, `${name}: ${[chosen, ...hosts].join(' ')}.`);
  return 0;
}
