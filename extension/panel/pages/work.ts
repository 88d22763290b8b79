import type { PageSource } from './page.ts';

/** The list of items. Its rows are sent with every change, whichever page is shown. */
export const workPage: PageSource<'work'> = {
  build: null,
  concernedBy: ['item.created', 'item.updated', 'handoff.changed', 'session.created', 'session.changed', 'session.input', 'session.review'],
};
