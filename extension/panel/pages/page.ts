/** What the pages of the panel are built from, and the form of their entries in `pageRegistry.ts`. */
import type { PanelNotice } from '../../../protocol/panel.ts';
import type { PageAddress, PageName, PageSnapshot, SnapshotPage } from '../../../protocol/panelPages.ts';
import type { WorkspaceEventType } from '../../../protocol/events.ts';
import type { Session } from '../../../protocol/records.ts';
import type { BelayApi } from '../../../protocol/typedClient.ts';
import type { PlatformLink } from '../../base/platformLink.ts';
import type { ModelChange, WorkModel } from '../../items/workModel.ts';

export interface PageContext {
  readonly api: BelayApi;
  readonly model: WorkModel;
  readonly stateDir: string;
  readonly memberId: string;
  readonly memberName: string;
  readonly machine: string;
  readonly holdsSession: (sessionId: string) => boolean;
  readonly sendTarget: () => Promise<{ id: string; name: string } | null>;
  readonly queueAgent: () => string | null;
  /** What reads or changes the repository may be done in this window. */
  readonly isTrusted: boolean;
  /** Why Accept is not possible on this machine now, or null. */
  readonly acceptBlocked: (session: Session) => Promise<string | null>;
}

/** What a page may follow while it is shown. */
export interface FollowContext {
  readonly link: Pick<PlatformLink, 'connect' | 'stateDir'>;
  readonly model: Pick<WorkModel, 'sessions'>;
  readonly post: (notice: PanelNotice) => void;
  /** The snapshot is out of date. */
  readonly changed: () => void;
  /** The page was left. */
  readonly left: AbortSignal;
}

export interface PageSource<N extends PageName> {
  /** The whole snapshot; null where the rows, which are always sent, are all of it. */
  readonly build: N extends SnapshotPage ? (of: PageAddress<N>, context: PageContext) => Promise<PageSnapshot<N>> : null;
  /** Events after which a snapshot may be another. */
  readonly concernedBy: readonly WorkspaceEventType[];
  /** Which of these changes are about this one page. Without it, all are. */
  readonly isAbout?: (change: ModelChange, of: PageAddress<N>, model: WorkModel) => boolean;
  /** What else belongs to the page, from when it is shown until it is left. */
  readonly follow?: (of: PageAddress<N>, context: FollowContext) => void | Promise<void>;
}
