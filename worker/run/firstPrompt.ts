/** The words a run begins with: the session's sections, this machine's, and answers that came while no run was there. */
import type { Input } from '../../protocol/records.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { AgentFailure } from '../agents/driver.ts';
import type { ClaimHold } from '../journal/outbox.ts';
import { renderBody } from '../workflow/file/template.ts';
import { oneLine } from '../workflow/sections.ts';
import { renderPrompt, type RenderedPrompt } from '../workflow/prompt.ts';
import type { RunSpec } from './spec.ts';

/** A parked run is continued when its question was answered: the answers go with the prompt. Marks them delivered. */
export async function takeAnswers(api: Pick<BelayApi, 'listInputs' | 'inputDelivered'>, hold: ClaimHold): Promise<readonly Input[]> {
  const { entries } = await api.listInputs({ query: { session: hold.sessionId, state: ['answered'] } });
  const answered = entries.filter((input) => input.deliveredAt === null);
  for (const input of answered) {
    await api.inputDelivered({
      params: { id: hold.sessionId, inputId: input.id },
      claimToken: hold.claimToken,
      body: { holder: { instanceId: hold.instanceId, fence: hold.fence } },
    });
  }
  return answered;
}

export function firstPrompt(spec: RunSpec, answered: readonly Input[]): RenderedPrompt {
  const { session } = spec.grant;
  const worker = spec.instructions.trim();
  const workflow = workflowText(spec);
  const answers = answered.map((input) => {
    const chosen = input.options.find((option) => option.id === input.answer?.optionId)?.label;
    return `You asked: ${input.title}\nThe answer: ${input.answer?.text ?? chosen ?? 'none'}`;
  });
  return renderPrompt({
    mode: session.mode,
    place: 'private_clone',
    sections: [
      ...session.instructions,
      ...(worker === ''
        ? []
        : [{ id: 'worker', origin: 'worker' as const, title: 'From this machine', text: worker, trusted: true, enabled: true }]),
      ...(workflow === ''
        ? []
        : [{ id: 'workflow', origin: 'workflow' as const, title: 'From WORKFLOW.md', text: workflow, trusted: true, enabled: true }]),
      ...session.context,
      ...(answers.length === 0
        ? []
        : [
            {
              id: 'answers',
              origin: 'note' as const,
              title: 'Questions you asked before, with their answers',
              text: answers.join('\n\n'),
              trusted: false,
              enabled: true,
            },
          ]),
    ],
  });
}

/** The body of the repository's workflow file. Throws an AgentFailure where it cannot be rendered for this session. */
function workflowText({ workflow, grant }: RunSpec): string {
  if (workflow === null || workflow.body.trim() === '') return '';
  const { session, item, repository } = grant;
  try {
    return renderBody(workflow.body, workflow.sections, {
      item: {
        key: item?.key ?? '',
        kind: item?.kind ?? '',
        status: item?.status ?? '',
        priority: item?.priority ?? '',
        labels: item?.labels.map((label) => oneLine(`${label.group}/${label.name}`).slice(0, 60)) ?? [],
      },
      session: { id: session.id, mode: session.mode },
      attempt: session.attempt,
      repository: {
        name: oneLine(repository?.name ?? '').slice(0, 100),
        default_branch: oneLine(repository?.defaultBranch ?? '').slice(0, 100),
      },
    });
  } catch (error) {
    throw new AgentFailure(
      'template_render_error',
      `WORKFLOW.md could not be rendered: ${messageOf(error)}`,
      'Mend it and approve it again: "belay workflow check" says where.',
    );
  }
}
