/** Sessions as people see and steer them: with their activities, questions, messages and reviews. */
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';

export const sessionHandlers = ({ store }: Service) =>
  ({
    listSessions: ({ call, query }) => store.listSessions(call, query),
    createSession: ({ call, body }) => store.createSession(call, body),
    getSession: ({ call, param }) => store.getSession(call, param('id')),
    cancelSession: ({ call, param }) => store.cancelSession(call, param('id')),
    retrySession: ({ call, param }) => store.retrySession(call, param('id')),
    archiveSession: ({ call, param }) => store.archiveSession(call, param('id')),
    listActivities: ({ call, param, query }) => store.listActivities(call, param('id'), query),
    listLateActivities: ({ call, param, query }) => store.listLateActivities(call, param('id'), query),
    listInputs: ({ call, query }) => store.listInputs(call, query),
    answerInput: ({ call, param, body }) => store.answerInput(call, param('id'), body),
    sendMessage: ({ call, param, body }) => store.sendMessage(call, param('id'), body),
    listMessages: ({ call, param, query }) => store.listMessages(call, param('id'), query),
    addReview: ({ call, param, body }) => store.addReview(call, param('id'), body),
    listReviews: ({ call, param, query }) => store.listReviews(call, param('id'), query),
  }) satisfies Partial<Handlers>;
