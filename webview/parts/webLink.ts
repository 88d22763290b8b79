import { html, type TemplateResult } from 'lit';
import { isOpenable } from '../../protocol/links.ts';
import { call } from '../base/host.ts';
import { visible } from '../model/text.ts';
import { store } from '../base/store.ts';
import { untrusted } from './bits.ts';
import { failureAt } from './failure.ts';

/** An address by others under its title, as a link where it can be opened. */
export const webLink = (url: string, title: string, classes = ''): TemplateResult => {
  const text = untrusted(title || visible(url));
  return isOpenable(url)
    ? html`<button
          class="link ${classes}"
          title=${new URL(url).href}
          @click=${() => void store.run(`link ${url}`, call('openLink', { url }))}
        >
          ${text}</button
        >${failureAt(`link ${url}`)}`
    : html`<span class=${classes}>${text}</span>`;
};
