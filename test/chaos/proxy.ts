/**
 * A link between two processes that can go bad: delay and jitter, slices, silence, cuts and resets. Bytes under
 * way when one side leaves are still delivered, as a network does: a late write reaches its server.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../support/random.ts';

export interface Toxics {
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Bytes are passed on in pieces of at most so many. */
  readonly slice: number | null;
  /** Nothing passes in either direction until this is over. */
  readonly hole: boolean;
}
export const clean: Toxics = { delayMs: 0, jitterMs: 0, slice: null, hole: false };

export class Link {
  toxics: Toxics = clean;
  /** Where the other end listens now. */
  port = 0;
  private readonly server: Server;
  private readonly random: Random;
  private readonly pairs = new Set<readonly [Socket, Socket]>();

  private constructor(random: Random) {
    this.random = random;
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.join(client);
    });
  }

  /** Listens at a socket's path, or at a port of loopback (0: any). */
  static async open(at: string | number, port: number, random: Random): Promise<Link> {
    const link = new Link(random);
    link.port = port;
    const listening = Promise.withResolvers<undefined>();
    link.server.once('error', listening.reject);
    const done = (): void => {
      listening.resolve(undefined);
    };
    if (typeof at === 'string') link.server.listen(at, done);
    else link.server.listen(at, '127.0.0.1', done);
    await listening.promise;
    return link;
  }

  get ownPort(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  private join(client: Socket): void {
    const upstream = connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair = [client, upstream] as const;
    this.pairs.add(pair);
    void this.pass(client, upstream);
    void this.pass(upstream, client);
    const gone = (): void => {
      if (client.destroyed && upstream.destroyed) this.pairs.delete(pair);
    };
    client.on('close', gone);
    upstream.on('close', gone);
  }

  /** Passes on what `from` says, in order, as badly as the link is at that moment. */
  private async pass(from: Socket, to: Socket): Promise<void> {
    to.on('error', () => {
      from.destroy();
    });
    try {
      for await (const part of from) await this.deliver(part as Buffer, to);
      await this.silence(to);
      to.end();
    } catch {
      // A client that gives up resets its connection; what it has said before is on its way all the same.
      await this.silence(to);
      to.destroySoon();
    }
  }

  private async silence(to: Socket): Promise<void> {
    while (this.toxics.hole && !to.destroyed) await sleep(20);
  }

  private async deliver(bytes: Buffer, to: Socket): Promise<void> {
    const { delayMs, jitterMs, slice } = this.toxics;
    const delay = delayMs + this.random.next() * jitterMs;
    if (delay > 0) await sleep(delay);
    const step = slice ?? bytes.length;
    for (let at = 0; at < bytes.length; at += step) {
      await this.silence(to);
      if (to.destroyed) return;
      if (!to.write(bytes.subarray(at, at + step))) await drained(to);
      if (slice !== null) await sleep(1);
    }
  }

  /** Ends a share of the connections: politely, or with a reset. */
  cut(share: number, how: 'end' | 'reset'): void {
    for (const pair of this.pairs) {
      if (!this.random.chance(share)) continue;
      for (const socket of pair) {
        // A local socket has no resets.
        if (how === 'reset' && socket.remoteAddress !== undefined) socket.resetAndDestroy();
        else socket.destroy();
      }
    }
  }

  async close(): Promise<void> {
    this.toxics = clean;
    const closed = Promise.withResolvers<undefined>();
    this.server.close(() => {
      closed.resolve(undefined);
    });
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    await closed.promise;
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
