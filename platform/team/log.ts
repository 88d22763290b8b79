/** The log of a replica: one JSON object a line. Whoever reads it slowly never slows the platform down. */
import { write } from 'node:fs';

/** Lines kept for a reader that does not keep up; what comes beyond them is counted instead. */
const mostLines = 10_000;
/** How long the last lines may take when the platform ends. */
const flushMs = 500;
const againMs = 20;

export interface Log {
  readonly write: (fields: Readonly<Record<string, unknown>>) => void;
  /** Resolves when what was written is out, or nobody takes it. */
  readonly flush: () => Promise<void>;
}

/** Writes to `descriptor`. None of `secrets` ever gets out. */
export function openLog(descriptor: number, secrets: readonly string[]): Log {
  let lines: string[] = [];
  let dropped = 0;
  let writing = false;
  let flushed = (): void => {};

  const textOf = (fields: Readonly<Record<string, unknown>>): string =>
    secrets.reduce((text, secret) => text.replaceAll(secret, '…'), JSON.stringify({ at: new Date().toISOString(), ...fields }));

  const send = (data: Buffer): void => {
    write(descriptor, data, (error, written) => {
      if (error && error.code !== 'EAGAIN') {
        // Nobody reads the log any more.
        next();
        return;
      }
      const rest = data.subarray(error ? 0 : written);
      if (rest.length === 0) next();
      else setTimeout(send, error ? againMs : 0, rest);
    });
  };
  const next = (): void => {
    writing = lines.length > 0;
    if (!writing) {
      flushed();
      return;
    }
    if (dropped > 0) lines.push(textOf({ message: 'The log was read too slowly.', dropped }));
    dropped = 0;
    const data = Buffer.from(`${lines.join('\n')}\n`);
    lines = [];
    send(data);
  };
  return {
    write: (fields) => {
      if (lines.length >= mostLines) dropped += 1;
      else lines.push(textOf(fields));
      if (writing) return;
      writing = true;
      // What is logged in one go leaves together.
      setImmediate(next);
    },
    flush: () =>
      new Promise((resolve) => {
        flushed = resolve;
        if (!writing) resolve();
        setTimeout(resolve, flushMs);
      }),
  };
}
