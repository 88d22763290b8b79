/** Sample data for the panel's page, in the shapes of the contract. Times hang on the `now` given. */
import type { Activity, ActivityContent } from '../../protocol/activities.ts';
import type { AuditPage, ItemPage, ItemRow, QueuePage, SessionPage } from '../../protocol/panelPages.ts';
import type { Comment, Handoff, Input, ItemKind, ItemStatus, ResultFile, Session, WorkItem } from '../../protocol/records.ts';
import { anActivity } from '../builders/activity.ts';
import { anInput } from '../builders/input.ts';
import { anItem } from '../builders/item.ts';
import { aResultFile } from '../builders/result.ts';
import { aSession } from '../builders/session.ts';

const minute = 60_000;

export function row(now: number, key: string, kind: ItemKind, status: ItemStatus, title: string, extra: Partial<ItemRow> = {}): ItemRow {
  return {
    id: `item-${key}`,
    key,
    kind,
    title,
    status,
    priority: 'medium',
    labels: [],
    assignedToMe: true,
    needs: Number(['needs_me', 'review', 'failed'].includes(extra.activity?.state ?? '')),
    parentKey: null,
    parentTitle: null,
    children: null,
    activity: null,
    updatedAt: now - 20 * minute,
    ...extra,
  };
}

export function sampleRows(now: number): ItemRow[] {
  const init = { parentKey: 'INIT-4', parentTitle: 'Self-serve plan changes' };
  return [
    row(now, 'BUG-12', 'bug', 'in_progress', 'Checkout total ignores the coupon after a refresh', {
      ...init,
      priority: 'urgent',
      labels: ['billing', 'checkout'],
      activity: { sessionId: 'session-run', state: 'needs_me', text: 'Codex asks: install a package?', since: now - 2 * minute },
    }),
    row(now, 'TODO-31', 'todo', 'in_progress', 'Retry webhook deliveries with backoff', {
      labels: ['api'],
      activity: { sessionId: 'session-two', state: 'running', text: 'Step 3 of 5', since: now - 4 * minute },
    }),
    row(now, 'INIT-4', 'initiative', 'in_progress', 'Self-serve plan changes', { labels: ['billing'], children: { done: 5, total: 9 } }),
    row(now, 'BUG-9', 'bug', 'in_review', 'Dates shift by one day in the export', {
      priority: 'high',
      activity: { sessionId: 'session-done', state: 'review', text: 'Review: 3 files, +41 −12', since: now - 9 * minute },
    }),
    row(now, 'TODO-33', 'todo', 'planned', 'Name the empty state of the invoices page', { ...init, labels: ['design'] }),
    row(now, 'BUG-14', 'bug', 'planned', 'Sign-in link opens twice on Firefox', {
      activity: { sessionId: null, state: 'handed_off', text: 'In Cursor since 14:02 · 2 commits', since: now - 60 * minute },
    }),
    row(now, 'TODO-35', 'todo', 'planned', 'Cache the price list per region', {
      activity: { sessionId: 'session-q', state: 'queued', text: 'Queued behind 1', since: now - 3 * minute },
    }),
    row(now, 'TODO-36', 'todo', 'planned', 'Document the rate limits', { priority: 'low', labels: ['docs', 'api'] }),
    row(now, 'BUG-17', 'bug', 'open', 'Invoice\u202Efdp.exe\u202C \u0007preview is blank', {
      activity: {
        sessionId: 'session-error',
        state: 'failed',
        text: 'Stalled: the agent said nothing for 5 minutes',
        since: now - 30 * minute,
      },
    }),
    ...Array.from({ length: 12 }, (_, i) =>
      row(now, `TODO-${i + 1}`, 'todo', 'completed', `Finished piece of work ${i + 1}`, {
        priority: 'none',
        updatedAt: now - (i + 1) * 24 * 60 * minute,
      }),
    ),
    row(now, 'TODO-40', 'todo', 'open', 'Somebody else’s todo', { assignedToMe: false }),
  ];
}

