/**
 * Markdown of items, comments and agents to safe HTML. Raw HTML is never interpreted, links carry no
 * address the browser would follow, pictures from elsewhere become links: opening one is the host's decision.
 */
import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import { isOpenable } from '../../protocol/links.ts';
import { withoutReordering } from '../model/text.ts';

const md = new MarkdownIt({ html: false, linkify: true, typographer: false });

/** An address opens as the author wrote it; where that leads is shown in the form that hides nothing. */
md.normalizeLink = (url) => url;
const leadsTo = (url: string): string => md.utils.escapeHtml(new URL(url).href);

md.renderer.rules['link_open'] = (tokens, index) => {
  const token = tokens[index];
  const url = String(token?.attrGet('href') ?? '');
  if (token?.tag !== 'a') return '<span>';
  return `<a role="link" tabindex="0" data-href="${md.utils.escapeHtml(url)}" title="${leadsTo(url)}">`;
};

/** What may be wider than the page can be scrolled by keyboard. */
for (const name of ['fence', 'code_block'] as const) {
  const draw = md.renderer.rules[name];
  md.renderer.rules[name] = (...given) => draw?.(...given).replace(/^<pre/, '<pre tabindex="0"') ?? '';
}
md.renderer.rules['table_open'] = () => '<table tabindex="0">';

/** What will not open is text like any other. */
md.core.ruler.push('dead_links', (state) => {
  for (const { children } of state.tokens) {
    let isDead = false;
    for (const token of children ?? []) {
      if (token.type === 'link_open') isDead = !isOpenable(String(token.attrGet('href') ?? ''));
      if (isDead && (token.type === 'link_open' || token.type === 'link_close')) token.tag = 'span';
    }
  }
});

md.renderer.rules['image'] = (tokens, index) => {
  const token = tokens[index];
  const url = String(token?.attrGet('src') ?? '');
  const alt = md.utils.escapeHtml(token?.content || url);
  if (/^data:image\/(png|gif|jpeg|webp);/i.test(url)) return `<img alt="${alt}" src="${md.utils.escapeHtml(url)}">`;
  const icon = '<span class="codicon codicon-file-media" aria-hidden="true"></span>';
  if (!isOpenable(url)) return `<span class="picture">${icon}${alt}</span>`;
  return `<a class="picture" role="link" tabindex="0" data-href="${md.utils.escapeHtml(url)}" title="${leadsTo(url)}">${icon}${alt}</a>`;
};

/** `- [ ] text` and `- [x] text` show a box; it is part of the text and is changed by editing that. */
md.core.ruler.after('inline', 'task_lists', (state) => {
  state.tokens.forEach((token, index) => {
    const item = state.tokens[index - 2];
    const first = token.children?.[0];
    if (token.type !== 'inline' || item?.type !== 'list_item_open' || first?.type !== 'text') return;
    const box = /^\[([ xX])\] /.exec(first.content);
    if (!box) return;
    const done = box[1] !== ' ';
    first.content = first.content.slice(4);
    const mark = new state.Token('html_inline', '', 0);
    mark.content = `<span class="codicon codicon-${done ? 'pass ok' : 'circle-large-outline dim'}" role="img" aria-label="${done ? 'done' : 'to do'}"></span>`;
    token.children?.unshift(mark);
    item.attrJoin('class', 'task');
  });
});

const allowed = {
  ALLOWED_TAGS:
    'a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong sub sup table tbody td th thead tr ul'.split(' '),
  ALLOWED_ATTR: ['alt', 'aria-hidden', 'aria-label', 'class', 'data-href', 'role', 'src', 'start', 'tabindex', 'title'],
  /** These hold no address that a browser would follow by itself. */
  ADD_URI_SAFE_ATTR: ['data-href', 'start', 'tabindex'],
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^data:image\/(png|gif|jpeg|webp);/i,
  RETURN_DOM_FRAGMENT: true as const,
};

/** What to put into the page for `text`. */
export function renderMarkdown(text: string): DocumentFragment {
  return DOMPurify.sanitize(md.render(withoutReordering(text)), allowed);
}
