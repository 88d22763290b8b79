import assert from 'node:assert/strict';
import { Announcements } from '../../../extension/announcements.ts';
import { needsOf } from '../../../extension/items/needs.ts';
import { itemRow, type RowSources } from '../../../extension/items/rows.ts';
import type { PageContext } from '../../../extension/panel/pages/page.ts';
import { queuePage } from '../../../extension/panel/pages/queue.ts';
import type { Input, Session } from '../../../protocol/records.ts';
import { anInput } from '../../builders/input.ts';
import { anItem } from '../../builders/item.ts';
import { aResult } from '../../builders/result.ts';
import { aSession } from '../../builders/session.ts';
import { removeTempFolders, tempFolder } from '../../support/repository.ts';

const session = (id: string, over: Partial<Session> = {}): Session =>
  aSession({ id, state: 'complete', result: aResult(), startedAt: 1, finishedAt: 2, ...over });
const asks = (id: string, inputId: string): [Session, Input] => [
  session(id, { state: 'awaiting_input', openInputs: 1, finishedAt: null }),
  anInput({ id: inputId, sessionId: id, askedAt: 5 }),
];
const named = (sessions: readonly Session[], inputs: readonly Input[] = []) =>
  needsOf(sessions, new Map(inputs.map((input) => [input.sessionId, [input]]))).map(({ kind, session: { id } }) => `${kind} ${id}`);

describe('what needs a person', () => {
  it('is an open question, a result nobody decided on, or took back, and a failure', () => {
    const [asking, input] = asks('q', 'in_1');
    const all = [
      session('failed', { state: 'error' }),
      session('done'),
      session('undone', { review: 'undone' }),
      asking,
      session('accepted', { review: 'accepted' }),
      session('discarded', { review: 'discarded' }),
      session('put away', { archivedAt: 3 }),
      session('stopped', { state: 'cancelled', openInputs: 1 }),
      session('running', { state: 'active' }),
      session('queued', { state: 'queued' }),
      session('lost', { state: 'stale' }),
    ];
    assert.deepEqual(named(all, [input]), ['question q', 'result done', 'result undone', 'failure failed']);
  });

  it('is what the newest session of a line of work needs, not what it was sent back from', () => {
    const first = session('first', { review: 'undone' });
    assert.deepEqual(named([first, session('next', { lineId: 'first', state: 'active', createdAt: 2 })]), []);
    assert.deepEqual(named([session('next', { lineId: 'first', createdAt: 2 }), first]), ['result next']);
  });

  it('is no news when it is undone, and is when something else is asked', () => {
    const news = (...sessions: Session[]) => needsOf(sessions, new Map()).map((need) => need.news);
    assert.deepEqual(news(session('a')), news(session('a', { review: 'undone' })));
    const [asking, one] = asks('a', 'in_1');
    const of = (input: Input) => needsOf([asking], new Map([['a', [input]]]))[0]?.news;
    assert.notDeepEqual(of(one), of({ ...one, id: 'in_2' }));
  });

  it('is the same number in the queue and in the rows of the list', async () => {
    const [asking, input] = asks('q', 'in_1');
    const sessions = [asking, session('done'), session('undone', { review: 'undone' }), session('old', { review: 'accepted' })];
    const inputs = new Map([['q', [input]]]);
    const model = { sessions: new Map(sessions.map((one) => [one.id, one])), items: new Map(), needs: () => needsOf(sessions, inputs) };
    const none = () => Promise.resolve({ entries: [] });
    const context = { api: { listWorkers: none, listAgents: none }, model, holdsSession: () => false } as unknown as PageContext;
    const queue = await queuePage.build({ page: 'queue' }, context);
    const sources = { items: new Map(), sessions: new Map([['item_1', sessions]]), handoffs: new Map(), inputs, children: new Map() };
    const row = itemRow(anItem(), { ...sources, memberId: 'me', translate: (text: string) => text } satisfies RowSources);
    assert.deepEqual([queue.needsMe.length, row.needs, row.activity?.state], [3, 3, 'needs_me']);
    assert.deepEqual([queue.queued.length, queue.running.length, queue.finished.length], [0, 0, 1]);
  });
});

describe('news', () => {
  afterEach(removeTempFolders);

  it('is told by the first window that asks, and by none later', () => {
    const folder = tempFolder();
    const windows = [new Announcements(folder), new Announcements(folder)];
    assert.deepEqual(
      windows.map((window) => window.claim('question in_1')),
      [true, false],
    );
    assert.deepEqual([new Announcements(folder).claim('question in_1'), windows[1]?.claim('question in_2')], [false, true]);
  });

  it('is forgotten when it is too old to come up again', () => {
    const folder = tempFolder();
    const news = new Announcements(folder);
    assert.ok(news.claim('old'));
    const day = 24 * 60 * 60_000;
    news.prune(Date.now() + 29 * day);
    assert.equal(news.claim('old'), false);
    news.prune(Date.now() + 31 * day);
    assert.equal(news.claim('old'), true);
  });
});
