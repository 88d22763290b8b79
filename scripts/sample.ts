/** A small shop in a git repository, and the planned work around it: what a newcomer tries Belay on. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BelayApi } from '../protocol/typedClient.ts';

const files: Record<string, string> = {
  'package.json': `${JSON.stringify({ name: 'sample-shop', private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'README.md': '# Sample shop\n\nA cart, a price list and a date export. Run the tests with `npm test`.\n',
  '.gitignore': 'node_modules/\n*.log\n',
  'src/cart.js': `import { priceOf } from './prices.js';

/** A cart as it is kept between visits: lines of { sku, count } and an optional coupon. */
export function total(cart) {
  const sum = cart.lines.reduce((all, line) => all + priceOf(line.sku) * line.count, 0);
  return Math.round(sum);
}

export function applyCoupon(cart, coupon) {
  return { ...cart, coupon, total: Math.round(total(cart) * (1 - coupon.percent / 100)) };
}

export function restore(saved) {
  const cart = JSON.parse(saved);
  return { ...cart, total: total(cart) };
}
`,
  'src/prices.js': `const prices = new Map([
  ['mug', 1250],
  ['tea', 890],
  ['pot', 4200],
]);

/** Price in cents. Throws for an unknown article. */
export function priceOf(sku) {
  const price = prices.get(sku);
  if (price === undefined) throw new Error(\`There is no article "\${sku}".\`);
  return price;
}
`,
  'src/export.js': `/** The day of an order as it stands in the export. */
export function exportDay(isoTime) {
  return isoTime.slice(0, 10);
}
`,
  'test/cart.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCoupon, total } from '../src/cart.js';

const cart = { lines: [{ sku: 'mug', count: 2 }, { sku: 'tea', count: 1 }] };

test('the total is the sum of all lines', () => {
  assert.equal(total(cart), 3390);
});

test('a coupon lowers the total', () => {
  assert.equal(applyCoupon(cart, { code: 'WELCOME10', percent: 10 }).total, 3051);
});
`,
};

/** Makes the sample repository at \`folder\` unless it is there already. */
export function makeSampleRepository(folder: string): void {
  if (existsSync(path.join(folder, '.git'))) return;
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, stdio: 'pipe', env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Sample Person');
  git('config', 'user.email', 'sample@localhost');
  git('add', '-A');
  git('commit', '--quiet', '-m', 'The shop as it is');
}

interface SampleItem {
  readonly kind: 'initiative' | 'bug' | 'todo';
  readonly title: string;
  readonly status: 'idea' | 'open' | 'planned' | 'in_progress' | 'in_review' | 'blocked' | 'completed';
  readonly priority: 'urgent' | 'high' | 'medium' | 'low' | 'none';
  readonly labels: readonly [string, string][];
  readonly child?: boolean;
  readonly description: string;
  readonly comments?: readonly string[];
}

const sampleItems: readonly SampleItem[] = [
  {
    kind: 'initiative',
    title: 'A cart that survives a reload',
    status: 'in_progress',
    priority: 'high',
    labels: [
      ['product', 'checkout'],
      ['goal', 'fewer lost carts'],
    ],
    description:
      'People leave when the cart they come back to is not the one they left.\n\n## Done when\n\n- the total after a reload equals the total before it\n- a coupon is applied once, and still there tomorrow\n- the export shows the day the person saw\n',
  },
  {
    kind: 'bug',
    title: 'Checkout total ignores the coupon after a refresh',
    status: 'open',
    priority: 'urgent',
    labels: [
      ['component', 'checkout'],
      ['product', 'billing'],
    ],
    child: true,
    description:
      'After a reload the cart total is computed from the list prices only.\n\nExpected: the coupon stored with the cart applies again, once.\n\n- [ ] Reproduce with a cart of two items and `WELCOME10`\n- [ ] Fix where the total is restored (`restore` in `src/cart.js`), not in the view\n- [ ] Add a test that fails today\n',
    comments: ['It also happens when the tab wakes up, not only on reload.', 'A cart without a coupon is fine.'],
  },
  {
    kind: 'todo',
    title: 'Refuse a coupon that is applied twice',
    status: 'planned',
    priority: 'medium',
    labels: [['component', 'checkout']],
    child: true,
    description:
      'A second coupon today lowers the lowered price.\n\n- [ ] `applyCoupon` on a cart that has one throws a clear error\n- [ ] A test for it\n',
  },
  {
    kind: 'bug',
    title: 'Dates shift by one day in the export',
    status: 'open',
    priority: 'high',
    labels: [['component', 'export']],
    child: true,
    description:
      'Orders placed late in the evening stand under the next day.\n\nThe shop is in Europe/Berlin; `exportDay` cuts the UTC time.\n\n- [ ] A test with 2026-03-01T23:30:00Z\n- [ ] Write the day in the time zone of the shop\n',
  },
  {
    kind: 'todo',
    title: 'Cache the price list per region',
    status: 'planned',
    priority: 'low',
    labels: [['component', 'prices']],
    description: 'Prices will differ by region soon.\n\n- [ ] `priceOf(sku, region)` with a default region\n- [ ] Tests for two regions\n',
  },
  {
    kind: 'todo',
    title: 'Document the rate limits',
    status: 'idea',
    priority: 'none',
    labels: [['component', 'docs']],
    description: 'Write down what a client may ask for, and what it gets when it asks for more.\n',
  },
  {
    kind: 'bug',
    title: 'An unknown article breaks the whole cart',
    status: 'planned',
    priority: 'medium',
    labels: [
      ['component', 'checkout'],
      ['skill', 'error handling'],
    ],
    description:
      'One article that left the list makes `total` throw and the page stay empty.\n\n- [ ] The cart says which article is gone\n- [ ] The rest of it is still counted\n',
  },
  {
    kind: 'todo',
    title: 'Name the empty state of the invoices page',
    status: 'completed',
    priority: 'low',
    labels: [['component', 'design']],
    description: 'Say what will be here and how it gets here.\n',
  },
];

/** Fills an empty workspace; one that has items is left alone. */
export async function fillSampleItems(api: BelayApi, memberId: string): Promise<void> {
  const existing = await api.listItems({ query: { limit: 1 } });
  if (existing.total > 0) return;
  let parentId: string | null = null;
  for (const item of sampleItems) {
    const created = await api.createItem({
      body: {
        kind: item.kind,
        title: item.title,
        status: item.status,
        priority: item.priority,
        description: item.description,
        labels: item.labels.map(([group, name]) => ({ group, name })),
        assigneeIds: [memberId],
        parentId: item.child ? parentId : null,
      },
    });
    if (item.kind === 'initiative') parentId = created.id;
    for (const body of item.comments ?? []) await api.addComment({ params: { id: created.id }, body: { body } });
    if (item.kind === 'initiative')
      await api.addDocument({
        params: { id: created.id },
        body: {
          title: 'How carts are kept',
          body: 'A cart is one JSON text per visitor. It holds its lines and, when there is one, the coupon with its percentage.\n',
        },
      });
  }
}
