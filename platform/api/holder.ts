/** What a holder writes; the registrar has checked its claim token. */
import type { StoredSession } from '../../protocol/records.ts';
import type { Ending } from '../service/meter.ts';
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';

export const holderHandlers = ({ store, meter }: Service) => {
  const ended = async (as: Ending, ending: Promise<StoredSession>): Promise<{ session: StoredSession }> => {
    const session = await ending;
    meter.endings[as] += 1;
    return { session };
  };
  return {
    appendActivities: async ({ call, param, body }) => {
      const reply = await store.append(call, param('id'), body);
      meter.lateKept += reply.late;
      return reply;
    },
    ask: ({ call, param, body }) => store.ask(call, param('id'), body),
    inputDelivered: async ({ call, param, body }) => ({
      session: await store.inputDelivered(call, param('id'), param('inputId'), body),
    }),
    withdrawInput: async ({ call, param, body }) => ({
      session: await store.withdrawInput(call, param('id'), param('inputId'), body),
    }),
    messageDelivered: async ({ call, param, body }) => ({
      session: await store.messageDelivered(call, param('id'), param('messageId'), body),
    }),
    updateStanding: async ({ call, param, body }) => ({ session: await store.updateStanding(call, param('id'), body) }),
    itemEffect: ({ call, param, body }) => store.itemEffect(call, param('id'), body),
    complete: ({ call, param, body }) => ended('complete', store.complete(call, param('id'), body)),
    fail: ({ call, param, body }) => ended('fail', store.fail(call, param('id'), body)),
    release: ({ call, param, body }) => ended('release', store.release(call, param('id'), body)),
    park: ({ call, param, body }) => ended('park', store.park(call, param('id'), body)),
    cancelled: ({ call, param, body }) => ended('cancelled', store.cancelled(call, param('id'), body)),
  } satisfies Partial<Handlers>;
};
