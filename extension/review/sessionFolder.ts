/** Lets a person look into a session's working folder, without leaving the sandbox's protection behind. */
import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { inState } from '../../worker/base/stateFolder.ts';
import { BelayError } from '../../protocol/errors.ts';
import type { Session } from '../../protocol/records.ts';

export async function openSessionTerminal(stateDir: string, session: Session): Promise<void> {
  const folder = inState(stateDir, 'lines', session.lineId, 'clone');
  await access(folder).catch((cause: unknown) => {
    throw new BelayError('not_found', vscode.l10n.t('The working folder of this session is not on this machine, or was removed.'), {
      cause,
    });
  });
  const go = vscode.l10n.t('Open Terminal');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      "A terminal in the agent's folder runs outside the sandbox: what the agent left there may run when you use it (scripts, git settings).",
    ),
    { modal: true },
    go,
  );
  if (answer !== go) return;
  vscode.window
    .createTerminal({
      name: session.itemKey ?? session.title,
      cwd: folder,
      isTransient: true,
      env: {
        GIT_CONFIG_COUNT: '2',
        GIT_CONFIG_KEY_0: 'core.fsmonitor',
        GIT_CONFIG_VALUE_0: 'false',
        GIT_CONFIG_KEY_1: 'core.hooksPath',
        GIT_CONFIG_VALUE_1: '/dev/null',
      },
    })
    .show();
}
