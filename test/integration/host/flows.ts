import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { mock } from 'node:test';
import * as vscode from 'vscode';
import { PanelView, type PanelParts } from '../../../extension/panel/panelView.ts';
import { PromptDrafts, type Draft } from '../../../extension/send/promptDrafts.ts';
import { SendFlow, type SendParts } from '../../../extension/send/sendFlow.ts';
import type { PanelNotice } from '../../../protocol/panel.ts';
import { until } from '../../support/until.ts';

const offer = {
  target: { id: 'tool', name: 'Tool', rules: 'own' },
  way: {
    label: 'in a terminal',
    fits: () => true,
    launch: () => ({ kind: 'terminal', name: 'BUG-1', argv: ['no-such-tool'], folder: '/', environment: {} }),
  },
} as unknown as Draft['offer'];
const section = { id: 'item', origin: 'item', title: 'BUG-1', text: 'Mend it.', trusted: false, enabled: true };
const prompt = { bundle: { item: { key: 'BUG-1' } }, mode: 'fix', offer, folder: '', sections: [section] } as unknown as Omit<
  Draft,
  'uri' | 'rendered'
>;

describe('a prompt on its way out', () => {
  let folder: string;
  let drafts: PromptDrafts;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'belay-drafts-'));
    drafts = new PromptDrafts(vscode.Uri.file(folder));
  });
  afterEach(async () => {
    mock.restoreAll();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    drafts.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps what the person wrote into it when it is opened again', async () => {
    const draft = await drafts.open(prompt);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(draft.uri, new vscode.Position(0, 0), 'My own words. ');
    await vscode.workspace.applyEdit(edit);
    await vscode.workspace.save(draft.uri);
    const again = await drafts.open(prompt);
    assert.match(await drafts.textOf(again), /^My own words\. /u);
  });

  it('is still there when one of two editors that show it is closed', async () => {
    const draft = await drafts.open(prompt);
    await vscode.commands.executeCommand('workbench.action.splitEditor');
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await until('the second editor', () => (tabs().length === 2 ? true : null));
    await vscode.window.tabGroups.close(tabs()[1]!);
    await until('the first editor alone', () => (tabs().length === 1 ? true : null));
    assert.equal(drafts.current(), draft);
  });

  it('is tried again after a launch that failed, as often as the person asks', async () => {
    const answers = ['Retry', 'Retry', undefined];
    let shown = 0;
    mock.method(vscode.window, 'showErrorMessage', () => Promise.resolve(answers[shown++]));
    const flow = new SendFlow({
      drafts,
      link: { connect: () => Promise.resolve({ api: {} }) },
      state: { get: () => undefined, update: () => Promise.resolve() },
      situation: { searchPath: () => Promise.resolve('/usr/bin'), localAgents: () => [] },
    } as unknown as SendParts);
    mock.method(flow, 'offers', () => Promise.resolve({ offers: [offer], tools: {} }));
    await drafts.open(prompt);
    await flow.go();
    assert.equal(shown, 3);
  });
});

describe('the panel', () => {
  const waits: PromiseWithResolvers<undefined>[] = [];
  let rows: PromiseWithResolvers<undefined>;
  let posted: PanelNotice[];
  let streams: Map<string, AbortSignal>;
  let say: (name: string, params: unknown) => void;
  let view: PanelView;
  let calls = 0;

  beforeEach(() => {
    waits.length = 0;
    rows = Promise.withResolvers();
    posted = [];
    streams = new Map();
    const none = new vscode.EventEmitter<never>().event;
    const connection = {
      subscribeSession: (id: string, _after: number, _handler: unknown, signal: AbortSignal) => {
        streams.set(id, signal);
        return Promise.resolve();
      },
    };
    view = new PanelView({
      extensionUri: vscode.Uri.file('/'),
      version: '1',
      link: { onState: none, state: { state: 'online', asOf: 1, problem: null }, connect: () => Promise.resolve(connection) },
      model: { onChange: none, ensureLoaded: () => rows.promise, allRows: () => [], sessions: new Map() },
      log: { warn: () => undefined, error: () => undefined },
      workerStrip: () => ({ on: true, running: 0, capacity: 1, note: null, canToggle: true }),
      // What a page is made of comes when the test says so; that it cannot be made is as good a page as any.
      pageContext: async () => {
        const wait = Promise.withResolvers<undefined>();
        waits.push(wait);
        await wait.promise;
        throw new Error('no page');
      },
      limitedBy: () => [],
      actions: {},
    } as unknown as PanelParts);
    view.resolveWebviewView({
      webview: {
        options: {},
        html: '',
        cspSource: '',
        asWebviewUri: (uri: vscode.Uri) => uri,
        postMessage: (notice: PanelNotice) => Promise.resolve(posted.push(notice)),
        onDidReceiveMessage: (take: (message: unknown) => void) => {
          say = (name, params) => {
            take({ type: 'call', id: (calls += 1), name, params });
          };
        },
      },
      onDidChangeVisibility: none,
      onDidDispose: none,
    } as unknown as vscode.WebviewView);
  });
  afterEach(() => {
    view.dispose();
  });
  const came = (type: PanelNotice['type']) => until(type, () => posted.find((notice) => notice.type === type) ?? null);

  it('shows the page that the person went to while the list was loading', async () => {
    say('ready', { page: { page: 'session', id: 's1' } });
    say('show', { page: { page: 'queue' } });
    rows.resolve(undefined);
    await until('what both look for', () => (waits.length === 2 ? true : null));
    for (const wait of waits) wait.resolve(undefined);
    await came('queue');
    assert.ok(!posted.some(({ type }) => type === 'session'));
  });

  it('goes on with the session it shows when an earlier one comes late', async () => {
    say('show', { page: { page: 'session', id: 'a' } });
    say('show', { page: { page: 'session', id: 'b' } });
    await until('what both look for', () => (waits.length === 2 ? true : null));
    waits[1]!.resolve(undefined);
    await until('the stream of b', () => streams.get('b') ?? null);
    waits[0]!.resolve(undefined);
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.equal(streams.get('b')?.aborted, false);
  });
});
