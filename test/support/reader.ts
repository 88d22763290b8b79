/** A reader of an event stream that sees every byte of it. */
import { createParser } from 'eventsource-parser';
import { request, type IncomingMessage } from 'node:http';
import { token, type Platform } from './platforms.ts';

export interface Seen {
  readonly id: number;
  readonly data: { readonly n?: number; readonly seq?: number; readonly at?: number };
  /** When it came, as `Date.now()` says. */
  readonly cameAt: number;
}

export interface Reader {
  readonly reply: IncomingMessage;
  /** Numbers of what came, in order; without the first word about where the stream stands. */
  readonly seen: Seen[];
  /** Where it began. */
  readonly stood: () => number | null;
  /** What the platform said about when to come back. */
  readonly retry: () => number | null;
  /** Resolves when at least `count` came; rejects when the stream ends before. */
  readonly until: (count: number) => Promise<readonly Seen[]>;
  readonly ended: Promise<void>;
  readonly stop: () => void;
}

/** Opens a stream; rejects with the status when it is refused. */
export function readStream(platform: Platform, path: string, after?: number | string): Promise<Reader> {
  const seen: Seen[] = [];
  let stood: number | null = null;
  let retry: number | null = null;
  let over = false;
  let look = (): void => {};
  const parser = createParser({
    onEvent: ({ event, id, data }) => {
      if (event === 'ready') stood = Number(id);
      else seen.push({ id: Number(id), data: JSON.parse(data) as Seen['data'], cameAt: Date.now() });
      look();
    },
    onRetry: (ms) => {
      retry = ms;
    },
  });
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...('path' in platform.at ? { socketPath: platform.at.path } : platform.at),
      method: 'GET',
      path,
      agent: false,
      headers: { host: 'x', authorization: `Bearer ${token}`, ...(after !== undefined && { 'last-event-id': String(after) }) },
    } as object);
    outgoing.once('error', reject);
    outgoing.once('response', (reply) => {
      if (reply.statusCode !== 200) {
        reply.resume();
        reject(new Error(`refused with ${reply.statusCode}`));
        return;
      }
      const ended = new Promise<void>((done) => {
        reply.once('close', () => {
          over = true;
          look();
          done();
        });
      });
      reply.on('error', () => {});
      reply.setEncoding('utf8').on('data', (text: string) => {
        parser.feed(text);
      });
      resolve({
        reply,
        seen,
        stood: () => stood,
        retry: () => retry,
        ended,
        until: (count) =>
          new Promise((done, fail) => {
            look = () => {
              if (seen.length >= count && stood !== null) done(seen);
              else if (over) fail(new Error(`The stream ended after ${seen.length}.`));
            };
            look();
          }),
        stop: () => {
          outgoing.destroy();
        },
      });
    });
    outgoing.end();
  });
}