const words = ['total', 'coupon', 'export', 'invoice', 'retry', 'price', 'region', 'session', 'import', 'sign-in', 'limits', 'webhook'];
export function manyRows(now: number, count: number): ItemRow[] {
  const kinds: ItemKind[] = ['bug', 'todo', 'initiative'];
  const statuses: ItemStatus[] = ['open', 'planned', 'in_progress', 'in_review', 'blocked'];
  const pick = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;
  return Array.from({ length: count }, (_, i) =>
    row(
      now,
      `TODO-${i + 1}`,
      pick(kinds, i),
      pick(statuses, i * 7),
      `Make the ${pick(words, i)} of the ${pick(words, i * 5 + 3)} page ${i + 1} right`,
      {
        labels: [pick(words, i * 3)],
        updatedAt: now - i * 1000,
        ...(i % 50 === 0 && { activity: { sessionId: `s${i}`, state: 'running' as const, text: 'Step 1 of 4', since: now - minute } }),
      },
    ),
  );
}

const description = `After a reload the cart total is computed from the **list prices** only.

Expected: the coupon stored with the cart applies again, once.

- [x] Reproduce with a cart of two items and \`WELCOME10\`
- [ ] Fix where the total is restored, not in the view
- [ ] Add a test that fails today

\`\`\`js
const total = items.reduce((sum, { price, count }) => sum + price * count, 0); // the coupon is not in it, neither before nor after
\`\`\`

| step | before the reload | after the reload | what a person expects to see there |
| ---- | ----------------- | ---------------- | ---------------------------------- |
| cart | 42.00 with coupon | 46.00 without it | the same, whatever they do         |

See [the restore code](https://example.test/cart) and the picture: ![cart with a wrong total](https://example.test/cart.png)`;

export function item(now: number, patch: Partial<WorkItem> = {}): WorkItem {
  return anItem({
    id: 'item-BUG-12',
    workspaceId: 'w',
    key: 'BUG-12',
    title: 'Checkout total ignores the coupon after a refresh',
    description,
    status: 'in_progress',
    priority: 'urgent',
    assigneeIds: ['m1'],
    parentId: 'item-INIT-4',
    labels: [
      { group: 'product', name: 'billing' },
      { group: 'component', name: 'checkout' },
    ],
    repositoryId: 'r1',
    version: 3,
    createdAt: now - 3 * 24 * 60 * minute,
    updatedAt: now - 20 * minute,
    can: ['edit', 'comment', 'hand_off'],
    ...patch,
  });
}

export function session(now: number, patch: Partial<Session> = {}): Session {
  return aSession({
    id: 'session-run',
    workspaceId: 'w',
    itemId: 'item-BUG-12',
    itemKey: 'BUG-12',
    title: 'Checkout total ignores the coupon after a refresh',
    agentId: 'a1',
    agentName: 'Codex local',
    initiatorId: 'm1',
    ownerId: 'm1',
    repositoryId: 'r1',
    state: 'active',
    lineId: 'session-run',
    claim: { sessionId: 'session-run', workerId: 'wk', instanceId: 'in', fence: 1, leaseEnd: now + minute },
    fence: 1,
    plan: [
      { title: 'Reproduce with a failing test', status: 'completed' },
      { title: 'Find where `restoreTotal` is called', status: 'completed' },
      { title: 'Mock the price service in the test', status: 'in_progress' },
      { title: 'Apply the stored coupon once', status: 'pending' },
      { title: 'Run the suite, write the recap', status: 'pending' },
    ],
    sandboxStep: 'ours',
    usage: { inputTokens: 24_000, outputTokens: 7_000, totalTokens: 31_000, costUsd: null },
    createdAt: now - 7 * minute,
    queuedAt: now - 7 * minute,
    startedAt: now - 6.2 * minute,
    expiresAt: now + 7 * 24 * 60 * minute,
    ...patch,
  });
}

const file = (path: string, added: number | null, deleted: number | null, patch: Partial<ResultFile> = {}): ResultFile =>
  aResultFile(path, { added, deleted, ...patch });

export function doneSession(now: number): Session {
  return session(now, {
    id: 'session-done',
    itemId: 'item-BUG-9',
    itemKey: 'BUG-9',
    title: 'Dates shift by one day in the export',
    state: 'complete',
    claim: null,
    finishedAt: now - 9 * minute,
    startedAt: now - 16 * minute,
    plan: [
      { title: 'Find the two formatters', status: 'completed' },
      { title: 'One formatter in the shop’s time zone', status: 'completed' },
    ],
    usage: { inputTokens: 38_000, outputTokens: 6_000, totalTokens: 44_000, costUsd: 0.31 },
    result: {
      outcome: 'changes',
      summary: 'Dates are now written in the shop’s time zone; the two exports share one formatter in `formatDate.ts`.',
      baseCommit: '4f1c2ab09d'.padEnd(40, '0'),
      headCommit: '99ab01'.padEnd(40, '0'),
      ref: 'refs/belay/result/1',
      agentCommits: 1,
      files: [
        file('src/export/formatDate.ts', 18, 6),
        file('src/export/csv.ts', 4, 6),
        file('test/export/formatDate.test.ts', 19, 0, { status: 'added' }),
        file('package.json', 1, 1, { class: 'host_executed', reason: 'scripts.test' }),
      ],
      heldBack: [{ path: '.vscode/tasks.json', reason: 'Control file: the editor would run it.' }],
      added: 42,
      deleted: 13,
      checks: [
        { command: 'npm test -- export', exitCode: 0 },
        { command: 'npm run lint', exitCode: 1 },
      ],
    },
  });
}

