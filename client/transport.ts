/** HTTP over the platform's socket. It starts nothing: who may start a platform does so when it is `unreached`. */
import { Agent, request, type IncomingMessage } from 'node:http';
import { BelayError, messageOf } from '../protocol/errors.ts';
import type { TransportReply, TransportRequest } from '../protocol/typedClient.ts';

/** `unreached`: nothing was sent. `broken`: the connection ended before the reply was whole. */
export class TransportFailure extends BelayError {
  readonly kind: 'unreached' | 'broken' | 'timeout';

  constructor(kind: 'unreached' | 'broken' | 'timeout', message: string, cause?: unknown) {
    super('unavailable', message, { cause, hint: 'The editor and every "belay" command start the platform when they need it.' });
    this.kind = kind;
  }
}

const connectMs = 3_000;
const totalMs = 30_000;
const unreachedCodes = new Set(['ENOENT', 'ECONNREFUSED', 'EACCES', 'ENOTSOCK']);

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

function failure(error: unknown, connected: boolean): TransportFailure {
  const unreached = !connected || unreachedCodes.has(codeOf(error));
  return new TransportFailure(
    unreached ? 'unreached' : 'broken',
    unreached
      ? `The Belay platform cannot be reached: ${messageOf(error)}.`
      : `The Belay platform ended the connection: ${messageOf(error)}.`,
    error,
  );
}

/** A platform that ends does nothing for whoever comes late, and keeps no connection. Any other 503 has its own reason. */
const isEnding = ({ statusCode, headers }: IncomingMessage): boolean => statusCode === 503 && headers.connection === 'close';

export interface SocketHttp {
  send(message: TransportRequest): Promise<TransportReply>;
  /** The open reply of a stream. Rejects like `send`, and with the problem's reply when it is refused. */
  open(message: TransportRequest): Promise<IncomingMessage>;
  close(): void;
}

/** Of use for TLS only; without it, Node compiles its patterns of addresses to work one out, which takes milliseconds. */
const withoutServerName = { servername: '' };

export function socketHttp(socketPath: string): SocketHttp {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });

  /** Resolves with the head of the reply; the body is still to come. */
  const begin = (message: TransportRequest, total: number): Promise<{ reply: IncomingMessage; stopTimer: () => void }> =>
    new Promise((resolve, reject) => {
      let connected = false;
      const body = message.body === null ? null : Buffer.from(message.body);
      const outgoing = request({
        socketPath,
        agent,
        ...withoutServerName,
        method: message.method,
        path: message.path,
        headers: { host: 'belay', ...message.headers, ...(body && { 'content-length': String(body.length) }) },
      });
      const stopWith = (error: Error): void => {
        reject(error);
        outgoing.destroy(error);
      };
      const connectTimer = setTimeout(() => {
        stopWith(new TransportFailure('unreached', 'The Belay platform does not accept a connection.'));
      }, connectMs);
      const totalTimer = setTimeout(() => {
        stopWith(new TransportFailure('timeout', `The Belay platform did not answer within ${total} ms.`));
      }, total);
      const aborted = (): void => {
        stopWith(message.signal?.reason instanceof Error ? message.signal.reason : new Error('aborted'));
      };
      const stopTimer = (): void => {
        clearTimeout(connectTimer);
        clearTimeout(totalTimer);
        message.signal?.removeEventListener('abort', aborted);
      };
      outgoing.once('socket', (socket) => {
        const ready = (): void => {
          connected = true;
          clearTimeout(connectTimer);
        };
        if (socket.connecting) socket.once('connect', ready);
        else ready();
      });
      outgoing.once('response', (reply) => {
        resolve({ reply, stopTimer });
      });
      outgoing.on('error', (error) => {
        stopTimer();
        reject(error instanceof BelayError || message.signal?.aborted ? error : failure(error, connected));
      });
      if (message.signal?.aborted) {
        aborted();
        return;
      }
      message.signal?.addEventListener('abort', aborted, { once: true });
      outgoing.end(body ?? undefined);
    });

  return {
    send: async (message) => {
      const { reply, stopTimer } = await begin(message, message.timeoutMs ?? totalMs);
      try {
        const parts: Buffer[] = [];
        for await (const part of reply) parts.push(part as Buffer);
        if (isEnding(reply)) throw new TransportFailure('unreached', 'The Belay platform is ending.');
        return { status: reply.statusCode ?? 0, headers: headersOf(reply), body: Buffer.concat(parts).toString() };
      } catch (error) {
        throw error instanceof BelayError || message.signal?.aborted ? error : failure(error, true);
      } finally {
        stopTimer();
      }
    },
    open: async (message) => {
      const { reply, stopTimer } = await begin(message, message.timeoutMs ?? totalMs);
      stopTimer();
      return reply;
    },
    close: () => {
      agent.destroy();
    },
  };
}

const headersOf = (reply: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
