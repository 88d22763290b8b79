/**
 * The durable outbox of one run: what happened is written here first and sent from here. One line of
 * JSON each: `{n, id, fence, at, mono, kind, body, crc32}`. A line that was cut by a crash is dropped;
 * every other line keeps its `id`, which is its key on the platform, so sending twice stores once.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { activityKinds } from '../../protocol/activities.ts';
import { BelayError } from '../../protocol/errors.ts';
import { tryLock, type Lock } from '../base/lock.ts';
import { redactor } from '../base/redact.ts';

/** `end` is how the run ends on the platform: complete, fail, release or cancelled, with its request. */
export const journalKinds = [...activityKinds, 'end'] as const;
export const JournalLine = z.object({
  n: z.int().positive(),
  id: z.string().min(1).max(120),
  fence: z.int(),
  /** Wall clock, ms since the epoch. */
  at: z.int(),
  /** Monotonic clock of the writing process, ms. */
  mono: z.number(),
  kind: z.enum(journalKinds),
  body: z.unknown(),
  crc32: z.int(),
});
export type JournalLine = z.infer<typeof JournalLine>;

export interface JournalOptions {
  readonly folder: string;
  /** Values that never reach the disk. */
  readonly secrets?: readonly string[];
  readonly now?: () => number;
}

const fileName = 'journal.ndjson';
const sentName = 'journal.sent';

export class Journal {
  readonly #folder: string;
  readonly #lock: Lock;
  readonly #file: number;
  readonly #redact: <T>(value: T) => T;
  readonly #now: () => number;
  readonly #lines: JournalLine[];
  #next: number;
  #sent: number;

  private constructor(options: JournalOptions, lock: Lock) {
    this.#folder = options.folder;
    this.#lock = lock;
    this.#redact = redactor(options.secrets ?? []);
    this.#now = options.now ?? Date.now;
    const file = path.join(options.folder, fileName);
    const { lines, validBytes } = existsSync(file) ? readLines(readFileSync(file)) : { lines: [], validBytes: 0 };
    this.#file = openSync(file, 'a', 0o600);
    ftruncateSync(this.#file, validBytes);
    this.#sent = readSent(path.join(options.folder, sentName));
    // Numbers of lines that were sent and then lost with a cut are not given twice.
    this.#next = Math.max(this.#sent, lines.at(-1)?.n ?? 0) + 1;
    this.#lines = lines.filter((line) => line.n > this.#sent);
  }

  /** Opens the journal of a run folder, or returns null while a living process has it. */
  static open(options: JournalOptions): Journal | null {
    const lock = tryLock(path.join(options.folder, 'journal.lock'));
    if (!lock) return null;
    try {
      return new Journal(options, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Writes one line. A killed process loses nothing written; see `sync` for the power. */
  append(kind: JournalLine['kind'], body: unknown, fence: number): JournalLine {
    const open = {
      n: this.#next,
      id: randomBytes(9).toString('base64url'),
      fence,
      at: this.#now(),
      mono: Math.round(performance.now() * 1000) / 1000,
      kind,
      body: this.#redact(body),
    };
    const line: JournalLine = { ...open, crc32: checksum(open) };
    writeWhole(this.#file, `${JSON.stringify(line)}\n`);
    this.#next += 1;
    this.#lines.push(line);
    return line;
  }

  /** Waits until everything written is on the disk: before effects, approvals and the end, and at phase ends. */
  sync(): void {
    fsyncSync(this.#file);
  }

  /** Lines that the platform has not confirmed, oldest first. */
  unsent(): readonly JournalLine[] {
    return this.#lines;
  }

  /** Everything up to line `n` is confirmed. */
  markSent(n: number): void {
    if (n <= this.#sent) return;
    const file = path.join(this.#folder, sentName);
    writeFileSync(`${file}.new`, String(n), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    this.#sent = n;
    const kept = this.#lines.findIndex((line) => line.n > n);
    this.#lines.splice(0, kept < 0 ? this.#lines.length : kept);
  }

  close(): void {
    closeSync(this.#file);
    this.#lock.release();
  }
}

const checksum = (open: Omit<JournalLine, 'crc32'>): number => crc32(JSON.stringify(open));

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done);
}

/** Whole, undamaged lines, and how many bytes to keep: all up to the last line end. */
function readLines(bytes: Buffer): { lines: JournalLine[]; validBytes: number } {
  const validBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines: JournalLine[] = [];
  for (const text of bytes.subarray(0, validBytes).toString('utf8').split('\n')) {
    const line = text === '' ? null : readLine(text);
    if (line && line.n > (lines.at(-1)?.n ?? 0)) lines.push(line);
  }
  return { lines, validBytes };
}

function readLine(text: string): JournalLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = JournalLine.safeParse(value);
  if (!parsed.success) return null;
  const { crc32: sum, ...open } = parsed.data;
  return checksum(open) === sum ? parsed.data : null;
}

function readSent(file: string): number {
  if (!existsSync(file)) return 0;
  const n = Number(readFileSync(file, 'utf8'));
  if (!Number.isSafeInteger(n) || n < 0)
    throw new BelayError('internal', `The journal's marker ${file} is damaged.`, {
      hint: 'Delete it: what was sent already is recognised by the platform.',
    });
  return n;
}