const nothingCan: SessionPage['can'] = {
  stop: false,
  retry: false,
  answer: false,
  message: false,
  openTerminal: false,
  archive: false,
  review: false,
  accept: false,
  close: false,
  undo: false,
  commit: false,
  sendBack: false,
  discard: false,
};
export function question(now: number, patch: Partial<Input> = {}): Input {
  return anInput({
    id: 'input-1',
    sessionId: 'session-run',
    actionHash: 'abc123',
    title: 'Codex wants to run',
    detail: 'npm install --save-dev msw@2\n\nnetwork: packages.example.test:443, not listed yet',
    options: [
      { id: 'once', label: 'Allow once', effect: 'allow_once' },
      { id: 'session', label: 'This session', effect: 'allow_session' },
      { id: 'repository', label: 'This repository', effect: 'allow_repository' },
      { id: 'deny', label: 'Deny', effect: 'deny' },
    ],
    askedAt: now - 2 * minute,
    expiresAt: now + 8 * minute,
    ...patch,
  });
}

export function runningPage(now: number, inputs: Input[]): SessionPage {
  const s = session(now, { state: inputs.some((i) => i.state === 'open') ? 'awaiting_input' : 'active', lastSeq: 14 });
  return {
    session: s,
    itemTitle: s.title,
    inputs,
    reviews: [],
    undelivered: [],
    late: [],
    heldHere: true,
    can: { ...nothingCan, stop: true, answer: true, message: true, openTerminal: true },
    acceptBlocked: null,
  };
}

export function donePage(now: number): SessionPage {
  const s = doneSession(now);
  return {
    session: s,
    itemTitle: s.title,
    inputs: [],
    reviews: [],
    undelivered: [],
    late: [
      {
        sessionId: s.id,
        fence: 1,
        key: 'late-1',
        at: now - 8 * minute,
        receivedAt: now - 7 * minute,
        kind: 'progress',
        body: { type: 'message', text: 'One more thought, after the claim had moved on.' },
      },
    ],
    heldHere: false,
    can: { ...nothingCan, review: true, accept: true, sendBack: true, discard: true, archive: true },
    acceptBlocked: null,
  };
}

export function errorPage(now: number): SessionPage {
  const s = session(now, {
    id: 'session-error',
    itemKey: 'BUG-17',
    state: 'error',
    claim: null,
    finishedAt: now - 30 * minute,
    error: {
      code: 'stalled',
      message: 'The agent said nothing for 5 minutes, so the run was ended.',
      hint: 'Look whether its model endpoint can be reached: the last refusal was api.example.test:443.',
    },
  });
  return {
    session: s,
    itemTitle: 'Invoice\u202Efdp.exe\u202C preview is blank',
    inputs: [],
    reviews: [],
    undelivered: [],
    late: [],
    heldHere: false,
    can: { ...nothingCan, retry: true, archive: true },
    acceptBlocked: null,
  };
}

const progress = (body: Extract<ActivityContent, { kind: 'progress' }>['body']): ActivityContent => ({ kind: 'progress', body });

export function activity(sessionId: string, seq: number, at: number, content: ActivityContent): Activity {
  return anActivity(content, { sessionId, seq, at, receivedAt: at + 20 });
}

