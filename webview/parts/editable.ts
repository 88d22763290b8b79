/** Editing a field of an item: keeps what the person wrote until it is stored, and never overwrites another's change unasked. */
import { html, nothing, type TemplateResult } from 'lit';
import type { WorkItem } from '../../protocol/records.ts';
import { callHost, PanelCallError } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { differenceLines, type DifferenceLine } from '../model/difference.ts';
import { withoutReordering } from '../model/text.ts';
import { slotIcon } from './bits.ts';
import { store } from '../base/store.ts';

export const editFields = ['title', 'description'] as const;
export type EditField = (typeof editFields)[number];
export interface Edit {
  /** The version the person started from, and what it said. */
  readonly version: number;
  readonly seen: string;
  readonly text: string;
}

export function startEdit(item: WorkItem, field: EditField): Edit {
  return { version: item.version, seen: item[field], text: item[field] };
}

/** The box whose draft the edit is: it outlives the page, like every other text that is not sent. */
export const editBox = (key: string, field: EditField): string => `edit:${key}:${field}`;

export function loadEdit(key: string, field: EditField): Edit | null {
  const draft = store.draft(editBox(key, field));
  return draft === '' ? null : (JSON.parse(draft) as Edit);
}

export function storeEdit(key: string, field: EditField, edit: Edit): void {
  store.setDraft(editBox(key, field), JSON.stringify(edit));
}

/** Stores what was written over what was seen. */
export async function saveEdit(key: string, field: EditField, edit: Edit): Promise<'saved' | 'conflict' | 'failed'> {
  const text = field === 'title' ? edit.text.replace(/\s+/g, ' ').trim() : edit.text;
  try {
    await callHost('updateItem', { key, version: edit.version, patch: { [field]: text }, seen: { [field]: edit.seen } });
    return 'saved';
  } catch (error) {
    if (error instanceof PanelCallError && error.problem.code === 'version_conflict') {
      store.announce(t('Someone else changed this item. Choose which text stays.'));
      void store.run(editBox(key, field), callHost('refresh', {}));
      return 'conflict';
    }
    store.fail(editBox(key, field), error);
    return 'failed';
  }
}

export interface ConflictChoice {
  readonly theirs: string;
  readonly mine: string;
  readonly keepMine: () => void;
  readonly takeTheirs: () => void;
  readonly goOn: () => void;
}

function differenceLine({ kind, text }: DifferenceLine): TemplateResult {
  const shown = text === '' ? t('(empty)') : text;
  switch (kind) {
    case 'gap':
      return html`<p class="gap">${Number(text) === 1 ? t('1 line is the same') : t('{0} lines are the same', text)}</p>`;
    case 'same':
      return html`<p><bdi>${text}</bdi></p>`;
    case 'theirs':
      return html`<p class="deleted"><span class="whose">${t('Theirs')}</span><bdi>${shown}</bdi></p>`;
    case 'mine':
      return html`<p class="added"><span class="whose">${t('Yours')}</span><bdi>${shown}</bdi></p>`;
  }
}

export function conflictCard({ theirs, mine, keepMine, takeTheirs, goOn }: ConflictChoice): TemplateResult {
  return html`<div class="card wait" role="alert">
    <p class="card-title">${t('Someone else changed this while you were writing')}</p>
    ${theirs === mine ? nothing : html`<div class="difference">${differenceLines(withoutReordering(theirs), withoutReordering(mine)).map(differenceLine)}</div>`}
    <div class="actions">
      <vscode-button @click=${keepMine}>${slotIcon('check')}${t('Keep my text')}</vscode-button>
      <vscode-button secondary @click=${takeTheirs}>${t('Take theirs')}</vscode-button>
      <vscode-button secondary @click=${goOn}>${t('Go on editing')}</vscode-button>
    </div>
  </div>`;
}
