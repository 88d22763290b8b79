/** What people and agents wrote on an item. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Comment, Document } from '../../protocol/records.ts';
import { t } from '../base/l10n.ts';
import { store } from '../base/store.ts';
import { icon, section, timeTag, untrustedText } from './bits.ts';

export function documentSection(documents: readonly Document[], now: number): TemplateResult | typeof nothing {
  if (documents.length === 0) return nothing;
  return section(
    t('Documents'),
    String(documents.length),
    documents.map(
      (document) =>
        html`<details class="document">
          <summary>${icon('file')}${untrustedText(document.title)}<span class="dim">${timeTag(document.updatedAt, now)}</span></summary>
          <belay-markdown .text=${document.body}></belay-markdown>
        </details>`,
    ),
  );
}

export function commentSection(comments: readonly Comment[], now: number): TemplateResult {
  const said = (comment: Comment): TemplateResult =>
    html`<article class="comment ${comment.origin}">
      <header class="meta">
        ${comment.origin === 'recap' ? icon('checklist', 'ok') : comment.origin === 'agent' ? icon('hubot') : nothing}
        <span class="author">${comment.origin === 'recap' ? t('Recap') : untrustedText(comment.authorName)}</span>
        ${timeTag(comment.createdAt, now)}
        ${
          comment.sessionId === null
            ? nothing
            : html`<button class="link" @click=${() => store.show({ page: 'session', id: comment.sessionId ?? '' })}>
                ${t('session')}
              </button>`
        }
      </header>
      <belay-markdown .text=${comment.body}></belay-markdown>
    </article>`;
  return section(
    t('Comments'),
    comments.length === 0 ? nothing : String(comments.length),
    comments.length === 0 ? html`<p class="quiet-text">${t('Nobody has said anything yet.')}</p>` : comments.map(said),
  );
}
