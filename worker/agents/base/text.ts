/** Gathers streamed text into whole messages, so that an activity is a message and not a syllable. */
import type { AgentEvent } from './driver.ts';

const longest = 50_000;

export class MessageGatherer {
  readonly #emit: (event: AgentEvent) => void;
  #type: 'message' | 'thought' = 'message';
  #text = '';
  #last = '';

  constructor(emit: (event: AgentEvent) => void) {
    this.#emit = emit;
  }

  add(type: 'message' | 'thought', text: string): void {
    if (type !== this.#type) this.flush();
    this.#type = type;
    this.#text += text;
    if (this.#text.length > longest) this.flush();
    else this.#emit({ kind: 'alive' });
  }

  /** Ends the message that is being gathered: something else happened, or the turn ended. */
  flush(): void {
    const text = this.#text.trim();
    this.#text = '';
    if (text === '') return;
    if (this.#type === 'message') this.#last = text;
    this.#emit({ kind: 'progress', body: { type: this.#type, text } });
  }

  /** The last whole message, forgotten with this call. */
  takeLast(): string {
    this.flush();
    const last = this.#last;
    this.#last = '';
    return last;
  }
}
