/** Carries out a prepared launch in this editor. */
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';
import type { CommandArgument, Launch } from '../../worker/targets/types.ts';
import { which } from '../../worker/agents/discovery.ts';
import { openOutside } from '../base/openOutside.ts';

type OutwardLaunch = Exclude<Launch, { kind: 'task' | 'queue' }>;

/** Opens the target. Returns one line about what happened. Throws when it could not be opened, and nothing happened. */
export async function launchTarget(launch: OutwardLaunch, searchPath: string): Promise<string> {
  switch (launch.kind) {
    case 'link': {
      if (!(await openOutside(launch.url)))
        throw new BelayError('conflict', vscode.l10n.t('The link was not opened.'), {
          hint: vscode.l10n.t('Is the application installed? Copy the prompt, or choose another target.'),
        });
      return vscode.l10n.t('Opened. Press Enter there to start.');
    }
    case 'commands': {
      if (launch.clipboard !== null) await vscode.env.clipboard.writeText(launch.clipboard);
      for (const command of launch.commands) await vscode.commands.executeCommand(command.id, ...command.args.map(argument));
      return launch.clipboard === null
        ? vscode.l10n.t('Filled in. Press Enter there to start.')
        : vscode.l10n.t('Opened. The text is on the clipboard: paste it there.');
    }
    case 'terminal':
      await openTerminal(launch, searchPath);
      return vscode.l10n.t('Opened in a terminal.');
  }
}

function argument(given: CommandArgument): unknown {
  return 'file' in given ? vscode.Uri.file(given.file) : given.value;
}

async function openTerminal(launch: Extract<Launch, { kind: 'terminal' }>, searchPath: string): Promise<void> {
  const [program, ...args] = launch.argv;
  const options: vscode.TerminalOptions = { name: launch.name, cwd: launch.folder, env: { ...launch.environment }, isTransient: true };
  if (program !== undefined) {
    const file = program.includes('/') ? program : which(program, searchPath);
    if (file === null)
      throw new BelayError('not_found', vscode.l10n.t('{0} is no longer installed.', program), {
        hint: vscode.l10n.t('Install it again, or choose another target.'),
      });
    if (process.platform === 'win32' && /\.(?:cmd|bat)$/iu.test(file)) {
      throw new BelayError(
        'bad_request',
        vscode.l10n.t('{0} is a script that only the command shell can start, and no prompt may pass through a shell.', program),
        { hint: vscode.l10n.t('Use the Terminal target: the prompt is in a file there.') },
      );
    }
    options.shellPath = file;
    options.shellArgs = args;
  }
  const terminal = vscode.window.createTerminal(options);
  terminal.show();
  // A program that cannot be started leaves a terminal without a process.
  if ((await terminal.processId) === undefined)
    throw new BelayError('conflict', vscode.l10n.t('{0} could not be started.', program ?? 'The shell'), {
      hint: vscode.l10n.t('Check that it runs in a terminal of your own.'),
    });
  // Shown is not focused yet, and what is typed next is meant for the terminal.
  await vscode.commands.executeCommand('workbench.action.terminal.focus');
}
