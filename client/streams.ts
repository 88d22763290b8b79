/** Readers of the platform's event streams: they come back after every interruption and go on where they were. */
import { createParser } from 'eventsource-parser';
import type { IncomingMessage } from 'node:http';
import { BelayError, isBelayError } from '../protocol/errors.ts';
import { Problem } from '../protocol/problem.ts';
import type { TransportRequest } from '../protocol/typedClient.ts';
import { TransportFailure } from '../transport/failure.ts';

const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** Ending, or too many streams: another try will do. */
const notNow = new Set([429, 503]);
/** The platform sends a sign of life every 15 s. */
const silenceMs = 45_000;

export interface StreamOptions {
  readonly path: string;
  /** Continue after this number; null: from now on. */
  readonly after: number | null;
  readonly signal: AbortSignal;
  readonly onData: (data: unknown) => void;
  /** Told when the stream stands and when it broke. */
  readonly onState: (state: 'online' | 'offline') => void;
  readonly open: (message: TransportRequest) => Promise<IncomingMessage>;
}

/** Resolves when the stream stands for the first time; rejects when the platform refuses it before that. Goes on until `signal`. */
export function readStream(options: StreamOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    void follow(options, resolve, reject);
  });
}

async function follow(options: StreamOptions, stands: () => void, refused: (error: unknown) => void): Promise<void> {
  const { signal, onState } = options;
  let after = options.after;
  let pause = firstPauseMs;
  let stood = false;
  while (!signal.aborted) {
    try {
      const reply = await options.open({
        method: 'GET',
        path: options.path,
        headers: { accept: 'text/event-stream', ...(after !== null && { 'last-event-id': String(after) }) },
        body: null,
        signal,
      });
      // One that stood was good once: whatever the platform has now, it may be over at the next try.
      if (notNow.has(reply.statusCode ?? 0) || (stood && reply.statusCode !== 200)) {
        reply.resume();
        pause = Math.max(pause, secondsOf(reply.headers['retry-after']) * 1000);
      } else if (reply.statusCode !== 200) {
        refused(await problemOf(reply));
        return;
      } else {
        pause = firstPauseMs;
        onState('online');
        await read(reply, options, {
          at: (id) => {
            after = id;
            stood = true;
            stands();
          },
          comeBack: (ms) => {
            pause = ms;
          },
        });
      }
    } catch (error) {
      // What answers is no platform, or does not let us in. Else: told as offline below, and the next round tries again.
      if (!stood && isBelayError(error) && !(error instanceof TransportFailure)) {
        refused(error);
        return;
      }
    }
    if (signal.aborted) break;
    onState('offline');
    await sleep(pause * (0.5 + Math.random()), signal);
    pause = Math.min(pause * 2, longestPauseMs);
  }
  stands();
}

const secondsOf = (header: string | undefined): number => {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
};

interface Told {
  /** Read up to here. */
  readonly at: (id: number) => void;
  /** How long to wait before coming back, ms. */
  readonly comeBack: (ms: number) => void;
}

function read(reply: IncomingMessage, { onData, signal }: StreamOptions, { at, comeBack }: Told): Promise<void> {
  return new Promise((resolve) => {
    let quiet: NodeJS.Timeout | undefined;
    const alive = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(() => reply.destroy(), silenceMs);
    };
    const parser = createParser({
      onEvent: (event) => {
        if (event.event !== 'ready') onData(JSON.parse(event.data));
        if (event.id !== undefined) at(Number(event.id));
      },
      onRetry: comeBack,
    });
    const stop = (): void => {
      reply.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    alive();
    reply.setEncoding('utf8');
    reply.on('data', (part: string) => {
      alive();
      if (!signal.aborted) parser.feed(part);
    });
    reply.on('error', () => {});
    reply.on('close', () => {
      clearTimeout(quiet);
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}

async function problemOf(reply: IncomingMessage): Promise<BelayError> {
  let text = '';
  for await (const part of reply) text += String(part);
  try {
    return BelayError.fromProblem(Problem.parse(JSON.parse(text)));
  } catch {
    return new BelayError('unavailable', `The platform answered ${reply.statusCode ?? 0} to a stream.`);
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
