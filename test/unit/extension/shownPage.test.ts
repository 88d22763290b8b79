import assert from 'node:assert/strict';
import { ShownPage, type ShownPageParts } from '../../../extension/panel/shownPage.ts';
import type { ModelChange } from '../../../extension/items/workModel.ts';
import { BelayError } from '../../../protocol/errors.ts';
import type { PanelNotice } from '../../../protocol/panel.ts';
import type { PanelPage } from '../../../protocol/panelPages.ts';

const queue: PanelPage = { page: 'queue' };
const noChange: ModelChange = { rows: [], removed: [], items: new Set(), sessions: new Set(), events: new Set(), all: false };

describe('the page that the panel shows', () => {
  let posted: PanelNotice[];
  let wakes: (() => void)[];
  let logged: unknown[];
  let visible: boolean;
  /** Each page is built when the test says so, of a context that fails as it says. */
  let builds: PromiseWithResolvers<never>[];
  let streams: Map<string, AbortSignal>;
  let shown: ShownPage;

  beforeEach(() => {
    [posted, wakes, logged, builds, streams, visible] = [[], [], [], [], new Map(), true];
    const wake = (): void => {
      for (const resolve of wakes.splice(0)) resolve();
    };
    const connection = {
      subscribeSession: (id: string, _after: number, _handler: unknown, signal: AbortSignal) => {
        streams.set(id, signal);
        wake();
        return Promise.resolve();
      },
    };
    shown = new ShownPage({
      link: { stateDir: '/nowhere', connect: () => Promise.resolve(connection) },
      model: { sessions: new Map() },
      log: { error: (_text: string, error: unknown) => logged.push(error) },
      pageContext: () => {
        const build = Promise.withResolvers<never>();
        builds.push(build);
        wake();
        return build.promise;
      },
      post: (notice: PanelNotice) => {
        posted.push(notice);
        wake();
      },
      isVisible: () => visible,
    } as unknown as ShownPageParts);
  });
  afterEach(() => {
    shown.dispose();
  });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => wakes.push(resolve));
  };
  const pages = () => posted.flatMap((notice) => (notice.type === 'page' ? [notice] : []));

  it('says why it cannot be had, and a fault of ours goes into the log', async () => {
    const first = shown.show(queue);
    builds[0]?.reject(new BelayError('unavailable', 'The platform is away.', { hint: 'Wait.' }));
    await first;
    const second = shown.send();
    const fault = new TypeError('x is not a function');
    builds[1]?.reject(fault);
    await second;
    assert.deepEqual(
      pages().map(({ of, snapshot, problem }) => [of, snapshot, problem?.code]),
      [
        [queue, null, 'unavailable'],
        [queue, null, 'internal'],
      ],
    );
    assert.deepEqual(logged, [fault]);
  });

  it('drops what was fetched for an earlier one', async () => {
    const first = shown.show({ page: 'item', key: 'BUG-1' });
    const second = shown.show(queue);
    for (const build of builds) build.reject(new BelayError('not_found', 'gone'));
    await Promise.all([first, second]);
    assert.deepEqual(
      pages().map(({ of }) => of.page),
      ['queue'],
    );
  });

  it('follows a session until another page is shown', async () => {
    void shown.show({ page: 'session', id: 's1' });
    await until(() => streams.has('s1'));
    void shown.show({ page: 'session', id: 's2' });
    await until(() => streams.has('s2'));
    assert.deepEqual([streams.get('s1')?.aborted, streams.get('s2')?.aborted], [true, false]);
    shown.leave();
    assert.equal(streams.get('s2')?.aborted, true);
  });

  it('is sent once for many changes that concern it, and for no other', async () => {
    void shown.show(queue);
    shown.modelChanged({ ...noChange, events: new Set(['comment.created']) });
    for (let more = 0; more < 5; more++) shown.modelChanged({ ...noChange, events: new Set(['worker.changed']) });
    await until(() => builds.length === 2);
    shown.modelChanged({ ...noChange, all: true });
    await until(() => builds.length === 3);
  });
});