export function sampleActivities(now: number, sessionId: string): Activity[] {
  const read = (n: number): ActivityContent =>
    progress({ type: 'tool_call', callId: `r${n}`, title: `src/cart/file${n}.ts`, tool: 'read', status: 'done', detail: null });
  const contents: ActivityContent[] = [
    progress({ type: 'phase', phase: 'bind', detail: 'Claimed by this window', ms: null }),
    progress({ type: 'phase', phase: 'clone', detail: 'main@4f1c2ab', ms: 310 }),
    progress({ type: 'phase', phase: 'sandbox', detail: 'bubblewrap, proved', ms: 170 }),
    ...Array.from({ length: 6 }, (_, n) => read(n)),
    { kind: 'policy', body: { class: 'read', decision: 'deny', resource: '~/.npmrc', rule: 'home is read-denied', detail: '' } },
    progress({ type: 'file_change', path: 'src/cart/cartStore.test.ts', change: 'added', added: 34, deleted: 0 }),
    progress({
      type: 'message',
      text: 'The total is rebuilt in `cartStore.ts` before the coupon is read, so the order of the two effects decides.\n\n- first the list prices\n- then the coupon, *if it is there yet*',
    }),
    progress({
      type: 'command',
      callId: 'c1',
      command: 'npm test -- cart',
      status: 'failed',
      exitCode: 1,
      output: 'FAIL src/cart/cartStore.test.ts\n  ✕ applies the stored coupon once (12 ms)\n\n1 failing',
      ms: 4200,
    }),
    progress({ type: 'command', callId: 'c2', command: 'git diff --stat', status: 'running', exitCode: null, output: null, ms: null }),
  ];
  return contents.map((content, i) => activity(sessionId, i + 1, now - 6 * minute + i * 20_000, content));
}

/** Activity number `seq` of a long run. */
export function floodActivity(sessionId: string, seq: number, at: number): Activity {
  switch (seq % 5) {
    case 0:
      return activity(
        sessionId,
        seq,
        at,
        progress({ type: 'message', text: `Message ${seq}: the **next** step follows from the one before.` }),
      );
    case 1:
      return activity(
        sessionId,
        seq,
        at,
        progress({
          type: 'command',
          callId: `c${seq}`,
          command: `node check.js ${seq}`,
          status: 'done',
          exitCode: seq % 3,
          output: `line ${seq}`,
          ms: 120,
        }),
      );
    case 2:
      return activity(
        sessionId,
        seq,
        at,
        progress({ type: 'file_change', path: `src/part${seq}.ts`, change: 'modified', added: seq % 40, deleted: 2 }),
      );
    default:
      return activity(
        sessionId,
        seq,
        at,
        progress({ type: 'tool_call', callId: `t${seq}`, title: `src/part${seq}.ts`, tool: 'read', status: 'done', detail: null }),
      );
  }
}

export function comments(now: number): Comment[] {
  const base = { itemId: 'item-BUG-12', sessionId: null };
  return [
    {
      ...base,
      id: 'c1',
      authorId: 'm2',
      authorName: 'a teammate',
      origin: 'person',
      body: 'It also happens when the tab wakes up, not only on reload.',
      createdAt: now - 26 * 60 * minute,
    },
    {
      ...base,
      id: 'c2',
      authorId: null,
      authorName: 'Belay',
      origin: 'recap',
      sessionId: 'session-plan',
      body: '**Plan** by Codex local, 5 steps. No files changed.',
      createdAt: now - 50 * minute,
    },
  ];
}

export function handoff(now: number): Handoff {
  return {
    id: 'handoff-1',
    itemId: 'item-BUG-12',
    target: 'cursor',
    targetName: 'Cursor',
    mode: 'code',
    state: 'open',
    detail: '2 commits name BUG-12',
    repositoryId: 'r1',
    baseCommit: '4f1c2ab'.padEnd(40, '0'),
    result: null,
    by: 'm1',
    createdAt: now - 32 * minute,
    closedAt: null,
  };
}

export function recordedHandoff(now: number): Handoff {
  return {
    ...handoff(now),
    id: 'handoff-2',
    targetName: 'Windsurf',
    state: 'recorded',
    detail: '',
    result: doneSession(now).result,
    closedAt: now - 20 * minute,
  };
}

