/** Send to app, from a terminal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import { loginPath, which } from '../../worker/agents/discovery.ts';
import { available, handoffDetail, needsPromptFile, prepareLaunch, showsTaken } from '../../worker/targets/available.ts';
import { terminalSituation } from '../../worker/targets/programs.ts';
import type { Launch } from '../../worker/targets/types.ts';
import { renderPrompt } from '../../prompt/render.ts';
import { promptSections } from '../../prompt/sections.ts';
import { usualMode } from '../../prompt/usualMode.ts';
import { headCommit } from '../../worker/workspace/repository.ts';
import { command, connected } from '../base/command.ts';
import { folderOption, keyWord, modeOption, noteOption } from '../base/common.ts';
import { bindHere } from '../session/context.ts';
import { state } from '../base/here.ts';
import { itemName } from '../base/names.ts';
import { placeLine, placeOf } from '../session/place.ts';
import { textOf } from '../base/texts.ts';

export const send = command({
  words: [keyWord],
  options: {
    target: { value: 'TOOL', says: 'which; a wrong one lists those there are' },
    ...modeOption,
    ...noteOption,
    ...folderOption,
    print: { says: 'only say what would be launched' },
  },
  examples: [
    ['send BUG-1 --target claude-code', 'open the tool in this terminal, with the item as its prompt'],
    ['send BUG-1 --target terminal --print', 'what would be launched'],
  ],
  json: 'Launch: {kind, …} with --print and for a link; a tool in the terminal writes for itself',
  exitCodes: { N: 'the exit code of the tool' },
  run: connected(async (connection, { args: [key = ''], options, output }) => {
    const { api } = connection;
    const found = await api.getItemBundle({ params: { id: itemName(key) } });
    const mode = options.mode ?? usualMode(found.item);
    const repository = await bindHere(connection, options.folder);
    const searchPath = await loginPath();
    const { environment, application, installed } = terminalSituation(searchPath, process.env);
    const offers = available(environment, environment.system, application, installed);
    const { target, note } = options;
    const offer = offers.find((entry) => entry.target.id === target);
    if (!offer)
      throw new BelayError('bad_request', target === undefined ? 'Which target?' : `${target} is not available here.`, {
        hint: `Available: ${offers.map((entry) => entry.target.id).join(', ')}.`,
      });
    const prompt = renderPrompt({
      mode,
      place: 'external',
      sections: promptSections(found, note === undefined ? {} : { note: await textOf(note) }),
    }).text;
    const folder = path.join(state, 'prompts');
    const promptFile = path.join(folder, `${found.item.key}-${mode}.md`);
    const prepared = prepareLaunch(
      offer,
      { prompt, mode, itemKey: found.item.key, folder: path.join(repository.checkout.path, repository.within), promptFile },
      environment,
      application,
      installed,
    );
    if (options.print) {
      output.answer(prepared.launch, JSON.stringify(prepared.launch, null, 2));
      return 0;
    }
    const { launch } = prepared;
    if (launch.kind !== 'terminal' && launch.kind !== 'link')
      throw new BelayError('bad_request', `${offer.target.name} cannot be opened from a terminal.`, {
        hint: 'Use "belay run" or "belay queue".',
      });
    const baseCommit = await headCommit(repository.checkout);
    if (needsPromptFile(prepared)) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(promptFile, prompt, { mode: 0o600 });
    }
    const record = async () => {
      await api.createHandoff({
        params: { id: found.item.id },
        body: {
          target: offer.target.id,
          targetName: offer.target.name,
          mode,
          detail: handoffDetail(offer, prepared),
          repositoryId: repository.id,
          baseCommit,
          taken: showsTaken(launch),
        },
      });
    };
    if (launch.kind === 'link') {
      output.answer(launch, launch.url);
      await record();
      return 0;
    }
    output.progress(placeLine(await placeOf(repository.checkout)));
    return runProgram(launch, searchPath, record);
  }),
});

/** Starts a tool in the foreground, without a shell; `started` is called once it runs. Returns the tool's exit code. */
async function runProgram(
  launch: Extract<Launch, { kind: 'terminal' }>,
  searchPath: string,
  started: () => Promise<void>,
): Promise<number> {
  const [program = process.env['SHELL'] ?? '/bin/sh', ...args] = launch.argv;
  const file = path.isAbsolute(program) ? program : which(program, searchPath);
  if (file === null) throw new BelayError('not_found', `${program} is no longer installed.`);
  // Ctrl+C is the tool's: were this process to end by it, the terminal would be left to two.
  const leave = () => undefined;
  process.on('SIGINT', leave);
  try {
    const child = spawn(file, args, { cwd: launch.folder, stdio: 'inherit', env: { ...process.env, ...launch.environment } });
    const ended = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(code ?? (signal ? 1 : 0));
      });
    });
    await once(child, 'spawn');
    const [recorded, code] = await Promise.allSettled([started(), ended]);
    if (recorded.status === 'rejected') throw recorded.reason;
    return code.status === 'fulfilled' ? code.value : 1;
  } finally {
    process.off('SIGINT', leave);
  }
}
