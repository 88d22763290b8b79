/** What of what needs the person is new to them, and which window tells it: each once. */
import { t } from '../base/l10n.ts';
import { needYouText } from '../base/words.ts';
import type { PanelPage } from '../../protocol/panelPages.ts';
import type { Need } from './needs.ts';

/** More at once are told in one sentence. */
const single = 3;

export interface NewsParts {
  /** True for the first window that asks. */
  readonly claim: (news: string) => boolean;
  /** The person has it before their eyes. */
  readonly isShown: (page: PanelPage) => boolean;
  /** What needs them now. */
  readonly needs: () => readonly Need[];
  /** Lets the window that the person is in tell first. */
  readonly letOthers: () => Promise<void>;
}

export interface NewsMessage {
  readonly text: string;
  /** Where it leads. */
  readonly page: PanelPage;
}

export class News {
  #known: ReadonlySet<string> | undefined;
  readonly #parts: NewsParts;

  constructor(parts: NewsParts) {
    this.#parts = parts;
  }

  /** What this window is to tell. `isOff`: it is taken note of, and nothing is told. */
  async take(needs: readonly Need[], isOff = false): Promise<readonly NewsMessage[]> {
    const before = this.#known;
    this.#known = new Set([...(before ?? []), ...needs.flatMap(({ news }) => news)]);
    // What waited before this window opened is in the badge; only news is told.
    if (!before || isOff) return [];
    const fresh = needs.filter(({ news }) => news.some((one) => !before.has(one)));
    // Who looks at it knows: then no window tells it.
    for (const need of fresh) if (this.#isShown(need)) this.#claim(need, before);
    if (fresh.length > 0) await this.#parts.letOthers();
    const waiting = new Set(this.#parts.needs().flatMap(({ news }) => news));
    const mine = fresh.filter((need) => need.news.some((one) => waiting.has(one)) && this.#claim(need, before));
    if (mine.length > single) return [{ text: needYouText(mine.length), page: { page: 'queue' } }];
    return mine.map((need) => ({ text: textOf(need), page: { page: 'session', id: need.session.id } }));
  }

  #isShown({ session }: Need): boolean {
    const { isShown } = this.#parts;
    return isShown({ page: 'session', id: session.id }) || (session.itemKey !== null && isShown({ page: 'item', key: session.itemKey }));
  }

  #claim({ news }: Need, before: ReadonlySet<string>): boolean {
    return news.filter((one) => !before.has(one)).filter((one) => this.#parts.claim(one)).length > 0;
  }
}

export const sessionLabel = ({ itemKey, title }: Need['session']): string => `${itemKey ?? ''} ${title}`.trim();

function textOf({ kind, session }: Need): string {
  switch (kind) {
    case 'question':
      return t('{0} asks you something: {1}', session.agentName, sessionLabel(session));
    case 'failure':
      return t('{0} could not finish: {1}', session.agentName, sessionLabel(session));
    case 'result':
      return t('{0} is done: {1}', session.agentName, sessionLabel(session));
  }
}
