import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { createRef, ref } from 'lit/directives/ref.js';
import type { PanelPage } from '../../protocol/panelPages.ts';
import type { ItemKind } from '../../protocol/records.ts';
import { callHost } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { kindPlurals, kindWords } from '../model/describe.ts';
import {
  groupings,
  isFiltering,
  kinds,
  labelsInUse,
  noFilter,
  type Arranged,
  type GroupEntry,
  type Grouping,
  type RowFilter,
} from '../model/rows.ts';
import { oneLine } from '../model/text.ts';
import { icon, iconButton, skeleton, untrustedText } from '../parts/bits.ts';
import { groupTitle } from '../parts/groupTitle.ts';
import { itemRow, openRow } from '../parts/itemRow.ts';
import { isSending, sendBox } from '../parts/sending.ts';
import type { VirtualList, VirtualSource } from '../parts/virtualList.ts';
import { failureAt, unavailableCard } from '../parts/failure.ts';
import { store } from '../base/store.ts';
import { limitedNote, PageElement, rootBar, statusFoot } from './page.ts';

const groupingWords: Record<Grouping, string> = {
  status: 'Status',
  kind: 'Kind',
  priority: 'Priority',
  parent: 'Initiative',
  none: 'Nothing',
};

/** The box of the quick add. */
const addBox = 'add';

/** Heights in px of the style sheet's rows: the list is drawn without measuring. */
const heights = { group: 28, narrow: 42, wide: 30 } as const;

export class WorkPage extends PageElement {
  static override properties = { wide: { type: Boolean }, adding: { state: true }, filtering: { state: true } };
  declare wide: boolean;
  declare adding: boolean;
  declare filtering: boolean;
  #addKind: ItemKind = 'todo';
  readonly #list = createRef<VirtualList>();

  constructor() {
    super();
    this.wide = false;
    this.adding = false;
    this.filtering = false;
  }

  protected override shownPage(): PanelPage {
    return { page: 'work' };
  }

  protected override hasContent(): boolean {
    return store.rows !== null;
  }

  override willUpdate(): void {
    if (store.focus === 'quickAdd') this.adding = true;
  }

