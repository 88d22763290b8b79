/** What survives when the editor drops the hidden page: where the person was and how they look at it. Never data. */
import type { PanelPage } from '../../protocol/panelPages.ts';
import { vscodeApi } from './host.ts';
import { startFilter, type Grouping, type RowFilter } from '../model/rows.ts';

export interface UiState {
  page: PanelPage;
  back: PanelPage[];
  grouping: Grouping;
  filter: RowFilter;
  collapsed: string[];
  /** Id of the list entry that the keyboard was on last. */
  active: string | null;
  scroll: Record<string, number>;
  /** Unsent text by the box it is in. */
  drafts: Record<string, string>;
}

const fresh: UiState = {
  page: { page: 'work' },
  back: [],
  grouping: 'status',
  filter: startFilter,
  collapsed: [],
  active: null,
  scroll: {},
  drafts: {},
};

export function loadUi(): UiState {
  const saved = vscodeApi.getState() as Partial<UiState> | null | undefined;
  return { ...fresh, ...saved, filter: { ...fresh.filter, ...saved?.filter } };
}

export function saveUi(ui: UiState): void {
  vscodeApi.setState(ui);
}

/** One text for each page there can be. */
export function pageKey(page: PanelPage): string {
  const { page: name, ...address } = page;
  return [name, ...Object.values(address)].join(':');
}
