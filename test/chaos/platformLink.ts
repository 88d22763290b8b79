/** The platform as a client of chaos reaches it: the real transport and typed client, over one of several links. */
import type { IncomingMessage } from 'node:http';
import { platformHttp } from '../../transport/http.ts';
import { BelayError } from '../../protocol/errors.ts';
import { createApi, type BelayApi, type TransportRequest } from '../../protocol/typedClient.ts';

export interface PlatformLink {
  readonly api: BelayApi;
  readonly open: (message: TransportRequest) => Promise<IncomingMessage>;
}

export function platformLinks(sockets: readonly string[], token: string): PlatformLink[] {
  return sockets.map((socket) => {
    const http = platformHttp({ socketPath: socket });
    const named = (message: TransportRequest): TransportRequest => ({
      ...message,
      headers: { ...message.headers, authorization: `Bearer ${token}` },
    });
    return {
      api: createApi((message) => http.send(named(message))),
      open: async (message) => {
        const reply = await http.open(named(message));
        // A reader takes any other refusal for final.
        if (![200, 429, 503].includes(reply.statusCode ?? 0)) {
          reply.destroy();
          throw new BelayError('internal', `The platform answered ${reply.statusCode ?? 0} to a stream.`);
        }
        return reply;
      },
    };
  });
}
