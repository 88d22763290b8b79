import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { ItemFields } from '../../protocol/panel.ts';
import type { ItemPage as ItemData, PageAddress } from '../../protocol/panelPages.ts';
import type { WorkItem } from '../../protocol/records.ts';
import { callHost } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { priorityWords, statusWords } from '../model/describe.ts';
import { countText, durationText } from '../model/format.ts';
import { priorities, statuses } from '../model/rows.ts';
import { oneLine } from '../model/text.ts';
import { iconButton, kindIcon, slotIcon, untrustedText } from '../parts/bits.ts';
import { composer } from '../parts/composer.ts';
import { handoffCards } from '../parts/handoffCards.ts';
import { commentSection, documentSection } from '../parts/itemTexts.ts';
import { childSection, sessionSection } from '../parts/itemWork.ts';
import {
  conflictCard,
  editBox,
  editFields,
  storeEdit,
  loadEdit,
  saveEdit,
  startEdit,
  type Edit,
  type EditField,
} from '../parts/editable.ts';
import { isSending, sendBox } from '../parts/sending.ts';
import { failureAt, unavailableCard } from '../parts/failure.ts';
import { webLink } from '../parts/webLink.ts';
import { store } from '../base/store.ts';
import { backBar, isLimited, limitedNote, PageElement, loadingPlaceholder } from './page.ts';

export class ItemPage extends PageElement {
  static override properties = { key: { type: String }, wide: { type: Boolean }, editing: { state: true } };
  declare key: string;
  declare wide: boolean;
  /** Edits that were opened, and those that met another's change. A changed text is a draft, and open without a mark here. */
  readonly #open = new Set<EditField>();
  declare editing: Partial<Record<EditField, 'begun' | 'conflict'>>;

  constructor() {
    super();
    this.key = '';
    this.wide = false;
    this.editing = {};
  }

  protected override shownPage(): PageAddress<'item'> {
    return { page: 'item', key: this.key };
  }

  protected override hasContent(): boolean {
    return this.#data() !== null;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('key')) this.editing = {};
  }

  override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    const item = this.#data()?.item;
    for (const field of editFields) {
      const isOpen = item !== undefined && this.#edit(item, field) !== null;
      // Back to where it was opened, unless the person is somewhere else by now.
      if (this.#open.has(field) && !isOpen && document.activeElement === document.body) this.focusOn(`[data-begin=${field}] > button`);
      if (isOpen) this.#open.add(field);
      else this.#open.delete(field);
    }
    if (store.focus === 'comment' && this.#data()) {
      this.focusOn('.composer belay-text-box');
      store.focus = 'none';
    }
  }

