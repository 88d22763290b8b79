/** Hand-offs to tools that report nothing. */
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';

export const handoffHandlers = ({ store }: Service) =>
  ({
    listHandoffs: ({ call, query }) => store.listHandoffs(call, query),
    createHandoff: ({ call, param, body }) => store.createHandoff(call, param('id'), body),
    takeHandoff: ({ call, param }) => store.takeHandoff(call, param('id')),
    closeHandoff: ({ call, param, body }) => store.closeHandoff(call, param('id'), body),
  }) satisfies Partial<Handlers>;
