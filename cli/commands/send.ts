/** Send to app, from a terminal. */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import { loginPath, which } from '../../worker/agents/discovery.ts';
import { moveItem } from '../../worker/review/review.ts';
import { available, prepareLaunch } from '../../worker/targets/available.ts';
import type { Environment, Installed } from '../../worker/targets/types.ts';
import { renderPrompt } from '../../worker/workflow/prompt.ts';
import { promptSections } from '../../worker/workflow/sections.ts';
import { headCommit } from '../../worker/workspace/repository.ts';
import { connected, modeOf, text } from '../command.ts';
import { bindHere, state } from '../context.ts';

export const send = connected(
  'send KEY --target T [--mode M] [--note TEXT] [--print]',
  'Open an item in a tool; --print only says what would be launched',
  1,
  async (connection, { args: [key = ''], flags, output }) => {
    const { api } = connection;
    const found = await api.getItemBundle({ params: { id: key } });
    const mode = modeOf(found.item, flags);
    const repository = await bindHere(connection, text(flags, 'folder'));
    const searchPath = await loginPath();
    const { environment, installed } = terminalSituation(searchPath);
    const application = { kind: 'terminal', uriScheme: '' } as const;
    const offers = available(environment, environment.system, application, installed);
    const target = text(flags, 'target');
    const offer = offers.find((entry) => entry.target.id === target);
    if (!offer)
      throw new BelayError('bad_request', target === undefined ? 'Which target?' : `${target} is not available here.`, {
        hint: `Available: ${offers.map((entry) => entry.target.id).join(', ')}.`,
      });
    const note = text(flags, 'note');
    const prompt = renderPrompt({
      mode,
      place: 'external',
      sections: promptSections(found, { mode, ...(note !== undefined && { note }) }),
    }).text;
    const folder = path.join(state, 'prompts');
    const promptFile = path.join(folder, `${found.item.key}-${mode}.md`);
    const prepared = prepareLaunch(
      offer,
      { prompt, mode, itemKey: found.item.key, folder: repository.checkout.path, promptFile },
      environment,
      application,
      installed,
    );
    if (flags['print'] === true) {
      output.answer(prepared.launch, JSON.stringify(prepared.launch, null, 2));
      return 0;
    }
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(promptFile, prompt, { mode: 0o600 });
    await api.createHandoff({
      params: { id: found.item.id },
      body: {
        target: offer.target.id,
        targetName: offer.target.name,
        mode,
        detail: offer.way.label,
        repositoryId: repository.id,
        baseCommit: await headCommit(repository.checkout),
      },
    });
    await moveItem(api, found.item.id, (item) => (['idea', 'open', 'planned'].includes(item.status) ? 'in_progress' : null));
    if (prepared.launch.kind === 'link') {
      output.answer(prepared.launch, prepared.launch.url);
      return 0;
    }
    if (prepared.launch.kind !== 'terminal')
      throw new BelayError('bad_request', `${offer.target.name} cannot be opened from a terminal.`, {
        hint: 'Use "belay run" or "belay queue".',
      });
    return runProgram(prepared.launch.argv, prepared.launch.folder, prepared.launch.environment, searchPath);
  },
);

function terminalSituation(searchPath: string): { environment: Environment; installed: Installed } {
  const system = process.platform === 'darwin' ? 'macos' : process.platform === 'win32' ? 'windows' : 'linux';
  const programs = ['codex', 'claude', 'cursor', 'cursor-agent', 'windsurf', 'opencode'].filter((name) => which(name, searchPath) !== null);
  return {
    environment: { system, remote: process.env['SSH_CONNECTION'] !== undefined, web: false, trusted: true, folder: true },
    installed: { programs: new Set(programs), extensions: new Set(), commands: new Set(), schemes: null, localAgents: [] },
  };
}

/** Starts a tool in the foreground, without a shell. */
async function runProgram(
  argv: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>>,
  searchPath: string,
): Promise<number> {
  const [program = process.env['SHELL'] ?? '/bin/sh', ...args] = argv;
  const file = program.includes('/') ? program : which(program, searchPath);
  if (file === null) throw new BelayError('not_found', `${program} is no longer installed.`);
  const child = spawn(file, args, { cwd: folder, stdio: 'inherit', env: { ...process.env, ...environment } });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(code ?? (signal ? 1 : 0));
    });
  });
}