  override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (changed.has('adding') && this.adding) this.focusOn('.quick-add vscode-textfield');
    if (store.focus === 'quickAdd' || store.focus === 'search') {
      this.focusOn(store.focus === 'search' ? '.search' : '.quick-add vscode-textfield');
      store.focus = 'none';
    }
  }

  override render(): TemplateResult {
    const arranged = store.arranged();
    return html`${rootBar(
        'work',
        iconButton({
          icon: 'settings',
          label: t('Filter and group'),
          expanded: this.filtering,
          act: () => (this.filtering = !this.filtering),
        }),
      )}
      ${this.adding ? this.#quickAdd() : nothing} ${failureAt(addBox)} ${this.#tools(arranged)} ${failureAt('row')}
      <main class="scroll" @scroll=${this.onScroll}>
        <h1 class="sr">${t('Work')}</h1>
        ${limitedNote()} ${unavailableCard(store.connection.problem)} ${this.#body(arranged)}
      </main>
      ${statusFoot()}`;
  }

  #quickAdd(): TemplateResult {
    const close = (): void => {
      this.adding = false;
      this.focusOn('.rows');
    };
    const add = (): void => {
      const title = oneLine(store.draft(addBox));
      if (title === '') return;
      void sendBox(addBox, async () => {
        const isDone = await store.run(addBox, callHost('createItem', { kind: this.#addKind, title }));
        if (isDone) store.announce(t('Added: {0}', title));
        return isDone;
      });
    };
    // Not a form: in one, the library's field submits on every Enter, also on that of a composition.
    return html`<div
      class="quick-add"
      role="form"
      aria-label=${t('Add an item')}
      @keydown=${(event: KeyboardEvent) => {
        if (event.isComposing) return;
        if (event.key === 'Escape') close();
        else if (event.key === 'Enter' && (event.target as Element).localName === 'vscode-textfield') add();
        else return;
        event.stopPropagation();
      }}
    >
      <select
        class="select"
        aria-label=${t('Kind')}
        @change=${(event: Event) => (this.#addKind = (event.target as HTMLSelectElement).value as ItemKind)}
      >
        ${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === this.#addKind}>${t(kindWords[kind])}</option>`)}
      </select>
      <vscode-textfield
        .label=${t('Title')}
        placeholder=${t('What is to be done?')}
        .value=${store.draft(addBox)}
        @input=${(event: Event) => store.setDraft(addBox, (event.target as HTMLInputElement).value)}
      ></vscode-textfield>
      ${iconButton({ icon: 'check', label: t('Add'), disabled: isSending(addBox), act: add })}
    </div>`;
  }

  #tools(arranged: Arranged): TemplateResult {
    const { filter, grouping } = store.ui;
    const set = (patch: Partial<RowFilter>): void => store.setUi({ filter: { ...filter, ...patch } });
    const without = <T>(all: readonly T[], one: T): T[] => all.filter((other) => other !== one);
    const chip = (label: string, on: boolean, act: () => void): TemplateResult =>
      html`<button class="chip ${on ? 'on' : ''}" aria-pressed=${on} @click=${act}>${on ? icon('check') : nothing}${label}</button>`;
    return html`<div class="tools" role="search" aria-label=${t('Find items')}>
      <div class="search-row">
        <vscode-textfield
          class="search"
          .label=${t('Search my work')}
          placeholder=${t('Search my work')}
          .value=${filter.search}
          @input=${(event: Event) => set({ search: (event.target as HTMLInputElement).value })}
          @keydown=${this.#searchKeys}
        >
          <span slot="content-before" class="codicon codicon-search" aria-hidden="true"></span>
        </vscode-textfield>
      </div>
      ${
        this.filtering
          ? html`<div class="filters">
              <label class="group-by"
                ><span>${t('Group by')}</span
                ><select
                  class="select"
                  @change=${(event: Event) => store.setUi({ grouping: (event.target as HTMLSelectElement).value as Grouping })}
                >
                  ${groupings.map((value) => html`<option value=${value} ?selected=${value === grouping}>${t(groupingWords[value])}</option>`)}
                </select></label
              >
              <div class="chips" role="group" aria-label=${t('Kinds')}>
                ${kinds.map((kind) => {
                  const on = filter.kinds.includes(kind);
                  return chip(t(kindPlurals[kind]), on, () => set({ kinds: on ? without(filter.kinds, kind) : [...filter.kinds, kind] }));
                })}
              </div>
              ${this.#labelChips(filter, set)}
            </div>`
          : nothing
      }
      <div class="chips">
        ${chip(t('Assigned to me'), filter.mine, () => set({ mine: !filter.mine }))}
        ${chip(t('Open work'), filter.open, () => set({ open: !filter.open }))}
        ${
          this.filtering
            ? nothing
            : html`${filter.kinds.map((kind) => this.#removable(t(kindPlurals[kind]), () => set({ kinds: without(filter.kinds, kind) })))}
              ${filter.labels.map((label) => this.#removable(oneLine(label), () => set({ labels: without(filter.labels, label) })))}`
        }
        ${
          arranged.hidden > 0 && isFiltering(filter)
            ? html`<button
                class="chip hidden-count"
                title=${t('Show everything')}
                aria-label=${t('{0} hidden by filters: show everything', arranged.hidden)}
                @click=${() => store.setUi({ filter: { ...noFilter, search: filter.search } })}
              >
                ${t('{0} hidden', arranged.hidden)}
              </button>`
            : nothing
        }
      </div>
    </div>`;
  }

  #removable(label: string, act: () => void): TemplateResult {
    return html`<button class="chip on" aria-label=${t('Remove the filter {0}', label)} @click=${act}>${label}${icon('close')}</button>`;
  }

  #labelChips(filter: RowFilter, set: (patch: Partial<RowFilter>) => void): TemplateResult | typeof nothing {
    const all = labelsInUse(store.rows?.values() ?? []).slice(0, 40);
    if (all.length === 0) return nothing;
    return html`<div class="chips" role="group" aria-label=${t('Labels')}>
      ${all.map((label) => {
        const on = filter.labels.includes(label);
        const next = on ? filter.labels.filter((other) => other !== label) : [...filter.labels, label];
        return html`<button class="chip ${on ? 'on' : ''}" aria-pressed=${on} @click=${() => set({ labels: next })}>
          ${on ? icon('check') : nothing}${untrustedText(label)}
        </button>`;
      })}
    </div>`;
  }

  #body(arranged: Arranged): TemplateResult | typeof nothing {
    if (store.rows === null) return store.connection.problem ? nothing : skeleton();
    if (arranged.shown > 0) return this.#rows(arranged);
    if (store.rows.size === 0)
      return this.#empty('checklist', t('Nothing planned yet'), t('Write down an initiative, a bug or a todo, then send it to an agent.'), [
        t('Add an item'),
        () => (this.adding = true),
      ]);
    const { filter } = store.ui;
    if (arranged.hidden > 0)
      return this.#empty('settings', t('Hidden by filters'), t('{0} items are there, but none passes the filters.', arranged.hidden), [
        t('Show everything'),
        () => store.setUi({ filter: { ...noFilter, search: filter.search } }),
      ]);
    return this.#empty('search', t('Nothing found'), t('No item has “{0}” in its key, title or labels.', oneLine(filter.search)), [
      t('Clear the search'),
      () => store.setUi({ filter: { ...filter, search: '' } }),
    ]);
  }

  #empty(name: string, title: string, text: string, [label, act]: [string, () => void]): TemplateResult {
    return html`<div class="empty">
      ${icon(name)}
      <p class="empty-title">${title}</p>
      <p>${text}</p>
      <vscode-button secondary @click=${act}>${label}</vscode-button>
    </div>`;
  }

  #rows(arranged: Arranged): TemplateResult {
    const { entries } = arranged;
    const rowHeight = this.wide ? heights.wide : heights.narrow;
    const now = Date.now();
    const isGrouped = entries[0]?.type === 'group';
    const showStatus = store.ui.grouping !== 'status';
    const activeIndex = store.ui.active === null ? -1 : entries.findIndex((entry) => entry.id === store.ui.active);
    const source: VirtualSource = {
      count: entries.length,
      idOf: (index) => entries[index]?.id ?? '',
      kept: activeIndex,
      heightOf: (index) => (entries[index]?.type === 'group' ? heights.group : rowHeight),
      draw: (index) => {
        const entry = entries[index];
        if (!entry) return html``;
        if (entry.type === 'group') return this.#group(entry, index, index === activeIndex);
        const place = { index, total: entries.length, level: isGrouped ? 2 : 1, isActive: index === activeIndex, now, showStatus };
        return itemRow(entry.row, place);
      },
    };
    return html`<div
      role="treegrid"
      class="rows"
      tabindex="0"
      aria-label=${t('Work items')}
      aria-rowcount=${entries.length}
      aria-activedescendant=${activeIndex >= 0 ? `row-${activeIndex}` : nothing}
      @keydown=${this.#listKeys}
      @focus=${() => {
        if (activeIndex < 0) store.setUi({ active: entries.find((entry) => entry.type === 'row')?.id ?? null });
      }}
    >
      <belay-virtual ${ref(this.#list)} .source=${source}></belay-virtual>
    </div>`;
  }

  #group(entry: GroupEntry, index: number, isActive: boolean): TemplateResult {
    return html`<div
      role="row"
      id="row-${index}"
      class="group ${isActive ? 'active' : ''} ${entry.id === 'needs_me' ? 'wait' : ''}"
      aria-rowindex=${index + 1}
      aria-level="1"
      aria-expanded=${!entry.collapsed}
      @click=${() => this.#toggle(entry.id)}
    >
      <span role="gridcell" class="group-title"
        >${icon(entry.collapsed ? 'chevron-right' : 'chevron-down')}${entry.id === 'needs_me' ? icon('bell-dot') : nothing}<bdi
          >${groupTitle(entry, store.ui.grouping)}</bdi
        ></span
      >
      <span role="gridcell" class="group-count">${entry.count}</span>
    </div>`;
  }

  #toggle(id: string): void {
    const { collapsed } = store.ui;
    store.setUi({ collapsed: collapsed.includes(id) ? collapsed.filter((other) => other !== id) : [...collapsed, id] });
  }

  readonly #searchKeys = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      this.querySelector<HTMLElement>('.rows')?.focus();
    } else if (event.key === 'Escape' && store.ui.filter.search !== '') {
      event.stopPropagation();
      store.setUi({ filter: { ...store.ui.filter, search: '' } });
    }
  };

  readonly #listKeys = (event: KeyboardEvent): void => {
    const { entries } = store.arranged();
    const index = entries.findIndex((entry) => entry.id === store.ui.active);
    const entry = entries[index];
    const list = event.currentTarget as HTMLElement;
    const onButton = event.target instanceof HTMLButtonElement;
    if (onButton && (event.key === 'Enter' || event.key === ' ')) return;
    const page = Math.max(1, Math.floor((this.scroller?.clientHeight ?? 400) / heights.narrow) - 1);
    const move = (to: number): void => {
      const bounded = Math.max(0, Math.min(entries.length - 1, to));
      store.setUi({ active: entries[bounded]?.id ?? null });
      // The next key must not meet the row of the one before.
      this.requestUpdate();
      list.focus();
      this.#list.value?.reveal(bounded);
    };
    switch (event.key) {
      case 'ArrowDown':
        move(index + 1);
        break;
      case 'ArrowUp':
        if (index <= 0) this.focusOn('.search');
        else move(index - 1);
        break;
      case 'PageDown':
        move(index + page);
        break;
      case 'PageUp':
        move(index - page);
        break;
      case 'Home':
        move(0);
        break;
      case 'End':
        move(entries.length - 1);
        break;
      case 'ArrowLeft':
        if (onButton) list.focus();
        else if (entry?.type === 'group' && !entry.collapsed) this.#toggle(entry.id);
        else if (entry?.type === 'row') move(entries.findLastIndex((other, i) => i < index && other.type === 'group'));
        break;
      case 'ArrowRight':
        if (entry?.type === 'group' && entry.collapsed) this.#toggle(entry.id);
        else if (entry?.type === 'row') this.#nextAction(list, index, onButton ? event.target : null);
        break;
      case 'Enter':
      case ' ':
        if (entry?.type === 'group') this.#toggle(entry.id);
        else if (entry) openRow(entry.row);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  #nextAction(list: HTMLElement, index: number, from: Element | null): void {
    const buttons = [...list.querySelectorAll<HTMLElement>(`#row-${index} .row-actions button`)];
    buttons[from ? buttons.indexOf(from as HTMLElement) + 1 : 0]?.focus();
  }
}
customElements.define('belay-work', WorkPage);
