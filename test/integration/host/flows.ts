import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { mock } from 'node:test';
import * as vscode from 'vscode';
import { WorkModel, type ModelChange } from '../../../extension/items/workModel.ts';
import { PanelView, type PanelParts } from '../../../extension/panel/panelView.ts';
import { PromptDrafts, type Draft, type DraftParts } from '../../../extension/send/promptDrafts.ts';
import { SendFlow, type SendParts } from '../../../extension/send/sendFlow.ts';
import { BelayError, isBelayError } from '../../../protocol/errors.ts';
import { available } from '../../../worker/targets/available.ts';
import type { Installed } from '../../../worker/targets/types.ts';
import type { WorkspaceEvent } from '../../../protocol/events.ts';
import type { PanelNotice } from '../../../protocol/panel.ts';
import { memento } from '../../support/memento.ts';
import { until } from '../../support/until.ts';

const offer = {
  target: { id: 'tool', name: 'Tool', rules: 'own' },
  way: {
    id: 'terminal',
    label: 'in a terminal',
    fits: () => true,
    launch: () => ({ kind: 'terminal', name: 'BUG-1', argv: ['no-such-tool'], folder: '/', environment: {} }),
  },
} as unknown as Draft['offer'];
const section = { id: 'item', origin: 'item', title: 'BUG-1', text: 'Mend it.', trusted: false, enabled: true };
const prompt = {
  bundle: { item: { id: 'item_1', key: 'BUG-1' } },
  mode: 'fix',
  offer,
  folder: '',
  sections: [section],
} as unknown as DraftParts;

