/** HTTP to a platform's socket or address. It starts nothing: who may start a platform does so when it is `unreached`. */
import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { isIP } from 'node:net';
import { BelayError, messageOf } from '../protocol/errors.ts';
import type { TransportReply, TransportRequest } from '../protocol/typedClient.ts';
import type { PlatformAddress, UrlAddress } from './address.ts';
import { TransportFailure } from './failure.ts';
import { checkReply, lookAtAddress } from './replies.ts';

const totalMs = 30_000;
const unreachedCodes = new Set(['ENOENT', 'ECONNREFUSED', 'EACCES', 'ENOTSOCK']);

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** How a platform is reached, and called when it is not. */
interface Target {
  readonly name: string;
  readonly hint: string;
  readonly connectMs: number;
  /** What every request has in common. */
  readonly options: RequestOptions;
  readonly headers: Readonly<Record<string, string>>;
  /** Stands before every path. */
  readonly prefix: string;
  readonly request: typeof request;
  readonly agent: Agent;
  /** Told by the socket when requests can be written. */
  readonly readyEvent: 'connect' | 'secureConnect';
}

const keptSockets = { keepAlive: true, maxSockets: 64 };

const socketTarget = (socketPath: string): Target => ({
  name: 'The Belay platform',
  hint: 'The editor and every "belay" command start the platform when they need it.',
  connectMs: 3_000,
  // A name is of use for TLS only; without it, Node compiles its patterns of addresses to work one out, which takes milliseconds.
  options: { socketPath, servername: '' } as RequestOptions,
  headers: { host: 'belay' },
  prefix: '',
  request,
  agent: new Agent(keptSockets),
  readyEvent: 'connect',
});

function urlTarget({ url, credential }: UrlAddress): Target {
  const { protocol, hostname, port, pathname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/gu, '');
  const isSecure = protocol === 'https:';
  // Loaded for who needs it: most talk to the platform of their own machine.
  const https = isSecure ? process.getBuiltinModule('node:https') : null;
  return {
    name: `The Belay platform at ${url}`,
    hint: `Is it running, and can this machine reach it? ${lookAtAddress}`,
    connectMs: 10_000,
    options: { host, ...(port !== '' && { port }), ...(isSecure && isIP(host) === 0 && { servername: host }) } as RequestOptions,
    headers: { authorization: `Bearer ${credential}` },
    prefix: pathname === '/' ? '' : pathname,
    request: https?.request ?? request,
    agent: https ? new https.Agent(keptSockets) : new Agent(keptSockets),
    readyEvent: isSecure ? 'secureConnect' : 'connect',
  };
}

function failure({ name, hint }: Target, error: unknown, connected: boolean): TransportFailure {
  const unreached = !connected || unreachedCodes.has(codeOf(error));
  return new TransportFailure(
    unreached ? 'unreached' : 'broken',
    unreached ? `${name} cannot be reached: ${messageOf(error)}.` : `${name} ended the connection: ${messageOf(error)}.`,
    hint,
    error,
  );
}

/** A platform that ends does nothing for whoever comes late, and keeps no connection. Any other 503 has its own reason. */
const isEnding = ({ statusCode, headers }: IncomingMessage): boolean => statusCode === 503 && headers.connection === 'close';

export interface PlatformHttp {
  send(message: TransportRequest): Promise<TransportReply>;
  /** The open reply of a stream. Rejects like `send`, and with the problem's reply when it is refused. */
  open(message: TransportRequest): Promise<IncomingMessage>;
  close(): void;
}

export function platformHttp(address: PlatformAddress): PlatformHttp {
  const target = 'url' in address ? urlTarget(address) : socketTarget(address.socketPath);
  const { name, hint, agent } = target;
  const check = (reply: IncomingMessage, wanted: 'json' | 'stream'): void => {
    if ('url' in address) checkReply(address.url, reply, wanted);
  };

  /** Resolves with the head of the reply; the body is still to come. */
  const begin = (message: TransportRequest, total: number): Promise<{ reply: IncomingMessage; stopTimer: () => void }> =>
    new Promise((resolve, reject) => {
      let connected = false;
      const body = message.body === null ? null : Buffer.from(message.body);
      const outgoing = target.request({
        ...target.options,
        agent,
        method: message.method,
        path: target.prefix + message.path,
        headers: { ...target.headers, ...message.headers, ...(body && { 'content-length': String(body.length) }) },
      });
      const stopWith = (error: Error): void => {
        reject(error);
        outgoing.destroy(error);
      };
      const connectTimer = setTimeout(() => {
        stopWith(new TransportFailure('unreached', `${name} does not accept a connection.`, hint));
      }, target.connectMs);
      const totalTimer = setTimeout(() => {
        stopWith(new TransportFailure('timeout', `${name} did not answer within ${total} ms.`, hint));
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
        if (socket.connecting) socket.once(target.readyEvent, ready);
        else ready();
      });
      outgoing.once('response', (reply) => {
        resolve({ reply, stopTimer });
      });
      outgoing.on('error', (error) => {
        stopTimer();
        reject(error instanceof BelayError || message.signal?.aborted ? error : failure(target, error, connected));
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
        if (isEnding(reply)) throw new TransportFailure('unreached', `${name} is ending.`, hint);
        check(reply, 'json');
        return { status: reply.statusCode ?? 0, headers: headersOf(reply), body: Buffer.concat(parts).toString() };
      } catch (error) {
        throw error instanceof BelayError || message.signal?.aborted ? error : failure(target, error, true);
      } finally {
        stopTimer();
      }
    },
    open: async (message) => {
      const { reply, stopTimer } = await begin(message, message.timeoutMs ?? totalMs);
      stopTimer();
      try {
        check(reply, 'stream');
      } catch (error) {
        reply.destroy();
        throw error;
      }
      return reply;
    },
    close: () => {
      agent.destroy();
    },
  };
}

const headersOf = (reply: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
