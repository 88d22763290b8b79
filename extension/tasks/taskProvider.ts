/** Tasks of type `belay`: a task is a session of this machine's worker, claimed by name. */
import * as vscode from 'vscode';
import * as z from 'zod';
import type { Session, WorkItem } from '../../protocol/records.ts';
import { SessionMode } from '../../protocol/records.ts';
import { taskType } from '../base/ids.ts';
import { BelayError } from '../../protocol/errors.ts';
import { SessionTerminal, type TerminalParts } from './sessionTerminal.ts';

export const TaskDefinition = z.object({
  type: z.literal(taskType),
  item: z.string().min(1).max(80),
  mode: SessionMode.optional(),
  agent: z.string().max(60).optional(),
});
export type TaskDefinition = z.infer<typeof TaskDefinition>;

export interface TaskParts {
  readonly connect: TerminalParts['connect'];
  /** For a task that no click in the panel started: shows what would run, and creates its session on a yes. */
  readonly confirmAndCreate: (definition: TaskDefinition) => Promise<Session | null>;
  readonly claim: (session: Session) => Promise<void>;
}

export class BelayTasks {
  private readonly parts: TaskParts;
  constructor(parts: TaskParts) {
    this.parts = parts;
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const definition = TaskDefinition.safeParse(task.definition);
    if (!definition.success) return undefined;
    return this.makeTask(
      task.definition,
      definition.data.item,
      async () => {
        const session = await this.parts.confirmAndCreate(definition.data);
        if (!session) throw new BelayError('bad_request', vscode.l10n.t('Not started.'));
        return session;
      },
      task.scope ?? vscode.TaskScope.Workspace,
    );
  }

  /** Runs a session that a person just sent. */
  async run(session: Session, item: WorkItem): Promise<void> {
    const definition: TaskDefinition = { type: taskType, item: item.key, mode: session.mode };
    await vscode.tasks.executeTask(
      this.makeTask(definition, `${item.key} ${session.mode}`, () => Promise.resolve(session), vscode.TaskScope.Workspace),
    );
  }

  private makeTask(
    definition: vscode.TaskDefinition,
    name: string,
    create: () => Promise<Session>,
    scope: vscode.TaskScope | vscode.WorkspaceFolder,
  ): vscode.Task {
    const execution = new vscode.CustomExecution(() =>
      Promise.resolve(
        new SessionTerminal({
          connect: this.parts.connect,
          start: async () => {
            const session = await create();
            await this.parts.claim(session);
            return session;
          },
        }),
      ),
    );
    const task = new vscode.Task(definition, scope, name, 'Belay', execution, []);
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated, clear: true };
    return task;
  }
}
