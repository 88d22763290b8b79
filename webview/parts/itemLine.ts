import { html, nothing, type TemplateResult } from 'lit';
import type { ItemRow } from '../../protocol/panelPages.ts';
import { t } from '../base/l10n.ts';
import { rowLook, statusWords } from '../model/describe.ts';
import { oneLine } from '../model/text.ts';
import { store } from '../base/store.ts';
import { icon, kindIcon, lookIcon, untrustedText } from './bits.ts';

/** An item in a short list of another page. */
export function itemLine(row: ItemRow): TemplateResult {
  const look = row.activity ? rowLook(row.activity) : null;
  return html`<li>
    <button class="list-row" @click=${() => store.show({ page: 'item', key: row.key })}>
      ${row.status === 'completed' ? icon('pass', 'ok') : kindIcon(row.kind)}
      <span class="row-text">
        <span class="row-title ${row.status === 'completed' ? 'dim' : ''}">${untrustedText(row.title)}</span>
        <span class="meta">
          <span class="key">${row.key}</span><span>${t(statusWords[row.status])}</span>
          ${
            row.activity && look
              ? html`<span class="state ${look.tone}">${lookIcon(look)}<bdi>${oneLine(row.activity.text)}</bdi></span>`
              : nothing
          }
        </span>
      </span>
      ${icon('chevron-right', 'dim')}
    </button>
  </li>`;
}
