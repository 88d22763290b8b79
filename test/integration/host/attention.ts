import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { mock } from 'node:test';
import * as vscode from 'vscode';
import { Announcements } from '../../../extension/announcements.ts';
import { Attention } from '../../../extension/attention.ts';
import type { Need } from '../../../extension/items/needs.ts';
import type { ModelChange } from '../../../extension/items/workModel.ts';
import type { PanelPage } from '../../../protocol/panelPages.ts';
import { until } from '../../support/until.ts';

const need = (id: string, kind: Need['kind'] = 'question', news = [`${kind} ${id}`]): Need =>
  ({ session: { id, itemKey: null, title: id, agentName: 'Codex' }, kind, news, since: 1 }) as unknown as Need;

describe('what the person is told of', () => {
  let stateDir: string;
  let told: string[];
  let badges: number[];
  let shown: PanelPage | null;
  let windows: { needs: Need[]; readonly changed: vscode.EventEmitter<ModelChange>; readonly attention: Attention }[];

  const openWindow = (...needs: Need[]) => {
    const changed = new vscode.EventEmitter<ModelChange>();
    const window = { needs, changed, attention: null as unknown as Attention };
    const model = { needs: () => window.needs, sessions: new Map(), onChange: changed.event };
    const panel = {
      navigate: () => Promise.resolve(),
      onVisibility: new vscode.EventEmitter<never>().event,
      setBadge: (count: number) => void badges.push(count),
      shows: (page: PanelPage) => JSON.stringify(page) === JSON.stringify(shown),
    };
    window.attention = new Attention(model, panel, new Announcements(stateDir));
    windows.push(window);
    changed.fire({} as ModelChange);
  };
  const happens = (...needs: Need[]) => {
    for (const window of windows) {
      window.needs = needs;
      window.changed.fire({} as ModelChange);
    }
  };
  /** Whatever was to be told is told when something that is told last is. */
  const settled = async () => {
    const before = told.length;
    happens(...(windows[0]?.needs ?? []), need('the last'));
    await until('the last', () => (told.slice(before).some((text) => text.includes('the last')) ? true : null));
    return told.filter((text) => !text.includes('the last'));
  };

  beforeEach(() => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'belay-attention-'));
    told = [];
    badges = [];
    windows = [];
    shown = null;
    // Left alone, as a person who is away does.
    mock.method(vscode.window, 'showInformationMessage', (text: string) => {
      told.push(text);
      return new Promise(() => undefined);
    });
  });
  afterEach(() => {
    mock.restoreAll();
    for (const { attention } of windows) attention.dispose();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('is told by one window, also when the notification before it was left alone', async () => {
    openWindow();
    openWindow();
    happens(need('one'));
    await until('the first', () => (told.length === 1 ? true : null));
    happens(need('one'), need('two', 'result'));
    assert.deepEqual(await settled(), ['Codex asks you something: one', 'Codex is done: two']);
  });

  it('is not told again when it went away and came back, or when it waited before the window was opened', async () => {
    openWindow(need('old'));
    happens(need('old'), need('undone', 'result'));
    await until('the result', () => (told.length === 1 ? true : null));
    happens(need('old'));
    happens(need('old'), need('undone', 'result'));
    openWindow(need('old'), need('undone', 'result'));
    assert.deepEqual(await settled(), ['Codex is done: undone']);
  });

  it('is not told by another window either while the person looks at it', async () => {
    openWindow();
    openWindow();
    shown = { page: 'session', id: 'one' };
    happens(need('one'));
    assert.deepEqual(await settled(), []);
  });

  it('is told in one sentence when much comes at once, and is counted as it is told', async () => {
    openWindow();
    happens(...['a', 'b', 'c', 'd'].map((id) => need(id)));
    await until('the sentence', () => (told.length === 1 ? true : null));
    assert.deepEqual([told, badges.at(-1)], [['4 need you'], 4]);
  });
});
