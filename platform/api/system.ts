/** The platform about itself, its streams, its end. */
import { BelayError } from '../../protocol/errors.ts';
import { compareVersions } from '../../protocol/versions.ts';
import { sessionStream, workspaceStream } from '../events/streams.ts';
import type { Service } from '../service.ts';
import type { Handlers } from './handlers.ts';

export const systemHandlers = (service: Service) =>
  ({
    about: () => Promise.resolve(service.about()),
    openapi: async () => (await import('./openapi.ts')).openApi(service.about().version),
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
    workspaceEvents: ({ reply, lastEventId }) => workspaceStream(service, reply.raw, lastEventId),
    sessionEvents: ({ reply, param, lastEventId }) => sessionStream(service, reply.raw, param('id'), lastEventId),
  }) satisfies Partial<Handlers>;