  #data(): ItemData | null {
    return store.loaded(this.shownPage()).snapshot;
  }

  override render(): TemplateResult {
    const data = this.#data();
    const { problem } = store.loaded(this.shownPage());
    return html`${backBar(
        this.key,
        iconButton({
          icon: 'copy',
          label: t('Copy {0}', this.key),
          act: () => void store.run('tools', callHost('copyText', { text: this.key })),
        }),
      )}
      <main class="scroll" tabindex="-1" @scroll=${this.onScroll}>
        ${limitedNote()} ${unavailableCard(problem)} ${data ? this.#item(data) : loadingPlaceholder(this.key, problem)}
      </main>
      ${
        data?.item.can.includes('comment')
          ? composer({
              box: `comment:${this.key}`,
              label: t('Write a comment'),
              send: (body) => callHost('addComment', { key: this.key, body }),
            })
          : nothing
      }`;
  }

  #item(data: ItemData): TemplateResult {
    const { item } = data;
    const now = Date.now();
    const head = html`<div class="head">${this.#crumb(data)} ${this.#title(item)}</div>`;
    const facts = this.#facts(data);
    const actions = html`<div class="actions primary-actions">${this.#actions(data)}</div>
      ${failureAt('send')}`;
    const text = html`${this.#description(item)} ${commentSection(data.comments, now)}`;
    const work = html`${handoffCards(data.handoffs, now)} ${sessionSection(data, now)} ${childSection(data)}
    ${documentSection(data.documents, now)}`;
    return this.wide
      ? html`<div class="sheet">
          <div class="column">${head} ${actions} ${text}</div>
          <div class="column">${facts} ${work}</div>
        </div>`
      : html`<div class="sheet">
          <div class="column">${head} ${facts} ${actions} ${this.#description(item)} ${work} ${commentSection(data.comments, now)}</div>
        </div>`;
  }

  #crumb({ parent }: ItemData): TemplateResult | typeof nothing {
    if (!parent) return nothing;
    return html`<button class="crumb" @click=${() => store.show({ page: 'item', key: parent.key })}>
      ${kindIcon(parent.kind)}<span class="key">${parent.key}</span>${untrustedText(parent.title)}
    </button>`;
  }

  #begin(field: EditField): void {
    this.editing = { ...this.editing, [field]: 'begun' };
    this.focusOn(`[data-edit=${field}]`);
  }

  #close(field: EditField): void {
    this.editing = { ...this.editing, [field]: undefined };
    store.setDraft(editBox(this.key, field), '');
  }

  #edit(item: WorkItem, field: EditField): Edit | null {
    return loadEdit(this.key, field) ?? (this.editing[field] ? startEdit(item, field) : null);
  }

  #save(field: EditField, edit: Edit | null): void {
    const { key } = this;
    if (!edit || (field === 'title' && oneLine(edit.text) === '')) return;
    void sendBox(editBox(key, field), async () => {
      const outcome = await saveEdit(key, field, edit);
      if (outcome === 'saved') store.announce(t('Saved'));
      // The person may be at another item by now.
      if (outcome !== 'failed' && this.key === key)
        this.editing = { ...this.editing, [field]: outcome === 'conflict' ? outcome : undefined };
      return outcome === 'saved';
    });
  }

  #conflict(item: WorkItem, field: EditField, edit: Edit): TemplateResult {
    const card = conflictCard({
      theirs: item[field],
      mine: edit.text,
      keepMine: () => this.#save(field, { ...startEdit(item, field), text: edit.text }),
      takeTheirs: () => this.#close(field),
      goOn: () => {
        storeEdit(this.key, field, { ...startEdit(item, field), text: edit.text });
        this.#begin(field);
      },
    });
    return html`${card}${failureAt(editBox(this.key, field))}`;
  }

  #editKeys(item: WorkItem, field: EditField, event: KeyboardEvent): void {
    const edit = this.#edit(item, field);
    // The Enter that pressed Cancel comes by here too.
    if (!edit || event.isComposing) return;
    if (event.key === 'Escape') {
      if (edit.text === item[field]) this.#close(field);
    } else if (event.key === 'Enter' && (field === 'title' || event.ctrlKey || event.metaKey)) this.#save(field, edit);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #written(item: WorkItem, field: EditField, event: Event): void {
    const edit = this.#edit(item, field) ?? startEdit(item, field);
    storeEdit(this.key, field, { ...edit, text: (event.target as HTMLInputElement).value });
  }

  #editActions(item: WorkItem, field: EditField): TemplateResult {
    return html`${failureAt(editBox(this.key, field))}
      <div class="actions">
        <vscode-button ?disabled=${isSending(editBox(this.key, field))} @click=${() => this.#save(field, this.#edit(item, field))}
          >${t('Save')}</vscode-button
        >
        <vscode-button secondary @click=${() => this.#close(field)}>${t('Cancel')}</vscode-button>
      </div>`;
  }

  #title(item: WorkItem): TemplateResult {
    const edit = this.#edit(item, 'title');
    if (!edit)
      return html`<h1 data-begin="title">
        <span class="kind">${kindIcon(item.kind)}</span>${untrustedText(item.title)}
        ${
          item.can.includes('edit')
            ? iconButton({ icon: 'edit', label: t('Edit the title'), classes: 'quiet', act: () => this.#begin('title') })
            : nothing
        }
      </h1>`;
    if (this.editing.title === 'conflict') return this.#conflict(item, 'title', edit);
    return html`<h1 class="sr">${item.key}</h1>
      <div class="edit" @keydown=${(event: KeyboardEvent) => this.#editKeys(item, 'title', event)}>
        <vscode-textfield
          data-edit="title"
          .label=${t('Title')}
          maxlength="500"
          .value=${edit.text}
          .readonly=${isSending(editBox(this.key, 'title'))}
          @input=${(event: Event) => this.#written(item, 'title', event)}
        ></vscode-textfield>
        ${this.#editActions(item, 'title')}
      </div>`;
  }

  async #set(item: WorkItem, patch: ItemFields, seen: ItemFields): Promise<boolean> {
    const isStored = await store.run(
      `set ${Object.keys(patch).join()}`,
      callHost('updateItem', { key: item.key, version: item.version, patch, seen }),
    );
    if (isStored) store.announce(t('Saved'));
    else void callHost('refresh', {}).catch((error: unknown) => store.fail('page', error));
    return isStored;
  }

  #facts({ item, assignees, repositoryName, figures }: ItemData): TemplateResult {
    const choice = <F extends 'status' | 'priority'>(
      label: string,
      field: F,
      values: readonly WorkItem[F][],
      words: Record<WorkItem[F], string>,
    ) => {
      if (!item.can.includes('edit')) return t(words[item[field]]);
      // One of its own for each item: what was passed over on one is not chosen for the next.
      return keyed(
        item.id,
        html`<belay-choice
          .label=${label}
          .value=${item[field]}
          .version=${item.version}
          .options=${values.map((value) => [value, t(words[value])])}
          .choose=${(value: string, seen: string) => this.#set(item, { [field]: value }, { [field]: seen })}
        ></belay-choice>`,
      );
    };
    const row = (name: string, value: unknown): TemplateResult =>
      html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`;
    const people = assignees.map((person) => (person.me ? t('you') : oneLine(person.name))).join(', ');
    const spent = [
      figures.queuedMs > 0 ? t('{0} queued', durationText(figures.queuedMs)) : '',
      figures.runningMs > 0 ? t('{0} running', durationText(figures.runningMs)) : '',
      figures.totalTokens > 0 ? t('{0} tokens', countText(figures.totalTokens)) : '',
      figures.costUsd === null ? '' : `$${figures.costUsd.toFixed(2)}`,
    ].filter(Boolean);
    const outcomes = [
      figures.accepted > 0 ? t('{0} accepted', figures.accepted) : '',
      figures.sentBack > 0 ? t('{0} sent back', figures.sentBack) : '',
      figures.failed > 0 ? t('{0} failed', figures.failed) : '',
    ].filter(Boolean);
    return html`<dl class="facts">
      ${row(t('Status'), html`${choice(t('Status'), 'status', statuses, statusWords)} ${failureAt('set status')}`)}
      ${row(t('Priority'), html`${choice(t('Priority'), 'priority', priorities, priorityWords)} ${failureAt('set priority')}`)}
      ${row(t('Assignee'), people === '' ? html`<span class="dim">${t('nobody')}</span>` : html`<bdi>${people}</bdi>`)}
      ${
        item.labels.length > 0
          ? row(
              t('Labels'),
              item.labels.map((label) => html`<span class="tag" title=${oneLine(label.group)}>${untrustedText(label.name)}</span>`),
            )
          : nothing
      }
      ${row(t('Repository'), repositoryName === null ? html`<span class="dim">${t('asked at the first send')}</span>` : untrustedText(repositoryName))}
      ${item.source ? row(t('From'), webLink(item.source.url, `${item.source.kind} ${item.source.id}`)) : nothing}
      ${item.links.map((link) => row(t('Link'), webLink(link.url, link.title)))}
      ${spent.length > 0 ? row(t('Spent'), spent.join(' · ')) : nothing}
      ${outcomes.length > 0 ? row(t('Outcomes'), outcomes.join(' · ')) : nothing}
    </dl>`;
  }

  /** What waits for the person comes before new work. */
  #need(need: NonNullable<ItemData['need']>): TemplateResult {
    const { sessionId, kind, hasChanges } = need;
    const look = (): void => store.show({ page: 'session', id: sessionId });
    const review = (): void => {
      look();
      void store.run('review', callHost('reviewChanges', { sessionId }));
    };
    if (kind === 'question') return html`<vscode-button @click=${look}>${slotIcon('question')}${t('Answer')}</vscode-button>`;
    if (hasChanges)
      return html`<vscode-button @click=${review}>${slotIcon('git-pull-request-go-to-changes')}${t('Review changes')}</vscode-button>`;
    return html`<vscode-button @click=${look}>${kind === 'failure' ? t('See what failed') : t('Read the result')}</vscode-button>`;
  }

  #actions({ item, sendTarget, queueAgent, need }: ItemData): TemplateResult {
    // Nothing waits to be done with an item that is over: sending it again stays possible, quietly.
    const isQuiet = need !== null || item.status === 'completed' || item.status === 'cancelled';
    const send = (again: boolean): void => void store.run('send', callHost('send', { key: item.key, again }));
    const off = isLimited();
    const why = off ? 'limited' : nothing;
    if (!item.can.includes('hand_off')) return html`${need ? this.#need(need) : nothing}`;
    return html`${need ? this.#need(need) : nothing}
      ${
        sendTarget
          ? html`<span class="split"
              ><vscode-button ?secondary=${isQuiet} @click=${() => send(true)}
                >${slotIcon('send')}${t('Send to {0}', oneLine(sendTarget.name))}</vscode-button
              ><vscode-button
                icon-only
                ?secondary=${isQuiet}
                class="split-more"
                aria-label=${t('Send to another target')}
                title=${t('Send to another target')}
                @click=${() => send(false)}
                ><span class="codicon codicon-chevron-down" aria-hidden="true"></span></vscode-button
            ></span>`
          : html`<vscode-button ?secondary=${isQuiet} ?disabled=${off} aria-describedby=${why} @click=${() => send(false)}
              >${slotIcon('send')}${t('Send to …')}</vscode-button
            >`
      }
      <vscode-button
        secondary
        ?disabled=${off}
        aria-describedby=${why}
        title=${queueAgent ? t('Queue for {0}', oneLine(queueAgent)) : t('Choose an agent and queue')}
        @click=${() => void store.run('send', callHost('queue', { key: item.key }))}
        >${t('Queue')}</vscode-button
      >`;
  }

  #description(item: WorkItem): TemplateResult {
    const edit = this.#edit(item, 'description');
    if (edit) {
      if (this.editing.description === 'conflict') return html`<div class="section">${this.#conflict(item, 'description', edit)}</div>`;
      return html`<div class="section edit" @keydown=${(event: KeyboardEvent) => this.#editKeys(item, 'description', event)}>
        <belay-text-box
          data-edit="description"
          .label=${t('Description, in Markdown')}
          rows="12"
          resize="vertical"
          .value=${edit.text}
          .readonly=${isSending(editBox(this.key, 'description'))}
          @input=${(event: Event) => this.#written(item, 'description', event)}
        ></belay-text-box>
        ${this.#editActions(item, 'description')}
      </div>`;
    }
    const canEdit = item.can.includes('edit');
    const button = canEdit
      ? iconButton({ icon: 'edit', label: t('Edit the description'), classes: 'quiet', act: () => this.#begin('description') })
      : nothing;
    if (item.description.trim() === '' && !canEdit) return html`${nothing}`;
    if (item.description.trim() === '')
      return html`<div class="section description" data-begin="description">
        <button class="link" @click=${() => this.#begin('description')}>${t('Describe what is wanted')}</button>
      </div>`;
    return html`<div class="section description" data-begin="description">
      ${button}<belay-markdown .text=${item.description}></belay-markdown>
    </div>`;
  }
}
customElements.define('belay-item', ItemPage);
