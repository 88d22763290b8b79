/** The pages on this side of the panel: how each is built and what concerns it. The page's own side is `webview/pageRegistry.ts`. */
import type { PageName, PanelPage } from '../../protocol/panelPages.ts';
import type { ModelChange, WorkModel } from '../items/workModel.ts';
import { auditPage } from './pages/audit.ts';
import { itemPage } from './pages/item.ts';
import type { FollowContext, PageContext, PageSource } from './pages/page.ts';
import { queuePage } from './pages/queue.ts';
import { sessionPage } from './pages/session.ts';
import { workPage } from './pages/work.ts';

export const pageSources: { readonly [N in PageName]: PageSource<N> } = {
  work: workPage,
  queue: queuePage,
  audit: auditPage,
  item: itemPage,
  session: sessionPage,
};

/** An entry whose page is known only when the program runs. */
interface AnySource extends Pick<PageSource<PageName>, 'concernedBy'> {
  readonly build: ((of: PanelPage, context: PageContext) => Promise<unknown>) | null;
  readonly isAbout?: (change: ModelChange, of: PanelPage, model: WorkModel) => boolean;
  readonly follow?: (of: PanelPage, context: FollowContext) => void | Promise<void>;
}

export const sourceOf = (of: PanelPage): AnySource => pageSources[of.page] as AnySource;
