import { html, nothing, type TemplateResult } from 'lit';
import type { PlanStep } from '../../protocol/activities.ts';
import type { Session } from '../../protocol/records.ts';
import { isFinal } from '../../protocol/states.ts';
import { t } from '../base/l10n.ts';
import { section, untrustedTextWithCode } from './bits.ts';

export function planSection(plan: readonly PlanStep[], state: Session['state']): TemplateResult | typeof nothing {
  if (plan.length === 0) return nothing;
  const looks = {
    completed: ['pass', 'ok', t('done')],
    in_progress: isFinal(state)
      ? ['circle-slash', 'dim', t('not finished')]
      : ['sync', state === 'active' ? 'run codicon-modifier-spin' : 'run', t('in progress')],
    pending: ['circle-large-outline', 'dim', t('to do')],
  } as const;
  const done = plan.filter((step) => step.status === 'completed').length;
  return section(
    t('Plan'),
    t('{0} of {1}', done, plan.length),
    html`<ol class="plan">
      ${plan.map((step) => {
        const [name, classes, word] = looks[step.status];
        return html`<li class="step ${step.status}">
          <span class="codicon codicon-${name} ${classes}" role="img" aria-label=${word}></span>
          ${untrustedTextWithCode(step.title)}
        </li>`;
      })}
    </ol>`,
  );
}
