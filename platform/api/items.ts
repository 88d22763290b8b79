/** Items, comments, documents. */
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';

export const itemHandlers = ({ store }: Service) =>
  ({
    listItems: ({ call, query }) => store.listItems(call, query),
    createItem: ({ call, body }) => store.createItem(call, body),
    getItem: ({ call, param }) => store.getItem(call, param('id')),
    getItemBundle: ({ call, param }) => store.getItemBundle(call, param('id')),
    patchItem: ({ call, param, version, body }) => store.patchItem(call, param('id'), version, body),
    addComment: ({ call, param, body }) => store.addComment(call, param('id'), body),
    listComments: ({ call, param, query }) => store.listComments(call, param('id'), query),
    addDocument: ({ call, param, body }) => store.addDocument(call, param('id'), body),
  }) satisfies Partial<Handlers>;
