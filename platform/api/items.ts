/** Items, comments, documents. */
import { seenItem, seenPage } from '../domain/can.ts';
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';

export const itemHandlers = ({ store }: Service) =>
  ({
    listItems: async ({ call, caller, query }) => seenPage(caller, seenItem, await store.listItems(call, query)),
    createItem: async ({ call, caller, body }) => seenItem(caller, await store.createItem(call, body)),
    getItem: async ({ call, caller, param }) => seenItem(caller, await store.getItem(call, param('id'))),
    getItemBundle: async ({ call, caller, param }) => {
      const { item, parent, children, ...rest } = await store.getItemBundle(call, param('id'));
      return {
        item: seenItem(caller, item),
        parent: parent && seenItem(caller, parent),
        children: children.map((child) => seenItem(caller, child)),
        ...rest,
      };
    },
    patchItem: async ({ call, caller, param, version, body }) => seenItem(caller, await store.patchItem(call, param('id'), version, body)),
    addComment: ({ call, param, body }) => store.addComment(call, param('id'), body),
    listComments: ({ call, param, query }) => store.listComments(call, param('id'), query),
    addDocument: ({ call, param, body }) => store.addDocument(call, param('id'), body),
  }) satisfies Partial<Handlers>;
