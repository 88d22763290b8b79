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
    name: 'a migration without its twin',
    by: 'types',
    edits: [
      {
        file: 'platform/store/migrations/m0003History.ts',
        find: '  sqlite: nothing,\n',
        replace: '',
      },
    ],
    says: 'platform/store/migrations/m0003History.ts',
  },
  {
    name: 'a field of items without column',
    edits: [
      {
        file: 'protocol/records.ts',
        find: '  links: z.array(ItemLink),\n',
        replace: '  links: z.array(ItemLink),\n  dueAt: maybe(Time),\n',
      },
    ],
    says: 'platform/store/migrations/',
  },
  {
    name: 'a field of items that no change stores',
    edits: [{ file: 'platform/store/areas/items/sql.ts', find: 'priority = :priority, ', replace: '' }],
    says: 'platform/store/areas/items/sql.ts',
  },
  {
    name: 'a field of items that nobody asked where it is changed',
    by: 'types',
    edits: [
      {
        file: 'protocol/routes.ts',
        find: '  links: z.array(r.ItemLink).max(100),\n',
        replace: '  links: z.array(r.ItemLink).max(100),\n  dueAt: r.Time.nullable(),\n',
      },
    ],
    says: 'test/reflection/items.test.ts',
  },
  {
    name: 'a route without permission',
    by: 'types',
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
    by: 'types',
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
    by: 'types',
    edits: [operation("listLabels: { way: 'read', run: items.listComments } as const,")],
    says: 'platform/store/operations.ts',
  },
  {
    name: 'an operation of the store that no stranger tried',
    by: 'types',
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
