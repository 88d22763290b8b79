import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { PanelProblem } from '../../protocol/panel.ts';
import type { PanelPage, RootPage } from '../../protocol/panelPages.ts';
import { callHost } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { icon, iconButton, skeleton } from '../parts/bits.ts';
import { PanelElement } from '../parts/element.ts';
import { failureAt } from '../parts/failure.ts';
import { store } from '../base/store.ts';
import { pageKey } from '../base/ui.ts';

/** A page: a bar, a scrolling middle that comes back to where it was, and a foot. */
export abstract class PageElement extends PanelElement {
  #restored = '';
  #saveTimer: ReturnType<typeof setTimeout> | undefined;

  protected abstract shownPage(): PanelPage;
  /** True when there is something to scroll, so that the old position makes sense. */
  protected abstract hasContent(): boolean;
  /** Puts the keyboard on something that is just being drawn; the inputs' own trees take a frame to exist. */
  protected focusOn(selector: string): void {
    requestAnimationFrame(() => this.querySelector<HTMLElement>(selector)?.focus());
  }

  protected get scroller(): HTMLElement | null {
    return this.querySelector('.scroll');
  }

  override updated(_changed: PropertyValues<this>): void {
    const key = pageKey(this.shownPage());
    if (this.#restored === key || !this.hasContent()) return;
    this.#restored = key;
    const scroller = this.scroller;
    void Promise.resolve().then(() => scroller?.scrollTo({ top: store.ui.scroll[key] ?? 0 }));
  }

  protected readonly onScroll = (): void => {
    clearTimeout(this.#saveTimer);
    const key = pageKey(this.shownPage());
    this.#saveTimer = setTimeout(() => {
      const top = Math.round(this.scroller?.scrollTop ?? 0);
      const others = Object.entries(store.ui.scroll).filter(([other]) => other !== key);
      store.setUi({ scroll: Object.fromEntries([...others.slice(-30), [key, top]]) });
    }, 200);
  };

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#saveTimer);
  }
}

/** The tabs, in their order. */
const tabWords: Readonly<Record<RootPage, string>> = { work: 'Work', queue: 'Queue', audit: 'Audit' };
const rootPages = Object.keys(tabWords) as RootPage[];
export const isRoot = ({ page }: PanelPage): boolean => page in tabWords;

/** The bar of the root pages. */
export function rootBar(current: RootPage, actions: TemplateResult | typeof nothing): TemplateResult {
  const { needs } = store;
  const needText = needs === 1 ? t('1 needs you') : t('{0} need you', needs);
  const tab = (page: RootPage): TemplateResult =>
    html`<button class="tab" aria-current=${current === page ? 'page' : nothing} @click=${() => store.showRoot(page)}>
      ${t(tabWords[page])}${
        page === 'queue' && needs > 0
          ? html`<span class="count" title=${needText}><span aria-hidden="true">${needs}</span><span class="sr">${needText}</span></span>`
          : nothing
      }
    </button>`;
  return html`<header class="bar">
    <nav class="tabs" aria-label=${t('Pages')}>${rootPages.map(tab)}</nav>
    ${actions}
  </header>`;
}

/** The bar of a page one comes back from. */
export function backBar(title: string, actions: unknown): TemplateResult {
  return html`<header class="bar">
      ${iconButton({ icon: 'arrow-left', label: t('Back'), act: () => store.back() })}
      <span class="bar-title"><bdi>${title}</bdi></span>
      ${actions}
    </header>
    ${failureAt('tools')}`;
}

/** What stands in for a page's content: it comes, or the problem above says why not. */
export const loadingPlaceholder = (title: string, problem: PanelProblem | null): TemplateResult =>
  html`<h1 class="sr">${title}</h1>
    ${problem ? nothing : skeleton()}`;

/** Worker and connection, always in sight on the root pages. */
export function statusFoot(): TemplateResult {
  const { worker, connection } = store;
  return html`${failureAt('worker')}
    <footer class="foot status-foot">
      ${
        worker
          ? html`<button
                class="switch"
                role="switch"
                aria-checked=${worker.on}
                ?disabled=${!worker.canToggle}
                title=${worker.on ? t('Stop taking queued work on this machine') : t('Take queued work on this machine')}
                @click=${() => void store.run('worker', callHost('toggleWorker', { on: !worker.on }))}
              >
                <span class="switch-track" aria-hidden="true"></span>
                <span>${worker.on ? t('Worker on, {0} of {1} running', worker.running, worker.capacity) : t('Worker off')}</span>
              </button>
              ${worker.note ? html`<span class="foot-note" title=${worker.note}>${icon('info')}${worker.note}</span>` : nothing}`
          : nothing
      }
      <span class="foot-end">${connectionText()}</span>
    </footer>`;

  function connectionText(): TemplateResult {
    if (connection.state === 'connecting') return html`${t('Connecting …')}`;
    if (connection.state === 'online') return html`${t('live')}`;
    const asOf = connection.asOf === null ? null : t('as of {0}', store.times.when(connection.asOf, Date.now()));
    return html`<span class="wait">${icon('debug-disconnect')} ${asOf === null ? t('Offline') : t('Offline, {0}', asOf)}</span>`;
  }
}

/** Why some of it is off, in words, and the way to change that. */
export function limitedNote(): TemplateResult | typeof nothing {
  const note = (name: string, words: string, button: TemplateResult | typeof nothing): TemplateResult =>
    html`<div class="note" id="limited">${icon(name)}<span>${words} ${button}</span></div>
      ${failureAt('limited')}`;
  const button = (words: string, name: 'manageTrust' | 'openFolder'): TemplateResult =>
    html`<button class="link" @click=${() => void store.run('limited', callHost(name, {}))}>${words}</button>`;
  switch (store.setup?.limitedBy) {
    case 'untrusted':
      return note('shield', t('Restricted mode: trust this workspace to run agents here.'), button(t('Manage trust'), 'manageTrust'));
    case 'no_folder':
      return note('folder', t('Open a folder with a repository to send work to an agent.'), button(t('Open a folder'), 'openFolder'));
    case 'virtual':
      return note('cloud', t('Virtual workspace: items can be read and edited, nothing runs here.'), nothing);
    default:
      return nothing;
  }
}

/** True where nothing of this machine can work on an item. */
export const isLimited = (): boolean => (store.setup?.limitedBy ?? null) !== null;
