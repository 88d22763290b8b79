/**
 * The audit log of this machine: one chain of lines, each with the hash of the line before. Several run hosts and
 * windows write it, one at a time under the system's lock. A line is on the disk before `append` returns.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import { tryLock } from '../base/lock.ts';
import { redactor } from '../base/redact.ts';
import { hashOf, noHead, readEntry, AuditEntry, type AuditFact, type AuditHead } from './entry.ts';
import { auditDir, makeAuditDir, segmentAt, segments } from './files.ts';

/** Others write one line and go. */
const lockWaitMs = 5000;
const segmentBytes = 8 * 1024 * 1024;
/** Longer than any line: fields are cut to these. */
const longest = { resource: 4000, detail: 2000, rule: 400, rules: 50 };

export interface AuditLogOptions {
  readonly stateDir: string;
  /** Values that never reach the disk. */
  readonly secrets?: readonly string[];
  readonly now?: () => number;
  /** A file that has grown to this gets a successor. */
  readonly segmentBytes?: number;
}

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #redact: <T>(value: T) => T;
  /** Where the chain stood after our own last line, so that the end need not be read each time. */
  #seen: { readonly file: string; readonly size: number; readonly head: AuditHead } | null = null;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#redact = redactor(options.secrets ?? []);
  }

  /** Writes one line and waits for the disk. Throws when it cannot: what it would record must not happen then. */
  append(fact: AuditFact): AuditHead {
    const { stateDir } = this.#options;
    makeAuditDir(stateDir);
    const lock = tryLock(path.join(auditDir(stateDir), 'lock'), lockWaitMs);
    if (!lock)
      throw new BelayError('unavailable', `Another program keeps ${auditDir(stateDir)} to itself.`, { hint: 'Try again in a moment.' });
    try {
      return this.#write(fact);
    } finally {
      lock.release();
    }
  }

  #write(fact: AuditFact): AuditHead {
    const { stateDir, now = Date.now } = this.#options;
    let file = segments(stateDir).at(-1)?.file ?? segmentAt(stateDir, 1).file;
    let handle = openSync(file, 'a+', 0o600);
    try {
      const end = this.#endOf(file, handle);
      if (fstatSync(handle).size >= (this.#options.segmentBytes ?? segmentBytes)) {
        closeSync(handle);
        file = segmentAt(stateDir, end.n + 1).file;
        handle = openSync(file, 'a+', 0o600);
      }
      const open = this.#redact({ ...cutFact(fact), n: end.n + 1, at: now(), prev: end.head });
      // What cannot be read back would break the chain for everybody.
      const entry = AuditEntry.parse({ ...open, hash: hashOf(open) });
      writeWhole(handle, `${JSON.stringify(entry)}\n`);
      fsyncSync(handle);
      const head = { n: entry.n, head: entry.hash };
      this.#seen = { file, size: fstatSync(handle).size, head };
      return head;
    } finally {
      closeSync(handle);
    }
  }

  /** The last line's number and hash. What a crash left of a line is taken away; it never was acknowledged. */
  #endOf(file: string, handle: number): AuditHead {
    const { size } = fstatSync(handle);
    if (this.#seen?.file === file && this.#seen.size === size) return this.#seen.head;
    if (size === 0) return beforeFirst(this.#options.stateDir, file);
    const bytes = readEnd(handle, size);
    const whole = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
    const start = bytes.lastIndexOf(0x0a, whole - 1) + 1;
    const last = readEntry(bytes.subarray(start, whole).toString('utf8'));
    if (last !== null) {
      if (whole === bytes.length) writeWhole(handle, '\n');
      return { n: last.n, head: last.hash };
    }
    if (whole < bytes.length) throw damaged(file);
    ftruncateSync(handle, size - (bytes.length - start));
    return this.#endOf(file, handle);
  }
}

/** An empty file: the one before it has the end, or there is none yet. */
function beforeFirst(stateDir: string, file: string): AuditHead {
  const before = segments(stateDir)
    .filter((segment) => segment.file < file)
    .at(-1);
  if (!before) return noHead;
  const handle = openSync(before.file, 'r');
  try {
    const lines = readEnd(handle, fstatSync(handle).size).toString('utf8').trimEnd().split('\n');
    const last = readEntry(lines.at(-1) ?? '');
    if (!last) throw damaged(before.file);
    return { n: last.n, head: last.hash };
  } finally {
    closeSync(handle);
  }
}

function damaged(file: string): BelayError {
  return new BelayError('conflict', `The end of the audit log cannot be read: ${file}`, {
    hint: 'Run "belay audit verify" and keep the file. Move the folder away to begin a new log; the break stays visible on the platform.',
  });
}

/** Enough of the end to hold the last two lines. */
function readEnd(handle: number, size: number): Buffer {
  const bytes = Buffer.alloc(Math.min(size, 512 * 1024));
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(handle, bytes, done, bytes.length - done, size - bytes.length + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

function writeWhole(handle: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done);
}

const cutText = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`).toWellFormed();

function cutFact(fact: AuditFact): AuditFact {
  return {
    ...fact,
    resource: cutText(fact.resource, longest.resource),
    detail: cutText(fact.detail, longest.detail),
    rules: fact.rules.slice(0, longest.rules).map((rule) => cutText(rule, longest.rule)),
  };
}
