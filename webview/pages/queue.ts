import { html, nothing, type TemplateResult } from 'lit';
import type { PageAddress, QueuePage as QueueData, SessionRow } from '../../protocol/panelPages.ts';
import { t } from '../base/l10n.ts';
import { oneLine } from '../model/text.ts';
import { icon, section, skeleton, untrustedText } from '../parts/bits.ts';
import { sessionRow } from '../parts/sessionRow.ts';
import { unavailableCard } from '../parts/failure.ts';
import { store } from '../base/store.ts';
import { limitedNote, PageElement, rootBar, statusFoot } from './page.ts';

const workerLooks = {
  online: { icon: 'vm-active', tone: 'ok', word: 'online' },
  stale: { icon: 'vm-outline', tone: 'wait', word: 'not heard of lately' },
  offline: { icon: 'vm-outline', tone: 'dim', word: 'offline' },
} as const;

export class QueuePage extends PageElement {
  protected override shownPage(): PageAddress<'queue'> {
    return { page: 'queue' };
  }

  protected override hasContent(): boolean {
    return store.loaded(this.shownPage()).snapshot !== null;
  }

  override render(): TemplateResult {
    const { snapshot: data, problem: own } = store.loaded(this.shownPage());
    const problem = own ?? store.connection.problem;
    return html`${rootBar('queue', nothing)}
      <main class="scroll" tabindex="-1" @scroll=${this.onScroll}>
        <h1 class="sr">${t('Queue')}</h1>
        ${limitedNote()} ${unavailableCard(problem)} ${data ? this.#queue(data) : problem ? nothing : skeleton()}
      </main>
      ${statusFoot()}`;
  }

  #queue(data: QueueData): TemplateResult {
    const now = Date.now();
    const isEmpty = [data.needsMe, data.running, data.queued, data.finished].every((list) => list.length === 0);
    const list = (title: string, rows: readonly SessionRow[], classes = ''): TemplateResult | typeof nothing =>
      rows.length === 0
        ? nothing
        : section(
            title,
            String(rows.length),
            html`<ul class="list">
              ${rows.map(({ session, itemTitle, heldHere }) =>
                sessionRow(session, now, { key: session.itemKey ?? '', title: itemTitle ?? session.title }, heldHere),
              )}
            </ul>`,
            classes,
          );
    return html`<div class="queue">
      ${list(t('Needs me'), data.needsMe, 'needs-me')} ${list(t('Running'), data.running)} ${list(t('Queued'), data.queued)}
      ${
        isEmpty
          ? html`<div class="empty">
              ${icon('run-all')}
              <p class="empty-title">${t('Nothing queued')}</p>
              <p>${t('Send an item to an agent, or queue it: it shows here until you have reviewed it.')}</p>
            </div>`
          : nothing
      }
      ${this.#workers(data, now)} ${list(t('Finished'), data.finished)}
    </div>`;
  }

  #workers({ workers }: QueueData, now: number): TemplateResult | typeof nothing {
    if (workers.length === 0) return nothing;
    return section(
      t('Workers'),
      String(workers.length),
      html`<ul class="list">
        ${workers.map((worker) => {
          const look = workerLooks[worker.state];
          const seen = worker.state !== 'online' && worker.seenAt !== null ? t('seen {0}', store.times.when(worker.seenAt, now)) : '';
          return html`<li class="list-row plain">
            ${icon(look.icon, look.tone)}
            <span class="row-text">
              <span class="row-title"><bdi>${oneLine(worker.name)}</bdi></span>
              <span class="meta">
                <span>${worker.here ? t('this machine') : untrustedText(worker.machine)}</span
                ><span class=${look.tone}>${t(look.word)}</span> ${seen === '' ? nothing : html`<span>${seen}</span>`}<span
                  >${t('{0} of {1} running', worker.running, worker.capacity)}</span
                >
                ${untrustedText(worker.agents.join(', '), 'labels')}
              </span>
            </span>
          </li>`;
        })}
      </ul>`,
    );
  }
}
customElements.define('belay-queue', QueuePage);
