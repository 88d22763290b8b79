import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { createRef, ref } from 'lit/directives/ref.js';
import type { PageAddress, SessionPage as SessionData } from '../../protocol/panelPages.ts';
import type { SessionError } from '../../protocol/records.ts';
import { isFinal } from '../../protocol/states.ts';
import { callHost } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { isRunning, modeWords, sessionLook, stepWords } from '../model/describe.ts';
import { policyCount, type PolicyCount } from '../model/feed.ts';
import { countText, durationText } from '../model/format.ts';
import { oneLine } from '../model/text.ts';
import { icon, iconButton, lookIcon, section, slotIcon, untrustedText } from '../parts/bits.ts';
import { composer } from '../parts/composer.ts';
import { feedHeight, feedLine, type FeedView } from '../parts/feedEntry.ts';
import { lateSection, undeliveredSection } from '../parts/aside.ts';
import { planSection } from '../parts/plan.ts';
import { questionCard } from '../parts/question.ts';
import { changedFiles, conflictFiles, decisionList, recapCard, reviewActions, type ReviewView } from '../parts/review.ts';
import type { VirtualList, VirtualSource } from '../parts/virtualList.ts';
import { failureAt, unavailableCard } from '../parts/failure.ts';
import { webLink } from '../parts/webLink.ts';
import { store } from '../base/store.ts';
import { backBar, limitedNote, PageElement, loadingPlaceholder } from './page.ts';

function policyText({ decisions: all, denied }: PolicyCount): string {
  const made = all === 1 ? t('1 policy decision') : t('{0} policy decisions', all);
  return denied === 0 ? made : t('{0}, {1} denied', made, denied);
}

const changedWords = {
  completed: 'The item was completed while this ran. The run keeps the text it started with.',
  edited: 'The item was edited while this ran. The run keeps the text it started with.',
  reassigned: 'The item was reassigned while this ran. The run keeps the text it started with.',
} as const;

/**
 * A session. The newest activity is on top, under the question and the plan: at the top of the page
 * everything stays in view by itself, and who reads further down is not moved by what arrives.
 */
export class SessionPage extends PageElement {
  static override properties = {
    sessionId: { type: String },
    wide: { type: Boolean },
    open: { state: true },
    yes: { state: true },
    busy: { state: true },
    asking: { state: true },
    away: { state: true },
    conflicts: { state: true },
  };
  declare sessionId: string;
  declare wide: boolean;
  declare open: ReadonlySet<string>;
  declare yes: ReadonlySet<string>;
  /** Name of the action under way. */
  declare busy: string | null;
  declare asking: 'discard' | 'send_back' | null;
  /** Number of the newest activity when the person left the top of the feed; null while it is in view. */
  declare away: number | null;
  /** Files that the person changed too, of the Accept that met them. */
  declare conflicts: readonly string[];
  readonly #list = createRef<VirtualList>();
  #isLoadingEarlier = false;
  #wasIn = '';

  constructor() {
    super();
    this.sessionId = '';
    this.wide = false;
    this.#clear();
  }

