/** The work on an item: its sessions, and the items below it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ItemPage } from '../../protocol/panelPages.ts';
import { t } from '../base/l10n.ts';
import { durationText } from '../model/format.ts';
import { section } from './bits.ts';
import { itemLine } from './itemLine.ts';
import { sessionRow } from './sessionRow.ts';

export function sessionSection({ sessions, figures }: ItemPage, now: number): TemplateResult | typeof nothing {
  if (sessions.length === 0) return nothing;
  const newest = [...sessions].sort((a, b) => b.createdAt - a.createdAt);
  const sums = [String(figures.sessions), figures.runningMs > 0 ? t('{0} running', durationText(figures.runningMs)) : ''].filter(Boolean);
  return section(
    t('Sessions'),
    sums.join(' · '),
    html`<ul class="list">
      ${newest.map((session) => sessionRow(session, now, null, false))}
    </ul>`,
  );
}

export function childSection({ children }: ItemPage): TemplateResult | typeof nothing {
  if (children.length === 0) return nothing;
  const done = children.filter((child) => child.status === 'completed').length;
  return section(
    t('Children'),
    t('{0} of {1} done', done, children.length),
    html`<ul class="list">
      ${children.map((child) => itemLine(child))}
    </ul>`,
  );
}
