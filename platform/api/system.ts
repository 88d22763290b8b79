/** The platform about itself, its streams, its end. */
import { BelayError } from '../../protocol/errors.ts';
import { compareVersions } from '../../protocol/versions.ts';
import { sessionStream, workspaceStream } from '../events/streams.ts';
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';
import { streamGate } from './limits.ts';

export const systemHandlers = (service: Service) => {
  const enter = streamGate(service);
  /** Runs `stream` while the client's number of streams allows one more. */
  const within = async (client: string, stream: () => Promise<void>): Promise<void> => {
    const leave = enter(client);
    try {
      await stream();
    } finally {
      leave();
    }
  };
  return {
    about: () => Promise.resolve(service.about()),
    openapi: async ({ reply }) => {
      const { text, etag } = (await import('./openapi.ts')).openApiText(service.about());
      void reply.type('application/json; charset=utf-8').header('etag', etag);
      // Sent as the text it is.
      return text as unknown as Record<string, unknown>;
    },
    quit: ({ body }) => {
      const quitting = service.about().mode === 'embedded' && compareVersions(body.version, service.about().version) > 0;
      if (quitting) service.quit();
      return Promise.resolve({ quitting });
    },
    exportAll: ({ call }) => {
      if (service.about().mode !== 'embedded')
        throw new BelayError('forbidden', 'Only an embedded platform gives out its whole database.', {
          hint: 'Use the tools of the database.',
        });
      return service.store.exportAll(call);
    },
    workspaceEvents: ({ reply, lastEventId, client }) => within(client, () => workspaceStream(service, reply, lastEventId)),
    sessionEvents: ({ reply, param, lastEventId, client }) => within(client, () => sessionStream(service, reply, param('id'), lastEventId)),
  } satisfies Partial<Handlers>;
};
