/** The words of a workflow file as trusted sections of a prompt. Pure. */
import type { PromptSection, SessionMode } from '../../protocol/records.ts';
import type { Workflow } from './parse.ts';
import { workflowFile } from './schema.ts';
import { renderTemplate, type Sections } from './template.ts';
import { templateValues, type TemplateFacts } from './variables.ts';

export interface WorkflowFacts extends TemplateFacts {
  readonly session: TemplateFacts['session'] & { readonly mode: SessionMode };
}

/** Throws `bad_request` when the template cannot be rendered. */
export function workflowPrompt({ config, body }: Workflow, sections: Sections, facts: WorkflowFacts): PromptSection[] {
  const values = templateValues(facts);
  const section = (id: string, title: string, text: string): PromptSection => ({
    id,
    origin: 'workflow',
    title,
    text: renderTemplate(text, sections, values),
    trusted: true,
    enabled: true,
  });
  const { mode } = facts.session;
  return [
    section('workflow', workflowFile, body),
    section('workflow-mode', `${workflowFile}, mode ${mode}`, config.modes[mode]?.instructions ?? ''),
  ].filter((entry) => entry.text !== '');
}
