/** What belongs to a session and is not in its feed. */
import { html, nothing, type TemplateResult } from 'lit';
import type { SessionPage } from '../../protocol/panelPages.ts';
import { isFinal } from '../../protocol/states.ts';
import { t } from '../base/l10n.ts';
import { withoutReordering } from '../model/text.ts';
import { icon, section, timeTag } from './bits.ts';
import { activityLine, type FeedView } from './feedEntry.ts';

/** Messages the agent has not got. */
export function undeliveredSection({ undelivered, session }: SessionPage): TemplateResult | typeof nothing {
  if (undelivered.length === 0) return nothing;
  const now = Date.now();
  return section(
    isFinal(session.state) ? t('Never reached the agent') : t('Waits for the agent'),
    nothing,
    html`<ul class="undelivered">
      ${undelivered.map(
        ({ body, createdAt }) =>
          html`<li class="event">
            ${icon('comment', 'dim')}<bdi class="event-body">${withoutReordering(body)}</bdi>${timeTag(createdAt, now)}
          </li>`,
      )}
    </ul>`,
  );
}

/** What came in after the claim was lost. */
export function lateSection({ late }: SessionPage, view: FeedView): TemplateResult | typeof nothing {
  if (late.length === 0) return nothing;
  return html`<details class="late">
    <summary>${icon('history')}${t('Reported after the claim was lost: {0}', late.length)}</summary>
    ${late.map(
      (activity) =>
        html`<div class="late-entry">
          <span class="tag">${t('late')}</span>${activityLine(view, `late-${activity.key}`, { ...activity, seq: 0 })}
        </div>`,
    )}
  </details>`;
}
