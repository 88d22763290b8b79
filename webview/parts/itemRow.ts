import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { ItemRow } from '../../protocol/panelPages.ts';
import { callHost } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { priorityWords, rowLook, statusWords } from '../model/describe.ts';
import { durationText } from '../model/format.ts';
import { oneLine } from '../model/text.ts';
import { store } from '../base/store.ts';
import { icon, iconButton, kindIcon, lookIcon, untrustedText } from './bits.ts';

/** A row leads to its item, except when it asks something: then to the question. */
export function openRow(row: ItemRow): void {
  store.setUi({ active: row.id });
  if (row.activity?.state === 'needs_me' && row.activity.sessionId) store.show({ page: 'session', id: row.activity.sessionId });
  else store.show({ page: 'item', key: row.key });
}

const timed = new Set(['running', 'needs_me', 'queued']);

function stateText(row: ItemRow, now: number): TemplateResult | typeof nothing {
  const activity = row.activity;
  if (!activity) return nothing;
  const look = rowLook(activity);
  const since = timed.has(activity.state) && now - activity.since >= 60_000 ? ` · ${durationText(now - activity.since)}` : '';
  return html`<span class="state ${look.tone}">${lookIcon(look)}<bdi>${oneLine(activity.text) || t(look.word)}${since}</bdi></span>`;
}

export interface RowPlace {
  readonly index: number;
  readonly total: number;
  readonly level: number;
  readonly isActive: boolean;
  readonly now: number;
  /** Shown when the rows are not grouped by status. */
  readonly showStatus: boolean;
}

/** Two lines when narrow, one when wide: what it is, then how it stands. */
export function itemRow(row: ItemRow, place: RowPlace): TemplateResult {
  const activity = row.activity;
  const canStop = activity?.sessionId && (activity.state === 'running' || activity.state === 'queued' || activity.state === 'needs_me');
  const stop = (event: Event): void => {
    event.stopPropagation();
    if (activity?.sessionId) void store.run('row', callHost('stopSession', { sessionId: activity.sessionId }));
  };
  const send = (event: Event): void => {
    event.stopPropagation();
    void store.run('row', callHost('send', { key: row.key, again: false }));
  };
  return html`<div
    role="row"
    id="row-${place.index}"
    class=${classMap({ row: true, active: place.isActive, done: row.status === 'completed' || row.status === 'cancelled' })}
    aria-rowindex=${place.index + 1}
    aria-level=${place.level}
    aria-selected=${place.isActive}
    data-key=${row.key}
    @click=${() => openRow(row)}
  >
    <span role="gridcell" class="row-kind">${kindIcon(row.kind)}</span>
    <span role="gridcell" class="row-text">
      <span class="row-title" title=${oneLine(row.title)}>${untrustedText(row.title)}</span>
      <span class="meta">
        <span class="key">${row.key}</span>
        ${
          row.priority === 'urgent' || row.priority === 'high'
            ? html`<span class="prio-${row.priority}" title=${t(priorityWords[row.priority])}
                >${icon(row.priority === 'urgent' ? 'flame' : 'arrow-up')}<span class="sr">${t(priorityWords[row.priority])}</span></span
              >`
            : nothing
        }
        ${place.showStatus ? html`<span>${t(statusWords[row.status])}</span>` : nothing} ${stateText(row, place.now)}
        ${row.children && row.children.total > 0 ? html`<span>${t('{0} of {1} done', row.children.done, row.children.total)}</span>` : nothing}
        ${row.labels.length > 0 ? untrustedText(row.labels.join(', '), 'labels') : nothing}
      </span>
    </span>
    <span role="gridcell" class="row-actions">
      ${canStop ? iconButton({ icon: 'debug-stop', label: t('Stop {0}', row.key), act: stop, inList: true }) : nothing}
      ${iconButton({ icon: 'send', label: t('Send {0} to …', row.key), act: send, inList: true })}
    </span>
  </div>`;
}
