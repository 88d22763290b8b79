/** Editing a field of an item: keeps what the person wrote until it is stored, and never overwrites another's change unasked. */
import { html, nothing, type TemplateResult } from 'lit';
import type { WorkItem } from '../../protocol/records.ts';
import { call, PanelCallError } from '../host.ts';
import { t } from '../l10n.ts';
import { prose } from '../model/text.ts';
import { slotIcon } from './bits.ts';
import { store } from '../store.ts';

export type EditField = 'title' | 'description';
export interface Edit {
  readonly field: EditField;
  /** The version the person started from. */
  readonly version: number;
  readonly text: string;
  readonly state: 'open' | 'saving' | 'conflict';
}

export function startEdit(item: WorkItem, field: EditField): Edit {
  return { field, version: item.version, text: item[field], state: 'open' };
}

/** Stores the edit; gives the edit as it now stands, or null when it is done. `version`: which one it may replace. */
export async function saveEdit(key: string, edit: Edit, version: number): Promise<Edit | null> {
  const text = edit.field === 'title' ? edit.text.replace(/\s+/g, ' ').trim() : edit.text;
  if (edit.field === 'title' && text === '') return { ...edit, state: 'open' };
  try {
    await call('updateItem', { key, version, patch: { [edit.field]: text } });
    return null;
  } catch (error) {
    if (error instanceof PanelCallError && error.problem.code === 'version_conflict') {
      store.announce(t('Someone else changed this item. Choose which text stays.'));
      void store.run(call('refresh', {}));
      return { ...edit, state: 'conflict' };
    }
    store.fail(error);
    return { ...edit, state: 'open' };
  }
}

export interface ConflictChoice {
  readonly theirs: string;
  readonly mine: string;
  readonly keepMine: () => void;
  readonly takeTheirs: () => void;
  readonly goOn: () => void;
}

export function conflictCard({ theirs, mine, keepMine, takeTheirs, goOn }: ConflictChoice): TemplateResult {
  const side = (title: string, text: string): TemplateResult =>
    html`<div class="side">
      <h3>${title}</h3>
      <pre tabindex="0" aria-label=${title}>${prose(text) || t('(empty)')}</pre>
    </div>`;
  return html`<div class="card wait" role="alert">
    <p class="card-title">${t('Someone else changed this while you were writing')}</p>
    ${theirs === mine ? nothing : html`<div class="sides">${side(t('Theirs, stored now'), theirs)} ${side(t('Yours, not stored'), mine)}</div>`}
    <div class="actions">
      <vscode-button @click=${keepMine}>${slotIcon('check')}${t('Keep my text')}</vscode-button>
      <vscode-button secondary @click=${takeTheirs}>${t('Take theirs')}</vscode-button>
      <vscode-button secondary @click=${goOn}>${t('Go on editing')}</vscode-button>
    </div>
  </div>`;
}
