/** The pages on this side of the panel: how each is drawn. The host's own side is `extension/panel/pageRegistry.ts`. */
import { html, type TemplateResult } from 'lit';
import type { PageAddress, PageName, PanelPage } from '../protocol/panelPages.ts';
import './pages/audit.ts';
import './pages/item.ts';
import './pages/queue.ts';
import './pages/session.ts';
import './pages/work.ts';

type Draw<N extends PageName> = (of: PageAddress<N>, wide: boolean) => TemplateResult;

const pages: { readonly [N in PageName]: Draw<N> } = {
  work: (_, wide) => html`<belay-work class="page" .wide=${wide}></belay-work>`,
  queue: () => html`<belay-queue class="page"></belay-queue>`,
  audit: () => html`<belay-audit class="page"></belay-audit>`,
  item: ({ key }, wide) => html`<belay-item class="page" .wide=${wide} .key=${key}></belay-item>`,
  session: ({ id }, wide) => html`<belay-session class="page" .wide=${wide} .sessionId=${id}></belay-session>`,
};

export const renderPage = (of: PanelPage, wide: boolean): TemplateResult => (pages[of.page] as Draw<PageName>)(of, wide);
