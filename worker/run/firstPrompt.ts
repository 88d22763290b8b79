/** The words a run begins with: the session's sections, this machine's, and answers that came while no run was there. */
import type { Input, PromptSection } from '../../protocol/records.ts';
import type { HeldSession } from '../journal/heldSession.ts';
import { renderPrompt, type RenderedPrompt } from '../../prompt/render.ts';
import type { RunSpec } from './spec.ts';

/** A parked run is continued when its question was answered or its time was over: that goes with the prompt. Marks them delivered. */
export async function takeAnswers(held: HeldSession): Promise<readonly Input[]> {
  const settled = await held.settledInputs();
  for (const { id } of settled) await held.inputDelivered(id);
  return settled;
}

export async function firstPrompt(spec: RunSpec, settled: readonly Input[]): Promise<RenderedPrompt> {
  const { session } = spec.grant;
  const worker = spec.instructions.trim();
  const answers = settled.map((input) => {
    const chosen = input.options.find((option) => option.id === input.answer?.optionId)?.label;
    const answer = input.state === 'expired' ? 'none; nobody answered in time' : (input.answer?.text ?? chosen ?? 'none');
    return `You asked: ${input.title}\nThe answer: ${answer}`;
  });
  return renderPrompt({
    mode: session.mode,
    place: 'private_clone',
    sections: [
      ...session.instructions,
      ...(worker === ''
        ? []
        : [{ id: 'worker', origin: 'worker' as const, title: 'From this machine', text: worker, trusted: true, enabled: true }]),
      ...(await workflowSections(spec)),
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

/** The body of the workflow file and what it says for this mode alone. Throws when it cannot be rendered. */
async function workflowSections({ workflow, grant }: RunSpec): Promise<PromptSection[]> {
  if (workflow === null) return [];
  const { workflowPrompt } = await import('../workflowFile/section.ts');
  const { session, item, repository } = grant;
  return workflowPrompt({ body: workflow.body, config: workflow.config }, workflow.sections, { item, session, repository });
}
