import type { Edit, Omission } from '../omission.ts';

const permission: Edit = { file: 'protocol/permissions.ts', find: "  'events.read',\n", replace: "  'events.read',\n  'label.read',\n" };
const rule: Edit = {
  file: 'platform/domain/authorize.ts',
  find: "  'events.read': everybody,\n",
  replace: "  'events.read': everybody,\n  'label.read': everybody,\n",
};
const operation = (entry: string): Edit => ({
  file: 'platform/store/operations.ts',
  find: "  listComments: read('item.read', items.listComments),\n",
  replace: `  listComments: read('item.read', items.listComments),\n  ${entry}\n`,
});

export const platformOmissions: readonly Omission[] = [
  {
    name: 'a route without permission',
    edits: [
      {
        file: 'protocol/routes.ts',
        find: "  about: { method: 'GET', ",
        replace: "  whoami: { method: 'GET', path: '/v1/whoami', summary: 'Who asks', reply: About },\n  about: { method: 'GET', ",
      },
    ],
    says: 'protocol/routes.ts',
  },
  {
    name: 'a route without anything behind it',
    edits: [
      {
        file: 'protocol/routes.ts',
        find: "  about: { method: 'GET', ",
        replace:
          "  whoami: { method: 'GET', path: '/v1/whoami', summary: 'Who asks', needs: 'platform.read', reply: About },\n  about: { method: 'GET', ",
      },
    ],
    says: 'platform/api/server.ts',
  },
  { name: 'a permission that no role has or lacks', edits: [permission], says: 'platform/domain/authorize.ts' },
  { name: 'a permission that the docs do not name', edits: [permission, rule], says: 'docs/authorization.md' },
  {
    name: "an operation of the store without a caller's check",
    edits: [operation("listLabels: { way: 'read', run: items.listComments } as const,")],
    says: 'platform/store/operations.ts',
  },
  {
    name: 'an operation of the store that no stranger tried',
    edits: [operation("listLabels: read('item.read', items.listComments),")],
    says: 'test/store/callers.ts',
  },
  {
    name: 'an operation of the store that takes another permission than its route',
    edits: [
      { file: 'platform/store/operations.ts', find: "addDocument: create('item.write'", replace: "addDocument: create('item.comment'" },
    ],
    says: 'platform/store/operations.ts',
  },
];
