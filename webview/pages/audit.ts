import { html, nothing, type TemplateResult } from 'lit';
import type { AuditPage as AuditData, AuditRow, PageAddress } from '../../protocol/panelPages.ts';
import { t } from '../base/l10n.ts';
import { auditLook, classWords, decisionWords } from '../model/audit.ts';
import { oneLine, spellOutInvisible } from '../model/text.ts';
import { icon, skeleton, timeTag } from '../parts/bits.ts';
import { unavailableCard } from '../parts/failure.ts';
import { store } from '../base/store.ts';
import { PageElement, rootBar, statusFoot } from './page.ts';

/** What was asked, allowed, refused and done on this machine, and whether its record holds. */
export class AuditPage extends PageElement {
  static override properties = { decision: { state: true }, policyClass: { state: true }, session: { state: true } };
  declare decision: string;
  declare policyClass: string;
  declare session: string;

  constructor() {
    super();
    this.decision = '';
    this.policyClass = '';
    this.session = '';
  }

  protected override shownPage(): PageAddress<'audit'> {
    return { page: 'audit' };
  }

  protected override hasContent(): boolean {
    return store.loaded(this.shownPage()).snapshot !== null;
  }

  override render(): TemplateResult {
    const { snapshot: data, problem } = store.loaded(this.shownPage());
    return html`${rootBar('audit', nothing)} ${data && data.total > 0 ? this.#filters(data) : nothing}
      <main class="scroll" tabindex="-1" @scroll=${this.onScroll}>
        <h1 class="sr">${t('Audit')}</h1>
        ${unavailableCard(problem)} ${data ? this.#log(data) : problem ? nothing : skeleton()}
      </main>
      ${statusFoot()}`;
  }

  #filters(data: AuditData): TemplateResult {
    const select = (
      label: string,
      all: string,
      value: string,
      options: readonly (readonly [string, string])[],
      set: (value: string) => void,
    ) =>
      html`<select class="select" aria-label=${label} @change=${(event: Event) => set((event.target as HTMLSelectElement).value)}>
        <option value="" ?selected=${value === ''}>${all}</option>
        ${options.map(([id, word]) => html`<option value=${id} ?selected=${id === value}>${word}</option>`)}
      </select>`;
    const sessions = new Map(data.rows.flatMap(({ session }) => (session ? [[session.id, sessionName(session)] as const] : [])));
    const words = (of: Readonly<Record<string, string>>) => Object.entries(of).map(([id, word]) => [id, t(word)] as const);
    return html`<div class="tools audit-filters" role="search" aria-label=${t('Find entries')}>
      ${select(t('Decision'), t('Any decision'), this.decision, words(decisionWords), (value) => (this.decision = value))}
      ${select(t('Class'), t('Any class'), this.policyClass, words(classWords), (value) => (this.policyClass = value))}
      <span class="labels">${select(t('Session'), t('Any session'), this.session, [...sessions], (value) => (this.session = value))}</span>
    </div>`;
  }

  #log(data: AuditData): TemplateResult {
    const rows = data.rows.filter(
      (row) =>
        (this.decision === '' || row.decision === this.decision) &&
        (this.policyClass === '' || row.class === this.policyClass) &&
        (this.session === '' || row.session?.id === this.session),
    );
    if (data.total === 0 && data.problems.length === 0)
      return html`<div class="empty">
        ${icon('shield')}
        <p class="empty-title">${t('Nothing recorded yet')}</p>
        <p>${t('What agents ask, what is allowed or refused, and what leaves a run is written down here.')}</p>
      </div>`;
    const now = Date.now();
    return html`${this.#standing(data)}
      ${rows.length === 0 ? html`<p class="note">${icon('filter')}<span>${t('No entry fits these filters.')}</span></p>` : nothing}
      <ul class="list audit">
        ${rows.map((row) => this.#row(row, now))}
      </ul>
      ${
        data.total > data.rows.length
          ? html`<p class="note">
              ${icon('history')}<span
                >${t('The newest {0} of {1} entries. "belay audit export" writes all of them.', data.rows.length, data.total)}</span
              >
            </p>`
          : nothing
      }`;
  }

  /** Whether the record holds, before anything it says. */
  #standing({ problems, anchored, total }: AuditData): TemplateResult {
    if (problems.length > 0)
      return html`<div class="card bad" role="alert">
        <p class="card-title">${icon('error', 'bad')}<span>${t('The record was changed outside of Belay.')}</span></p>
        <ul class="card-hint">
          ${problems.slice(0, 5).map((message) => html`<li><bdi>${oneLine(message)}</bdi></li>`)}
        </ul>
      </div>`;
    const until = anchored?.until ?? null;
    const words =
      anchored === null
        ? t('The chain of {0} entries is intact. The platform could not be asked.', total)
        : until === null
          ? t('The chain of {0} entries is intact. The platform knows none of them yet.', total)
          : until.n === total
            ? t('The chain of {0} entries is intact, and the platform agrees.', total)
            : t('The chain of {0} entries is intact. The platform agrees up to entry {1}.', total, until.n);
    const mark = anchored === null ? icon('shield', 'wait') : icon('verified', 'ok');
    return html`<p class="note" role="status">${mark}<span>${words}</span></p>`;
  }

  #row(row: AuditRow, now: number): TemplateResult {
    const look = auditLook(row);
    const { session } = row;
    return html`<li>
      <details class="audit-entry">
        <summary class="list-row">
          ${icon(look.icon, look.tone)}
          <span class="row-text">
            <span class="row-title"><bdi>${oneLine(row.resource)}</bdi></span>
            <span class="meta">
              <span>${t(look.word)}</span>${row.class ? html`<span>${t(classWords[row.class])}</span>` : nothing}
              <span>${timeTag(row.at, now)}</span>${session?.itemKey ? html`<span class="key">${session.itemKey}</span>` : nothing}
            </span>
          </span>
          ${icon('chevron-down', 'dim')}
        </summary>
        <dl class="audit-facts">
          ${fact(t('What'), row.resource)}${fact(t('Rule'), row.rules.join('\n'))}${fact(t('Detail'), row.detail)}
          ${fact(t('Policy'), row.policyHash.slice(0, 12))}
          <dt>${t('Entry')}</dt>
          <dd>${row.n}, ${timeTag(row.at, now, false)}</dd>
          ${
            session
              ? html`<dt>${t('Session')}</dt>
                  <dd>
                    <button class="link" @click=${() => store.show({ page: 'session', id: session.id })}>
                      <bdi>${sessionName(session)}</bdi>
                    </button>
                  </dd>`
              : nothing
          }
        </dl>
      </details>
    </li>`;
  }
}
customElements.define('belay-audit', AuditPage);

const sessionName = ({ itemKey, title }: NonNullable<AuditRow['session']>): string =>
  oneLine(itemKey === null ? title : `${itemKey} ${title}`);

const fact = (name: string, text: string): TemplateResult | typeof nothing =>
  text === ''
    ? nothing
    : html`<dt>${name}</dt>
        <dd><bdi class="audit-text">${spellOutInvisible(text)}</bdi></dd>`;