export function itemPage(now: number, of: WorkItem = item(now)): ItemPage {
  return {
    item: of,
    parent: { key: 'INIT-4', title: 'Self-serve plan changes', kind: 'initiative' },
    children: [],
    comments: comments(now),
    documents: [
      {
        id: 'd1',
        itemId: of.id,
        title: 'How prices are restored',
        body: '# Restore\n\nSteps …',
        version: 1,
        createdAt: now,
        updatedAt: now - 50 * minute,
      },
    ],
    sessions: [
      session(now, { state: 'awaiting_input', openInputs: 1 }),
      session(now, {
        id: 'session-plan',
        mode: 'plan',
        state: 'complete',
        claim: null,
        finishedAt: now - 50 * minute,
        createdAt: now - 60 * minute,
        result: {
          outcome: 'plan',
          summary: 'Five steps, starting from a failing test.',
          baseCommit: null,
          headCommit: null,
          ref: null,
          agentCommits: 0,
          files: [],
          heldBack: [],
          added: 0,
          deleted: 0,
          checks: [],
        },
      }),
    ],
    handoffs: [handoff(now), recordedHandoff(now)],
    assignees: [{ id: 'm1', name: 'Me', me: true }],
    repositoryName: 'shop-web, main',
    sendTarget: { id: 'codex', name: 'Codex' },
    queueAgent: 'Codex local',
    need: null,
    figures: {
      sessions: 2,
      queuedMs: 3000,
      runningMs: 6 * minute,
      accepted: 0,
      sentBack: 0,
      failed: 0,
      totalTokens: 38_000,
      costUsd: null,
    },
  };
}

export function queuePage(now: number): QueuePage {
  const held = (s: Session, heldHere: boolean) => ({ session: s, itemTitle: s.title, heldHere });
  return {
    needsMe: [held(session(now, { state: 'awaiting_input', openInputs: 1 }), true)],
    running: [held(session(now, { id: 'session-two', itemKey: 'TODO-31', title: 'Retry webhook deliveries with backoff' }), true)],
    queued: [
      held(
        session(now, {
          id: 'session-q',
          itemKey: 'TODO-35',
          title: 'Cache the price list per region',
          state: 'queued',
          claim: null,
          startedAt: null,
          usage: null,
        }),
        false,
      ),
    ],
    finished: [
      held(doneSession(now), false),
      held(
        session(now, {
          id: 'session-error',
          itemKey: 'BUG-17',
          title: 'Invoice preview is blank',
          state: 'error',
          claim: null,
          finishedAt: now - 30 * minute,
          error: { code: 'stalled', message: 'The agent said nothing for 5 minutes.', hint: null },
        }),
        false,
      ),
    ],
    workers: [
      {
        id: 'w1',
        name: 'Codex local',
        machine: 'desk',
        here: true,
        state: 'online',
        agents: ['Codex local', 'Practice agent'],
        running: 1,
        capacity: 2,
        seenAt: now,
      },
      {
        id: 'w2',
        name: 'Builder',
        machine: 'rack-2',
        here: false,
        state: 'stale',
        agents: ['Reviewer'],
        running: 0,
        capacity: 4,
        seenAt: now - 90 * minute,
      },
    ],
  };
}

export function auditPage(now: number): AuditPage {
  const row = (n: number, over: Partial<AuditPage['rows'][number]>): AuditPage['rows'][number] => ({
    n,
    at: now - (20 - n) * minute,
    session: { id: 'session-run', title: 'Rounding error in invoices', itemKey: 'BUG-12' },
    event: 'deny',
    class: 'run',
    decision: 'deny',
    resource: 'npm publish',
    rules: ['worker: run npm publish'],
    policyHash: 'c0ffee'.repeat(10),
    detail: 'Publish the package',
    ...over,
  });
  return {
    rows: [
      row(9, { event: 'approval', class: null, decision: 'allow', session: null, resource: 'WORKFLOW.md', rules: ['sha256:ab12'] }),
      row(8, { event: 'review', class: null, decision: null, resource: '4f2c91d', rules: ['a person'], detail: 'accepted: 3 files' }),
      row(7, { event: 'result', class: null, decision: null, resource: '4f2c91d', rules: [], detail: '3 files may leave, 1 held back' }),
      row(6, { event: 'effect', class: 'effect', decision: 'allow', resource: 'push:origin/refs/heads/belay/BUG-12-f1', rules: ['done'] }),
      row(5, { event: 'network', class: 'network', resource: 'registry.npmjs.org:443', rules: ['not in the list of allowed hosts'] }),
      row(4, { event: 'grant', decision: 'allow', resource: 'npm install left-pad', rules: ['a person: Allow in this repository'] }),
      row(3, {
        event: 'ask',
        decision: 'ask',
        resource: 'npm install left-pad --save-exact --ignore-scripts --no-audit',
        rules: ['default: run'],
      }),
      row(2, {}),
      row(1, { event: 'claim', class: null, decision: null, resource: '/home/ann/work/shop', rules: [], detail: 'Codex local, fix' }),
    ],
    total: 9,
    problems: [],
    anchored: { until: { n: 6, at: now - minute } },
  };
}
