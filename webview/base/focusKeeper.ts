/**
 * Keeps the keyboard where the person was: what has it may be gone or switched off by what it did, and the browser would start over at
 * the top of the page. The nearest part around it that is still there takes it, so that no second Enter presses what comes in its place.
 */
const parts = '.actions, .bar, .card, .edit, .section, .foot, main, .rows';

/** The element that has the keyboard, as far as the page itself has put it there. */
const focused = (): Element | null => (document.activeElement === document.body ? null : document.activeElement);

export class FocusKeeper {
  /** What had the keyboard last, and the parts around it, the nearest first. */
  #last: { readonly element: HTMLElement; readonly around: readonly HTMLElement[] } | null = null;
  /** Stands in for an element that is switched off for now. */
  #standIn: HTMLElement | null = null;
  readonly #controller = new AbortController();

  start(): void {
    const { signal } = this.#controller;
    document.addEventListener('focusin', ({ target }) => this.#note(target), { signal });
    document.addEventListener(
      'pointerdown',
      () => {
        // Who clicks beside everything wants the keyboard nowhere.
        requestAnimationFrame(() => {
          if (focused() === null) this.#last = null;
        });
      },
      { signal },
    );
    for (const type of ['click', 'keyup']) document.addEventListener(type, () => this.check(), { signal });
    window.addEventListener('focus', () => this.check(), { signal });
  }

  stop(): void {
    this.#controller.abort();
  }

  /** Looks after the page was drawn. */
  check(): void {
    requestAnimationFrame(() => requestAnimationFrame(() => this.#restore()));
  }

  #note(target: EventTarget | null): void {
    if (!(target instanceof HTMLElement) || target === this.#standIn) return;
    this.#standIn = null;
    const around: HTMLElement[] = [];
    for (let part = target.parentElement?.closest<HTMLElement>(parts); part; part = part.parentElement?.closest<HTMLElement>(parts))
      around.push(part);
    this.#last = { element: target, around };
  }

  #restore(): void {
    if (!this.#last || !document.hasFocus()) return;
    const now = focused();
    if (now !== null && now !== this.#standIn) return;
    const { element, around } = this.#last;
    if (element.isConnected && take(element)) return;
    const part = around.find((one) => one.isConnected && one.checkVisibility());
    if (!part || part === now) return;
    this.#standIn = part;
    const isPlain = !part.hasAttribute('tabindex');
    if (isPlain) {
      part.tabIndex = -1;
      part.addEventListener('blur', () => part.removeAttribute('tabindex'), { once: true });
    }
    take(part);
  }
}

function take(element: HTMLElement): boolean {
  if (element.matches('[disabled]')) return false;
  element.focus({ preventScroll: true });
  return document.activeElement === element;
}
