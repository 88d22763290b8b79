/** HTTP over the platform's socket, for the typed client. */
import http from 'node:http';
import { BelayError } from '../../protocol/errors.ts';
import { createApi, type BelayApi, type Transport } from '../../protocol/typedClient.ts';
import type { PlatformAddress } from './spec.ts';

const defaultTimeoutMs = 10_000;

export function connect(address: PlatformAddress): BelayApi {
  return createApi(socketTransport(address.socketPath));
}

function socketTransport(socketPath: string): Transport {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  return (request) =>
    new Promise((resolve, reject) => {
      const unreachable = (cause: unknown) => {
        reject(
          new BelayError('unavailable', `The platform at ${socketPath} does not answer.`, {
            hint: 'It is started again by the editor or by any "belay" command.',
            cause,
          }),
        );
      };
      const call = http.request(
        {
          socketPath,
          agent,
          method: request.method,
          path: request.path,
          headers: {
            host: 'belay',
            ...request.headers,
            ...(request.body !== null && { 'content-length': Buffer.byteLength(request.body) }),
          },
          timeout: request.timeoutMs ?? defaultTimeoutMs,
          ...(request.signal && { signal: request.signal }),
        },
        (reply) => {
          const chunks: Buffer[] = [];
          reply.on('data', (chunk: Buffer) => chunks.push(chunk));
          reply.on('error', unreachable);
          reply.on('end', () => {
            const headers = Object.fromEntries(
              Object.entries(reply.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
            );
            resolve({ status: reply.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8') });
          });
        },
      );
      call.on('timeout', () => call.destroy(new Error('no answer in time')));
      call.on('error', unreachable);
      call.end(request.body ?? undefined);
    });
}
