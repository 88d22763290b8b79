/** What a holder writes; the registrar has checked its claim token. */
import type { Service } from '../service.ts';
import type { Handlers } from './handlers.ts';

export const holderHandlers = ({ store }: Service) =>
  ({
    appendActivities: ({ call, param, body }) => store.append(call, param('id'), body),
    ask: ({ call, param, body }) => store.ask(call, param('id'), body),
    inputDelivered: async ({ call, param, body }) => ({
      session: await store.inputDelivered(call, param('id'), param('inputId'), body.holder),
    }),
    withdrawInput: async ({ call, param, body }) => ({
      session: await store.withdrawInput(call, param('id'), param('inputId'), body.holder),
    }),
    messageDelivered: async ({ call, param, body }) => ({
      session: await store.messageDelivered(call, param('id'), param('messageId'), body.holder),
    }),
    updateStanding: async ({ call, param, body }) => ({ session: await store.updateStanding(call, param('id'), body) }),
    complete: async ({ call, param, body }) => ({ session: await store.complete(call, param('id'), body) }),
    fail: async ({ call, param, body }) => ({ session: await store.fail(call, param('id'), body) }),
    release: async ({ call, param, body }) => ({ session: await store.release(call, param('id'), body) }),
    park: async ({ call, param, body }) => ({ session: await store.park(call, param('id'), body.holder) }),
    cancelled: async ({ call, param, body }) => ({ session: await store.cancelled(call, param('id'), body) }),
  }) satisfies Partial<Handlers>;