  #clear(): void {
    this.open = new Set();
    this.yes = new Set();
    this.busy = null;
    this.asking = null;
    this.away = null;
    this.conflicts = [];
  }

  protected override shownPage(): PageAddress<'session'> {
    return { page: 'session', id: this.sessionId };
  }

  protected override hasContent(): boolean {
    return this.#data() !== null;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('sessionId')) this.#clear();
    const session = this.#data()?.session;
    if (!session) return;
    const standing = `${session.id} ${t(sessionLook(session).word)}`;
    if (this.#wasIn.startsWith(`${session.id} `) && this.#wasIn !== standing) store.announce(t(sessionLook(session).word));
    this.#wasIn = standing;
  }

  override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (!changed.has('asking')) return;
    if (this.asking) this.focusOn('.asking');
    else if (changed.get('asking')) this.focusOn(`[data-ask=${changed.get('asking')}]`);
  }

  #data(): SessionData | null {
    return store.loaded(this.shownPage()).snapshot;
  }

  readonly #act: ReviewView['act'] = async (name, action, done) => {
    this.busy = name;
    const isDone = await store.run(name, action());
    this.busy = null;
    if (name === 'accept') this.conflicts = isDone ? [] : (store.failure?.problem.paths ?? []);
    if (isDone && done !== '') store.announce(done);
    return isDone;
  };

  override render(): TemplateResult {
    const data = this.#data();
    const { problem } = store.loaded(this.shownPage());
    const session = data?.session;
    const title = session ? `${session.itemKey ?? oneLine(session.title)} · ${t(modeWords[session.mode])}` : t('Session');
    return html`${backBar(title, data ? this.#tools(data) : nothing)} ${failureAt('stop')}
      <div class="progress" aria-hidden="true">
        ${session && isRunning(session) && session.state === 'active' ? html`<vscode-progress-bar indeterminate></vscode-progress-bar>` : nothing}
      </div>
      <main class="scroll" tabindex="-1" @scroll=${this.#scrolled}>
        ${limitedNote()} ${unavailableCard(problem)} ${data ? this.#session(data) : loadingPlaceholder(title, problem)}
      </main>
      ${this.#newerPill()} ${data ? this.#foot(data) : nothing}`;
  }

  #tools({ session, can }: SessionData): TemplateResult {
    const params = { sessionId: session.id };
    return html`${
      can.stop
        ? iconButton({
            icon: 'debug-stop',
            label: t('Stop'),
            classes: 'bad',
            disabled: session.cancelRequestedAt !== null && !isFinal(session.state),
            act: () => this.#act('stop', () => callHost('stopSession', params), t('Stopping')),
          })
        : nothing
    }
    ${
      can.openTerminal
        ? iconButton({
            icon: 'terminal',
            label: t('Open in terminal'),
            act: () => void store.run('tools', callHost('openTerminal', params)),
          })
        : nothing
    }
    ${iconButton({ icon: 'copy', label: t('Copy prompt'), act: () => void store.run('tools', callHost('copyPrompt', params)) })}
    ${can.archive ? iconButton({ icon: 'archive', label: t('Archive'), act: () => void store.run('tools', callHost('archiveSession', params)) }) : nothing}`;
  }

  #session(data: SessionData): TemplateResult {
    const { session } = data;
    const view: ReviewView = {
      yes: this.yes,
      setYes: (path, yes) => {
        const next = new Set(this.yes);
        if (yes) next.add(path);
        else next.delete(path);
        this.yes = next;
      },
      busy: this.busy,
      conflicts: this.conflicts,
      act: this.#act,
      asking: this.asking,
      ask: (what) => (this.asking = this.asking === what ? null : what),
    };
    const open = data.inputs.filter((input) => input.state === 'open');
    const isOver = isFinal(session.state);
    const head = html`<div class="head">${this.#crumb(data)} ${this.#facts(data)}</div>`;
    const asks = open.map((input) => questionCard(input, data.can.answer));
    const changed =
      session.itemChanged && !isOver
        ? html`<p class="note">${icon('info')}<span>${t(changedWords[session.itemChanged])}</span></p>`
        : nothing;
    const outcome = html`${session.error ? this.#error(session.error, data) : nothing}
    ${session.result && isOver ? recapCard(session.result) : nothing} ${reviewActions(data, view)} ${conflictFiles(data, view)}
    ${this.#queuedNote(data)}`;
    const result = isOver ? html`${changedFiles(data, view)} ${decisionList(data.reviews, Date.now())}` : nothing;
    const work = html`${result} ${planSection(session.plan, session.state)} ${this.#links(data)}`;
    const told = html`${undeliveredSection(data)} ${lateSection(data, this.#view())} ${this.#feed(data)}`;
    return this.wide
      ? html`<div class="sheet">
          <div class="column">${head} ${asks} ${changed} ${outcome} ${told}</div>
          <div class="column">${work}</div>
        </div>`
      : html`<div class="sheet"><div class="column">${head} ${asks} ${changed} ${outcome} ${work} ${told}</div></div>`;
  }

  #crumb({ session, itemTitle }: SessionData): TemplateResult | typeof nothing {
    const key = session.itemKey;
    if (key === null) return html`<h1>${untrustedText(session.title)}</h1>`;
    return html`<h1>
      <button class="title-link" @click=${() => store.show({ page: 'item', key })}>${untrustedText(itemTitle ?? session.title)}</button>
    </h1>`;
  }

  #facts({ session, heldHere }: SessionData): TemplateResult {
    const look = sessionLook(session);
    const facts: unknown[] = [oneLine(session.agentName)];
    if (session.claim) facts.push(heldHere ? t('claim {0}, held here', session.claim.fence) : t('claim {0}', session.claim.fence));
    if (session.attempt > 1) facts.push(t('attempt {0} of {1}', session.attempt, session.maxAttempts));
    if (session.sandboxStep)
      facts.push(html`<span class=${session.sandboxStep === 'none' ? 'bad' : ''}>${t(stepWords[session.sandboxStep])}</span>`);
    if (session.startedAt !== null)
      facts.push(
        isRunning(session)
          ? html`<belay-elapsed .since=${session.startedAt}></belay-elapsed>`
          : durationText(Math.max(0, (session.finishedAt ?? session.startedAt) - session.startedAt)),
      );
    if (session.usage) facts.push(t('{0} tokens', countText(session.usage.totalTokens)));
    if (typeof session.usage?.costUsd === 'number') facts.push(`$${session.usage.costUsd.toFixed(2)}`);
    return html`<p class="facts-line">
      <span class="state strong ${look.tone}">${lookIcon(look)}${t(look.word)}</span>${facts.map((fact) => html`<span>${fact}</span>`)}
    </p>`;
  }

  #error(error: SessionError, { session, can }: SessionData): TemplateResult {
    return html`<div class="card bad" role="group" aria-label=${t('Failure')}>
      <p class="card-title">${icon('error', 'bad')}<bdi>${error.message}</bdi></p>
      ${error.hint ? html`<p class="card-hint">${error.hint}</p>` : nothing}
      <p class="card-hint"><code>${error.code}</code></p>
      ${
        can.retry
          ? html`<div class="actions">
              <vscode-button
                ?disabled=${this.busy !== null}
                @click=${() => this.#act('retry', () => callHost('retrySession', { sessionId: session.id }), t('Queued again'))}
                >${slotIcon('refresh')}${t('Retry')}</vscode-button
              >
            </div>`
          : nothing
      }
      ${failureAt('retry')}
    </div>`;
  }

  #queuedNote({ session, can }: SessionData): TemplateResult | typeof nothing {
    const text = {
      queued: t('Waiting for a worker to claim it. Nothing runs before that.'),
      pending: t('Not ready to be claimed yet.'),
      stale: t('Its worker has not been heard of. It can take the work up again, or you can retry.'),
      cancelled: '',
      error: '',
      complete: '',
      active: '',
      awaiting_input: '',
    }[session.state];
    const canRetry = can.retry && !session.error;
    if (text === '' && !canRetry) return nothing;
    return html`${text === '' ? nothing : html`<p class="note">${icon('info')}<span>${text}</span></p>`}
    ${
      canRetry
        ? html`<div class="actions primary-actions">
              <vscode-button
                secondary
                ?disabled=${this.busy !== null}
                @click=${() => this.#act('retry', () => callHost('retrySession', { sessionId: session.id }), t('Queued again'))}
                >${slotIcon('refresh')}${t('Retry')}</vscode-button
              >
            </div>
            ${failureAt('retry')}`
        : nothing
    }`;
  }

  #links({ session }: SessionData): TemplateResult | typeof nothing {
    if (session.urls.length === 0) return nothing;
    return section(
      t('Links'),
      nothing,
      session.urls.map(({ url, title }) => webLink(url, title, 'block')),
    );
  }

  #view(): FeedView {
    return {
      sessionId: this.sessionId,
      isOpen: (id) => this.open.has(id),
      toggle: (id) => {
        const next = new Set(this.open);
        if (!next.delete(id)) next.add(id);
        this.open = next;
      },
    };
  }

  #feed({ session }: SessionData): TemplateResult {
    const { feed } = store;
    const entries = feed.entries;
    const count = entries.length;
    const view = this.#view();
    const at = (index: number) => entries[count - 1 - index];
    const source: VirtualSource = {
      count,
      idOf: (index) => at(index)?.id ?? '',
      heightOf: (index) => {
        const entry = at(index);
        return entry ? feedHeight(entry) : 24;
      },
      draw: (index) => {
        const entry = at(index);
        return entry ? feedLine(view, entry) : html``;
      },
    };
    const policy = policyCount(feed.activities);
    const aside = policy.decisions > 0 ? html`${icon('shield')} ${policyText(policy)}` : nothing;
    if (count === 0)
      return isFinal(session.state) || session.lastSeq > 0 || session.state === 'active'
        ? section(
            t('Activity'),
            nothing,
            html`<p class="quiet-text">${session.lastSeq > 0 ? t('Loading') : t('Nothing reported yet.')}</p>`,
          )
        : html``;
    return section(
      t('Activity'),
      aside,
      html`<div class="feed" role="feed" aria-label=${t('Activity, newest first')} aria-busy="false">
          <belay-virtual ${ref(this.#list)} measured articles .source=${source}></belay-virtual>
        </div>
        ${
          feed.firstSeq > 1
            ? html`<button class="link block" @click=${() => void this.#loadEarlier()}>
                  ${t('Load earlier ({0})', feed.firstSeq - 1)}
                </button>
                ${failureAt('earlier')}`
            : nothing
        }`,
      'activity',
    );
  }

  async #loadEarlier(): Promise<void> {
    const before = store.feed.firstSeq;
    if (this.#isLoadingEarlier || before <= 1) return;
    this.#isLoadingEarlier = true;
    try {
      const { entries } = await callHost('loadActivities', { sessionId: this.sessionId, before });
      if (store.feedOf === this.sessionId) store.feed.prepend(entries);
      store.changed();
    } catch (error) {
      store.fail('earlier', error);
    } finally {
      this.#isLoadingEarlier = false;
    }
  }

  readonly #scrolled = (): void => {
    this.onScroll();
    const scroller = this.scroller;
    const list = this.#list.value;
    if (!scroller || !list) return;
    const above = scroller.getBoundingClientRect().top - list.getBoundingClientRect().top;
    if (above > 60) this.away ??= store.feed.lastSeq;
    else this.away = null;
    if (scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - 400) void this.#loadEarlier();
  };

  #newerPill(): TemplateResult | typeof nothing {
    if (this.away === null) return nothing;
    const newer = store.feed.lastSeq - this.away;
    const jump = (): void => {
      this.#list.value?.reveal(0, 40);
      this.away = null;
    };
    return html`<div class="pill-place">
      <button class="pill" @click=${jump}>${icon('arrow-up')}${newer > 0 ? t('Jump to newest ({0})', newer) : t('Jump to newest')}</button>
    </div>`;
  }

  #foot({ session, can }: SessionData): TemplateResult | typeof nothing {
    if (!can.message) return nothing;
    return composer({
      box: `message:${session.id}`,
      label: isFinal(session.state) ? t('Follow up') : t('Add a message to this run'),
      send: (body) => callHost('messageSession', { sessionId: session.id, body }),
    });
  }
}
customElements.define('belay-session', SessionPage);
