import { html, type TemplateResult } from 'lit';
import { isOpenable } from '../../protocol/links.ts';
import { callHost } from '../base/host.ts';
import { spellOutInvisible } from '../model/text.ts';
import { store } from '../base/store.ts';
import { untrustedText } from './bits.ts';
import { failureAt } from './failure.ts';

/** An address by others under its title, as a link where it can be opened. */
export const webLink = (url: string, title: string, classes = ''): TemplateResult => {
  const text = untrustedText(title || spellOutInvisible(url));
  return isOpenable(url)
    ? html`<button
          class="link ${classes}"
          title=${new URL(url).href}
          @click=${() => void store.run(`link ${url}`, callHost('openLink', { url }))}
        >
          ${text}</button
        >${failureAt(`link ${url}`)}`
    : html`<span class=${classes}>${text}</span>`;
};