describe('a prompt on its way out', () => {
  let folder: string;
  let state: vscode.Memento;
  let drafts: PromptDrafts;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'belay-drafts-'));
    state = memento();
    drafts = new PromptDrafts(vscode.Uri.file(folder), state);
  });
  afterEach(async () => {
    mock.restoreAll();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    drafts.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const edited = async () => {
    const draft = await drafts.open(prompt);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(draft.uri, new vscode.Position(0, 0), 'My own words. ');
    await vscode.workspace.applyEdit(edit);
    await vscode.workspace.save(draft.uri);
    return draft;
  };
  const otherText = { ...prompt, sections: [{ ...section, text: 'Mend it well.' }] } as unknown as typeof prompt;

  it('keeps what the person wrote into it when it is opened again', async () => {
    await edited();
    const again = await drafts.open(prompt);
    assert.match(await drafts.textOf(again), /^My own words\. /u);
  });

  it('keeps what the person wrote also after its editor was closed and the window loaded anew', async () => {
    await edited();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    drafts.dispose();
    drafts = new PromptDrafts(vscode.Uri.file(folder), state);
    for (const parts of [otherText, prompt]) assert.match(readFileSync((await drafts.open(parts)).uri.fsPath, 'utf8'), /^My own words\. /u);
  });

  it('is written anew when the person changed nothing', async () => {
    const { uri } = await drafts.open(prompt);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await drafts.open(otherText);
    assert.match(readFileSync(uri.fsPath, 'utf8'), /Mend it well\./u);
  });

  it('is written anew after it was sent, also where a target still reads what was sent', async () => {
    await drafts.close(await edited(), 'Sent.');
    const { uri } = await drafts.open(prompt);
    assert.doesNotMatch(readFileSync(uri.fsPath, 'utf8'), /My own words/u);
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

  it('stays when another file is looked at, and is found again after the window was loaded anew', async () => {
    await drafts.open({ ...prompt, sections: [section, { ...section, id: 'note', enabled: false }] as unknown as DraftParts['sections'] });
    const isPreview = () => vscode.window.tabGroups.activeTabGroup.activeTab?.isPreview;
    assert.equal(isPreview(), false);
    drafts.dispose();
    drafts = new PromptDrafts(vscode.Uri.file(folder), state);
    assert.equal(drafts.current(), undefined);
    const asked: string[] = [];
    await drafts.restoreWith(({ key, mode, target }) => {
      asked.push(`${key} ${mode} ${target}`);
      return Promise.resolve({ ...prompt, sections: [section, { ...section, id: 'note' }] as unknown as DraftParts['sections'] });
    });
    assert.deepEqual(asked, ['BUG-1 fix tool']);
    const found = drafts.current();
    assert.ok(found);
    assert.deepEqual(
      found.sections.map(({ enabled }) => enabled),
      [true, false],
    );
    assert.equal(await drafts.textOf(found), found.rendered);
  });

  it('is found again also when its editor is opened later, and only while it was not sent', async () => {
    const { uri } = await drafts.open(prompt);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal(drafts.current(), undefined);
    await drafts.restoreWith(() => Promise.resolve(prompt));
    await vscode.window.showTextDocument(uri);
    const draft = await until('the prompt', () => drafts.current() ?? null);
    await drafts.close(draft, 'Sent.');
    await vscode.window.showTextDocument(uri);
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.equal(drafts.current(), undefined);
  });

  /** What the platform was asked while a prompt went to a target that tells nothing, and the answer to "was it taken?". */
  const sendUnseen = async (answer: string | undefined) => {
    const asked: string[] = [];
    const api = {
      createHandoff: ({ body }: { body: { detail: string } }) => {
        asked.push(`create: ${body.detail}`);
        return Promise.resolve({ id: 'hnd_1' });
      },
      closeHandoff: ({ params }: { params: { id: string } }) => Promise.resolve(asked.push(`close ${params.id}`)),
      takeHandoff: ({ params }: { params: { id: string } }) => Promise.resolve(asked.push(`taken ${params.id}`)),
    };
    const question = Promise.withResolvers<string | undefined>();
    mock.method(vscode.window, 'showInformationMessage', () => question.promise);
    const draft = await drafts.open({
      ...prompt,
      offer: { ...offer, way: { ...offer.way, launch: () => ({ kind: 'commands', clipboard: null, commands: [] }) } },
    } as DraftParts);
    const flow = flowOf(api, draft.offer);
    await flow.sendCurrent();
    const before = { asked: [...asked], open: drafts.isOpen(draft), handoff: draft.handoff };
    question.resolve(answer);
    return { asked, before, draft, flow };
  };

  it('that a target may have taken unseen is recorded as that, and stays open until the person says that it has it', async () => {
    const { asked, before, draft } = await sendUnseen('It Has the Prompt');
    const created = 'create: in a terminal, Belay cannot see whether it was taken';
    assert.deepEqual(before, { asked: [created], open: true, handoff: 'hnd_1' });
    await until('the closed prompt', () => (drafts.isOpen(draft) ? null : true));
    assert.deepEqual(asked, [created, 'taken hnd_1']);
  });

  it('of which nothing came leaves no hand-off, and can be sent again', async () => {
    const { asked, draft } = await sendUnseen('Nothing Happened');
    await until('the end of the hand-off', () => (draft.handoff === null ? true : null));
    assert.deepEqual(asked.slice(1), ['close hnd_1']);
    assert.ok(drafts.isOpen(draft));
  });

  it('waits for its answer in its own editor when the notification was left alone', async () => {
    const { asked, draft, flow } = await sendUnseen(undefined);
    const document = await vscode.workspace.openTextDocument(draft.uri);
    assert.ok(drafts.provideCodeLenses(document).some(({ command }) => command?.command === 'belay.promptTaken'));
    await flow.markTaken();
    assert.deepEqual(asked.slice(1), ['taken hnd_1']);
    assert.ok(!drafts.isOpen(draft));
  });

  const flowOf = (api: unknown = {}, offered = offer) => {
    const flow = new SendFlow({
      drafts,
      link: { connect: () => Promise.resolve({ api }) },
      state,
      situation: { searchPath: () => Promise.resolve('/usr/bin'), localAgents: () => [] },
    } as unknown as SendParts);
    mock.method(flow, 'offers', () => Promise.resolve({ offers: [offered], tools: {} }));
    return flow;
  };

  it('is offered to targets that are told apart, also where one tool or one name is there twice', async () => {
    const own = ['one', 'two'].map((file) => ({ name: 'Script', command: [file, '{{promptFile}}'] }));
    const situation = {
      programs: new Set(['codex', 'claude', 'opencode']),
      extensions: new Set(['anthropic.claude-code']),
      commands: new Set(['workbench.action.chat.open']),
      chat: true,
      schemes: null,
      localAgents: [{ slug: 'practice', name: 'Practice agent' }],
    };
    const here = { system: 'linux', remote: false, web: false, trusted: true, folder: true } as const;
    const offers = available(here, 'linux', { kind: 'vscode', uriScheme: 'vscode' }, situation as unknown as Installed, own);
    const api = { getItemBundle: () => Promise.resolve({ item: { key: 'BUG-1', title: 'Mend it', kind: 'bug', status: 'open' } }) };
    const flow = new SendFlow({ drafts, link: { connect: () => Promise.resolve({ api }) }, state } as unknown as SendParts);
    mock.method(flow, 'offers', () => Promise.resolve({ offers, tools: situation }));
    let shown: vscode.QuickPickItem[] = [];
    mock.method(vscode.window, 'showQuickPick', (entries: vscode.QuickPickItem[]) => Promise.resolve(void (shown = entries)));
    await flow.begin('BUG-1', false);
    assert.equal(new Set(offers.map(({ target }) => target.id)).size, offers.length);
    const belay = shown.filter(({ detail }) => detail?.includes('Practice agent'));
    assert.deepEqual([belay.length, new Set(belay.map(({ detail }) => detail)).size], [2, 2]);
    assert.deepEqual(
      shown.filter(({ label }) => label === 'Script').map(({ detail }) => detail),
      ['Runs in a terminal: one {{promptFile}}', 'Runs in a terminal: two {{promptFile}}'],
    );
    assert.equal(new Set(shown.map(({ label, description, detail }) => [label, description, detail].join())).size, shown.length);
  });

  it('is tried again after a launch that failed, as often as the person asks', async () => {
    const answers = ['Retry', 'Retry', undefined];
    let shown = 0;
    mock.method(vscode.window, 'showErrorMessage', () => Promise.resolve(answers[shown++]));
    await drafts.open(prompt);
    await flowOf().sendCurrent();
    assert.equal(shown, 3);
  });

  it('can be sent while the question after a failed launch is open, and is not sent again by that question', async () => {
    const asked: PromiseWithResolvers<string | undefined>[] = [];
    mock.method(vscode.window, 'showErrorMessage', () => {
      const question = Promise.withResolvers<string | undefined>();
      asked.push(question);
      return question.promise;
    });
    const draft = await drafts.open(prompt);
    const flow = flowOf();
    const first = flow.sendCurrent();
    await until('the question', () => (asked.length === 1 ? true : null));
    const second = flow.sendCurrent();
    await until('the second question', () => (asked.length === 2 ? true : null));
    asked[1]?.resolve(undefined);
    await second;
    await drafts.close(draft, 'Sent.');
    asked[0]?.resolve('Retry');
    await assert.rejects(first, (error) => isBelayError(error, 'not_found') && /no longer open/u.test(error.message));
    assert.equal(asked.length, 2);
  });
});

describe('the panel', () => {
  const waits: PromiseWithResolvers<undefined>[] = [];
  let rows: PromiseWithResolvers<undefined>;
  let posted: PanelNotice[];
  let streams: Map<string, AbortSignal>;
  let say: (name: string, params: unknown) => void;
  let view: PanelView;
  let changes: vscode.EventEmitter<ModelChange>;
  let calls = 0;
  let visible = true;
  let accept: PromiseWithResolvers<object>;

  beforeEach(() => {
    waits.length = 0;
    rows = Promise.withResolvers();
    posted = [];
    streams = new Map();
    changes = new vscode.EventEmitter();
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
      model: { onChange: changes.event, ensureLoaded: () => rows.promise, allRows: () => [], sessions: new Map() },
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
      actions: { accept: () => accept.promise },
    } as unknown as PanelParts);
    view.resolveWebviewView({
      show: () => undefined,
      get visible() {
        return visible;
      },
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
  const pagesSent = () => posted.flatMap((notice) => (notice.type === 'page' ? [notice.of.page] : []));

  it('shows the page that the person went to while the list was loading', async () => {
    say('ready', { page: { page: 'session', id: 's1' } });
    say('show', { page: { page: 'queue' } });
    rows.resolve(undefined);
    await until('what both look for', () => (waits.length === 2 ? true : null));
    for (const wait of waits) wait.resolve(undefined);
    await came('page');
    assert.deepEqual(new Set(pagesSent()), new Set(['queue']));
  });

  it('says by the editor what failed for a page that is hidden or was loaded anew', async () => {
    const said: string[] = [];
    mock.method(vscode.window, 'showErrorMessage', (text: string) => Promise.resolve(said.push(text)));
    for (const leave of [() => (visible = false), () => say('ready', { page: { page: 'queue' } })]) {
      visible = true;
      accept = Promise.withResolvers();
      posted.length = 0;
      say('accept', { sessionId: 's1', hostExecuted: [] });
      leave();
      accept.reject(new BelayError('conflict', 'Your working tree has changes.', { hint: 'Commit them.' }));
      const before = said.length;
      await until('what is said', () => (said.length > before ? true : null));
      assert.ok(!posted.some((notice) => notice.type === 'reply' && notice.problem));
    }
    mock.restoreAll();
    assert.deepEqual(new Set(said), new Set(['Your working tree has changes. Commit them.']));
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

  it('asks a page to go somewhere until it says that it is there, however often it is loaded anew', async () => {
    const shown = { page: 'item', key: 'BUG-1' };
    const asked = () => posted.filter(({ type }) => type === 'navigate').length;
    say('ready', { page: { page: 'queue' } });
    await view.navigate({ page: 'item', key: 'BUG-1' });
    for (let loads = 0; loads < 2; loads++) {
      const before = asked();
      say('ready', { page: { page: 'queue' } });
      await until('the wish', () => (asked() > before ? true : null));
    }
    say('show', { page: shown });
    const before = asked();
    posted.length = 0;
    say('ready', { page: shown });
    await came('setup');
    await new Promise(setImmediate);
    assert.ok(before > 0);
    assert.equal(asked(), 0);
  });

  it('brings the queue up to date when only workers changed', async () => {
    say('show', { page: { page: 'queue' } });
    await until('what the queue looks for', () => (waits.length === 1 ? true : null));
    changes.fire({ rows: [], removed: [], items: new Set(), sessions: new Set(), events: new Set(['worker.changed']), all: false });
    await until('what it looks for again', () => (waits.length === 2 ? true : null));
  });
});

describe('what the window knows of the workspace', () => {
  it('says that workers or agents changed, which belong to no item and no session', async () => {
    let tell: ((event: WorkspaceEvent) => void) | undefined;
    const empty = () => Promise.resolve({ entries: [], next: null });
    const connection = {
      api: { listItems: empty, listSessions: empty, listHandoffs: empty, listInputs: empty },
      subscribeWorkspace: (handler: typeof tell) => {
        tell = handler;
        return Promise.resolve();
      },
    };
    const link = { connect: () => Promise.resolve(connection) };
    const model = new WorkModel(...([link, {}] as unknown as ConstructorParameters<typeof WorkModel>));
    await model.reload();
    const told: string[][] = [];
    model.onChange(({ events }) => told.push([...events]));
    for (const [n, type] of (['worker.changed', 'agent.changed'] as const).entries()) {
      tell?.({ n, type, itemId: null, sessionId: null, at: 0 });
      await until(type, () => (told.length === n + 1 ? true : null));
    }
    model.dispose();
    assert.deepEqual(told, [['worker.changed'], ['agent.changed']]);
  });
});
