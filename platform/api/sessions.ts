/** Sessions as people see and steer them: with their activities, questions, messages and reviews. */
import { seenPage, seenSession } from '../domain/can.ts';
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';

export const sessionHandlers = ({ store }: Service) =>
  ({
    listSessions: async ({ call, caller, query }) => seenPage(caller, seenSession, await store.listSessions(call, query)),
    createSession: async ({ call, caller, body }) => seenSession(caller, await store.createSession(call, body)),
    getSession: async ({ call, caller, param }) => seenSession(caller, await store.getSession(call, param('id'))),
    getSessionPrompt: ({ call, param }) => store.getSessionPrompt(call, param('id')),
    cancelSession: async ({ call, caller, param }) => seenSession(caller, await store.cancelSession(call, param('id'))),
    retrySession: async ({ call, caller, param }) => seenSession(caller, await store.retrySession(call, param('id'))),
    archiveSession: async ({ call, caller, param }) => seenSession(caller, await store.archiveSession(call, param('id'))),
    listActivities: ({ call, param, query }) => store.listActivities(call, param('id'), query),
    listLateActivities: ({ call, param, query }) => store.listLateActivities(call, param('id'), query),
    listInputs: ({ call, query }) => store.listInputs(call, query),
    answerInput: ({ call, param, body }) => store.answerInput(call, param('id'), body),
    sendMessage: ({ call, param, body }) => store.sendMessage(call, param('id'), body),
    listMessages: ({ call, param, query }) => store.listMessages(call, param('id'), query),
    addReview: async ({ call, caller, param, body }) => {
      const { session, followUp } = await store.addReview(call, param('id'), body);
      return { session: seenSession(caller, session), followUp: followUp && seenSession(caller, followUp) };
    },
    listReviews: ({ call, param, query }) => store.listReviews(call, param('id'), query),
  }) satisfies Partial<Handlers>;
