import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LocalWorker } from '../../../extension/localWorker/localWorker.ts';
import { memento } from '../../support/memento.ts';
import { until } from '../../support/until.ts';

describe('the worker of a window', () => {
  let stateDir: string;
  let state: vscode.Memento;
  /** For how many sessions the worker asked, the last time it did. */
  let room: number | undefined;
  let windows: LocalWorker[];
  /** Happens while the worker registers, which is the last thing before it asks for work. */
  let meanwhile: () => Promise<void>;
  const enable = (on: boolean | undefined) =>
    vscode.workspace.getConfiguration('belay').update('worker.enabled', on, vscode.ConfigurationTarget.Global);
  const asksFor = (wanted: number) => until(`asking for ${wanted}`, () => (room === wanted ? true : null));

  /** The worker of a window that is opened, or loaded anew. */
  const open = () => {
    const api = {
      ensureAgent: ({ body }: { body: { slug: string } }) => Promise.resolve({ id: body.slug }),
      ensureWorker: async () => {
        await meanwhile();
        return { id: 'worker' };
      },
      listSessions: () => Promise.resolve({ entries: [], next: null }),
      poll: ({ body, signal }: { body: { capacity: number }; signal: AbortSignal }) => {
        room = body.capacity;
        return new Promise((_, reject) => {
          if (signal.aborted) reject(new Error('aborted'));
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        });
      },
    };
    const dist = path.join(vscode.extensions.getExtension('belay.belay')?.extensionPath ?? '', 'dist');
    const link = {
      dist,
      stateDir,
      version: '1.0.0',
      connect: () => Promise.resolve({ api, address: { socketPath: path.join(stateDir, 'none') } }),
    };
    const secrets = { all: () => Promise.resolve({}) };
    const log = { info: () => undefined, error: () => undefined };
    room = undefined;
    const worker = new LocalWorker(...([link, secrets, state, log] as unknown as ConstructorParameters<typeof LocalWorker>));
    windows.push(worker);
    return worker;
  };

  beforeEach(() => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'belay-worker-'));
    state = memento();
    windows = [];
    meanwhile = () => Promise.resolve();
  });
  afterEach(async () => {
    for (const worker of windows) {
      await worker.shutDown();
      worker.dispose();
    }
    await enable(undefined);
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('takes nothing from the queue while the setting says no, also when it is needed to queue something', async () => {
    await enable(false);
    const worker = open();
    await worker.startIfAllowed();
    assert.equal(room, undefined);
    await worker.ready();
    await asksFor(0);
    assert.equal(worker.strip().on, false);
  });

  it('can be switched on in spite of the setting, off again, and only in that window', async () => {
    await enable(false);
    const worker = open();
    await worker.toggle(true);
    await asksFor(2);
    assert.equal(worker.strip().on, true);
    const other = open();
    await other.startIfAllowed();
    assert.equal(room, undefined);
    await worker.toggle(false);
    await asksFor(0);
    assert.equal(worker.strip().on, false);
  });

  it('is still off after a reload when the person switched it off, and on when they switched it on', async () => {
    await open().toggle(false);
    for (const [capacity, on] of [
      [0, false],
      [2, true],
    ] as const) {
      const worker = open();
      await worker.startIfAllowed();
      await asksFor(capacity);
      assert.equal(worker.strip().on, on);
      await worker.toggle(true);
    }
  });

  it('is off when it was switched off while it started', async () => {
    const worker = open();
    meanwhile = () => worker.toggle(false);
    await worker.ready();
    await asksFor(0);
    assert.equal(worker.strip().on, false);
  });
});
