/** A task from tasks.json was started by no click in the panel: shows what would run and asks. */
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';
import type { Session } from '../../protocol/records.ts';
import { queueSession } from '../../worker/queue/queueSession.ts';
import { usualMode } from '../../prompt/usualMode.ts';
import type { LocalWorker } from '../localWorker/localWorker.ts';
import type { PlatformLink } from '../base/platformLink.ts';
import { bindChosenFolder, chooseBase } from '../send/repository.ts';
import type { TaskDefinition } from './taskProvider.ts';

export interface ConfirmParts {
  readonly link: PlatformLink;
  readonly worker: LocalWorker;
  readonly stateDir: string;
  readonly bind: (repositoryId: string, folder: string) => Promise<void>;
}

export async function confirmTask(definition: TaskDefinition, parts: ConfirmParts): Promise<Session | null> {
  const { api } = await parts.link.connect();
  const item = await api.getItem({ params: { id: definition.item } });
  const worker = await parts.worker.ready();
  const agent = definition.agent === undefined ? worker.defaultAgent() : { id: worker.agentIdOf(definition.agent), name: definition.agent };
  if (agent.id === null)
    throw new BelayError('not_found', vscode.l10n.t('The agent "{0}" is not on this machine.', agent.name), {
      hint: vscode.l10n.t('Run "Belay: Doctor" to see which agents were found.'),
    });
  const mode = definition.mode ?? usualMode(item);
  const start = vscode.l10n.t('Start');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Start {0} on {1}?', agent.name, item.key),
    {
      modal: true,
      detail: vscode.l10n.t('{0}\nMode: {1}. It works in its own clone; nothing changes here before you accept.', item.title, mode),
    },
    start,
  );
  if (answer !== start) return null;
  const repository = await bindChosenFolder(api, parts.bind);
  const base = repository && (await chooseBase(repository, parts.stateDir));
  if (!repository || !base) return null;
  return queueSession({
    api,
    stateDir: parts.stateDir,
    itemId: item.id,
    agentId: agent.id,
    mode,
    repository,
    prompt: { kind: 'item' },
    base,
    workerId: worker.workerId,
  });
}
