/** The prompt that a workflow file makes of an item. Loaded on first use: it brings the readers of YAML and Liquid. */
import { BelayError } from '../../protocol/errors.ts';
import type { ItemBundle } from '../../protocol/exchange.ts';
import { parseWorkflow } from '../../worker/workflowFile/parse.ts';
import { workflowFile } from '../../worker/workflowFile/schema.ts';
import { workflowPrompt } from '../../worker/workflowFile/section.ts';
import { t } from '../base/l10n.ts';
import { renderPrompt } from '../../prompt/render.ts';
import { promptSections } from '../../prompt/sections.ts';
import { usualMode } from '../../prompt/usualMode.ts';

/** Throws `bad_request` for a file with a mistake in it. */
export function workflowPreview(text: string, sections: Record<string, string>, bundle: ItemBundle, repository: string): string {
  const { workflow, diagnostics } = parseWorkflow(text, sections);
  const first = diagnostics.find((entry) => entry.severity === 'error');
  if (!workflow || first)
    throw new BelayError('bad_request', t('{0} has a mistake: {1}', workflowFile, first?.message ?? ''), {
      hint: t('The Problems view shows the place.'),
    });
  const mode = usualMode(bundle.item);
  const trusted = workflowPrompt(workflow, sections, {
    item: bundle.item,
    session: { id: 'preview', mode, agentName: 'agent', attempt: 1 },
    repository: { name: repository, defaultBranch: '' },
  });
  return renderPrompt({ mode, place: 'private_clone', sections: [...trusted, ...promptSections(bundle)] }).text;
}
