/**
 * The history of a run: lines of JSON, one event a line, each operation as an `invoke` and what came of it, as
 * checkers of the Jepsen family read them. `ok`: it happened. `fail`: refused, with a code. `info`: nobody
 * knows. A process that was killed leaves invocations without an end, which is the same as `info`.
 */
import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isBelayError } from '../../protocol/errors.ts';

export interface HistoryEvent {
  /** Milliseconds of a clock that all processes of the machine share and that never jumps. */
  readonly time: number;
  readonly process: string;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info' | 'note';
  /** Joins an invocation and its end; unique in its process. */
  readonly index: number;
  readonly f: string;
  /** The session, where the operation is about one. */
  readonly key: string | null;
  readonly value: unknown;
}

export const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** What says for certain that nothing was done. Everything else may have been. */
const refusals = new Set([
  'bad_request',
  'invalid_body',
  'unauthorized',
  'forbidden',
  'not_found',
  'claim_lost',
  'conflict',
  'invalid_transition',
  'idempotency_mismatch',
  'session_final',
  'version_conflict',
  'too_large',
  'precondition_required',
  'rate_limited',
]);

/** Appends to a file of its own. What is written survives the process. */
export class Recorder {
  private readonly file: number;
  private readonly process: string;
  private index = 0;

  constructor(folder: string, name: string) {
    this.file = openSync(path.join(folder, `${name}.jsonl`), 'a', 0o600);
    this.process = name;
  }

  private write(type: HistoryEvent['type'], index: number, f: string, key: string | null, value: unknown): void {
    const event: HistoryEvent = { time: now(), process: this.process, type, index, f, key, value };
    writeSync(this.file, `${JSON.stringify(event)}\n`);
  }

  /** Something that happened here and asked nobody. */
  note(f: string, key: string | null, value: unknown): void {
    this.write('note', (this.index += 1), f, key, value);
  }

  async operation<T>(f: string, key: string | null, input: unknown, work: () => Promise<T>, output: (reply: T) => unknown): Promise<T> {
    const index = (this.index += 1);
    this.write('invoke', index, f, key, input);
    try {
      const reply = await work();
      this.write('ok', index, f, key, output(reply));
      return reply;
    } catch (error) {
      const code = isBelayError(error) ? error.code : String(error);
      this.write(refusals.has(code) ? 'fail' : 'info', index, f, key, { code });
      throw error;
    }
  }
}

/** Every event of a folder's files in order of time. A line that a kill cut off is left out. */
export function readHistory(folder: string): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.jsonl')))
    for (const line of readFileSync(path.join(folder, name), 'utf8').split('\n')) {
      try {
        if (line !== '') events.push(JSON.parse(line) as HistoryEvent);
      } catch {
        continue;
      }
    }
  return events.sort((a, b) => a.time - b.time);
}

/** An operation with both its ends. */
export interface Operation {
  readonly process: string;
  readonly f: string;
  readonly key: string | null;
  readonly call: number;
  /** Infinity: no answer came, and it may still be on its way. */
  readonly end: number;
  readonly outcome: 'ok' | 'fail' | 'info';
  readonly input: unknown;
  readonly output: unknown;
}

export function operationsOf(events: readonly HistoryEvent[]): Operation[] {
  const open = new Map<string, HistoryEvent>();
  const done: Operation[] = [];
  const operation = (begun: HistoryEvent, end: number, outcome: Operation['outcome'], output: unknown): Operation => ({
    process: begun.process,
    f: begun.f,
    key: begun.key,
    call: begun.time,
    end,
    outcome,
    input: begun.value,
    output,
  });
  for (const event of events) {
    const id = `${event.process}#${event.index}`;
    if (event.type === 'invoke') open.set(id, event);
    const begun = open.get(id);
    if (event.type === 'invoke' || event.type === 'note' || !begun) continue;
    open.delete(id);
    done.push(operation(begun, event.type === 'info' ? Infinity : event.time, event.type, event.value));
  }
  for (const begun of open.values()) done.push(operation(begun, Infinity, 'info', null));
  return done.sort((a, b) => a.call - b.call);
}
