/** The platform about itself, its streams, its end. */
import { BelayError } from '../../protocol/errors.ts';
import { compareVersions } from '../../protocol/versions.ts';
import type { Caller } from '../domain/caller.ts';
import { sessionStream, workspaceStream } from '../events/streams.ts';
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';
import { streamGate } from './limits.ts';

export const systemHandlers = (service: Service) => {
  const enter = streamGate(service);
  /** Runs `stream` while the number of streams of this credential allows one more. */
  const within = async ({ credential }: Caller, stream: () => Promise<void>): Promise<void> => {
    const leave = enter(credential);
    try {
      await stream();
    } finally {
      leave();
    }
  };
  return {
    about: ({ caller: { workspaceId, memberId, memberName } }) =>
      Promise.resolve({ ...service.program, workspaceId, memberId, memberName }),
    openapi: async ({ reply }) => {
      const { text, etag } = (await import('./openapi.ts')).openApiText(service.program);
      void reply.type('application/json; charset=utf-8').header('etag', etag);
      // Sent as the text it is.
      return text as unknown as Record<string, unknown>;
    },
    quit: ({ body }) => {
      const { mode, version } = service.program;
      const quitting = mode === 'embedded' && compareVersions(body.version, version) > 0;
      if (quitting) service.quit();
      return Promise.resolve({ quitting });
    },
    exportAll: ({ call }) => {
      if (service.program.mode !== 'embedded')
        throw new BelayError('forbidden', 'Only an embedded platform gives out its whole database.', {
          hint: 'Use the tools of the database.',
        });
      return service.store.exportAll(call);
    },
    workspaceEvents: ({ caller, reply, lastEventId }) => within(caller, () => workspaceStream(service, caller, reply, lastEventId)),
    sessionEvents: ({ caller, reply, param, lastEventId }) =>
      within(caller, () => sessionStream(service, caller, reply, param('id'), lastEventId)),
  } satisfies Partial<Handlers>;
};
