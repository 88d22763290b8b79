/**
 * Wake-ups between replicas: LISTEN/NOTIFY on a connection of its own. A hint may be lost (then whoever waits
 * looks again when its time is over) and says nothing but which topics to look at. It is sent after the commit
 * and outside it, because a NOTIFY inside a transaction makes all commits of the server wait for each other.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { messageOf } from '../../../protocol/errors.ts';

export interface HintSettings {
  readonly connection: ClientConfig;
  readonly channel: string;
  readonly onHint: (topics: ReadonlySet<string>) => void;
  /** Hints may have been missed: everybody should look. */
  readonly onGap: () => void;
  readonly log: (message: string) => void;
}

export interface Hints {
  send(topics: ReadonlySet<string>): void;
  close(): Promise<void>;
}

/** The first topic is told at once, those of so long after it together: each hint wakes every replica. */
const togetherMs = 20;
/** What could not be told one by one while the connection was away. */
const everything = '*';
const mostWaiting = 1_000;
/** A notification carries less than 8,000 bytes. */
const payloadChars = 7_000;
const retryMs = { first: 100, most: 2_000 };
/** A connection that answers nothing for so long is given up. */
const answerMs = 10_000;
/** So often the connection is used even when there is nothing to say: a dead one is noticed. */
const probeMs = 15_000;

/** The payloads that tell `topics`, each short enough. */
function* payloads(from: string, topics: ReadonlySet<string>): Generator<string> {
  let part: string[] = [];
  let chars = 0;
  for (const topic of topics) {
    if (chars + topic.length + 3 > payloadChars && part.length > 0) {
      yield JSON.stringify([from, ...part]);
      part = [];
      chars = 0;
    }
    part.push(topic);
    chars += topic.length + 3;
  }
  if (part.length > 0) yield JSON.stringify([from, ...part]);
}

/** Starts to listen; resolves when it does, or when the first try failed (it goes on trying). */
export async function openHints(settings: HintSettings): Promise<Hints> {
  const me = randomUUID();
  const closing = new AbortController();
  let client: Client | null = null;
  let waiting = new Set<string>();
  let sending = false;

  const hear = (payload: string | undefined): void => {
    const [from, ...topics] = JSON.parse(payload ?? '[]') as string[];
    if (from === me) return;
    if (topics.includes(everything)) settings.onGap();
    else settings.onHint(new Set(topics));
  };

  async function connect(): Promise<Client> {
    const fresh = new Client({ ...settings.connection, connectionTimeoutMillis: answerMs, query_timeout: answerMs, keepAlive: true });
    fresh.on('notification', ({ payload }) => {
      hear(payload);
    });
    fresh.on('error', () => {});
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${settings.channel}`);
    } catch (error) {
      void fresh.end().catch(() => {});
      throw error;
    }
    return fresh;
  }

  /** Uses `live` until it ends or stops answering. */
  async function use(live: Client): Promise<void> {
    const ended = new AbortController();
    live.once('end', () => {
      ended.abort();
    });
    const stop = AbortSignal.any([ended.signal, closing.signal]);
    while (!stop.aborted) {
      await delay(probeMs, undefined, { signal: stop }).catch(() => {});
      if (!stop.aborted) await live.query('SELECT 1');
    }
  }

  async function listen(onFirst: () => void): Promise<void> {
    let pause = retryMs.first;
    let before = false;
    while (!closing.signal.aborted) {
      let live: Client | undefined;
      try {
        live = await connect();
        client = live;
        pause = retryMs.first;
        if (before) settings.log('hints between replicas are back');
        if (before) settings.onGap();
        before = true;
        onFirst();
        void flush();
        await use(live);
      } catch (error) {
        settings.log(`hints between replicas are interrupted: ${messageOf(error)}`);
      }
      client = null;
      if (live) await Promise.race([live.end().catch(() => {}), delay(1_000, undefined, { ref: false })]);
      onFirst();
      before = true;
      await delay(pause, undefined, { signal: closing.signal }).catch(() => {});
      pause = Math.min(pause * 2, retryMs.most);
    }
  }

  function keep(topics: ReadonlySet<string>): void {
    for (const topic of topics) waiting.add(topic);
    if (waiting.size > mostWaiting) waiting = new Set([everything]);
  }

  async function flush(): Promise<void> {
    if (sending) return;
    sending = true;
    while (waiting.size > 0 && client) {
      const topics = waiting;
      waiting = new Set();
      try {
        for (const payload of payloads(me, topics)) await client.query('SELECT pg_notify($1, $2)', [settings.channel, payload]);
      } catch {
        // The listener notices the end of its connection itself; these are told when there is another.
        keep(topics);
        break;
      }
      await delay(togetherMs);
    }
    sending = false;
  }

  const first = Promise.withResolvers<undefined>();
  const listening = listen(() => {
    first.resolve(undefined);
  });
  await first.promise;
  return {
    send: (topics) => {
      keep(topics);
      void flush();
    },
    close: async () => {
      closing.abort();
      await listening;
    },
  };
}
