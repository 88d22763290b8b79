import assert from 'node:assert/strict';
import fc from 'fast-check';
import { available, builtInTargets, prepareLaunch, type Offer } from '../../../../worker/targets/available.ts';
import { plainText } from '../../../../worker/base/encode.ts';
import type { Application, Environment, Handover, Installed } from '../../../../worker/targets/types.ts';
import { userTarget } from '../../../../worker/targets/userTarget.ts';

const desktop: Environment = { system: 'linux', remote: false, web: false, trusted: true, folder: true };
const vscode: Application = { kind: 'vscode', uriScheme: 'vscode' };
const everything: Installed = {
  programs: new Set(['codex', 'claude', 'cursor', 'cursor-agent', 'opencode', 'windsurf']),
  extensions: new Set(['openai.chatgpt', 'anthropic.claude-code']),
  commands: new Set(['workbench.action.chat.open', 'chatgpt.addFileToThread', 'chatgpt.openSidebar']),
  chat: true,
  schemes: new Set(['codex', 'cursor', 'windsurf', 'claude-cli']),
  localAgents: [{ slug: 'practice', name: 'Practice agent' }],
};
const nothing: Installed = {
  programs: new Set(),
  extensions: new Set(),
  commands: new Set(),
  chat: false,
  schemes: new Set(),
  localAgents: [],
};
const handover: Handover = {
  prompt: 'Fix "it" & (all) of\nit: $(rm) `x` 100%',
  mode: 'fix',
  itemKey: 'BUG-12',
  folder: '/home/me/my repo',
  promptFile: '/state/prompts/BUG-12.md',
};

const offers = (environment: Environment, application: Application, installed: Installed) =>
  available(environment, environment.system, application, installed).map(({ target, way }) => `${target.id}:${way.id}`);
function launchOf(id: string, environment = desktop, application = vscode, installed = everything, given = handover) {
  const offer = available(environment, environment.system, application, installed).find(({ target }) => target.id === id);
  assert.ok(offer, `${id} is not offered`);
  return prepareLaunch(offer, given, environment, application, installed);
}

describe('which targets are offered', () => {
  const cases: [string, Environment, Application, Installed, string[]][] = [
    [
      'all of it on a Linux desktop',
      desktop,
      vscode,
      everything,
      [
        'task:task',
        'local-agent:queue',
        'editor-chat:command',
        'codex:extension',
        'claude-code:extension',
        'cursor:link',
        'windsurf:link',
        'opencode:cli',
        'terminal:shell',
      ],
    ],
    ['nothing installed', desktop, vscode, nothing, ['terminal:shell']],
    [
      'the Codex app on a Mac',
      { ...desktop, system: 'macos' },
      vscode,
      { ...nothing, schemes: new Set(['codex']) },
      ['codex:app', 'terminal:shell'],
    ],
    [
      'a remote folder: no target that would need it on this desk',
      { ...desktop, remote: true, system: 'macos' },
      vscode,
      { ...nothing, schemes: new Set(['codex', 'claude-cli', 'windsurf']), programs: new Set(['claude']) },
      ['claude-code:cli', 'terminal:shell'],
    ],
    [
      'a browser',
      { ...desktop, web: true, remote: true },
      vscode,
      { ...everything, extensions: new Set() },
      [
        'task:task',
        'local-agent:queue',
        'editor-chat:command',
        'codex:cli',
        'claude-code:cli',
        'cursor:cli',
        'opencode:cli',
        'terminal:shell',
      ],
    ],
    [
      'an untrusted workspace',
      { ...desktop, trusted: false },
      vscode,
      everything,
      ['editor-chat:command', 'codex:extension', 'claude-code:extension', 'cursor:link', 'windsurf:link'],
    ],
    [
      'no folder',
      { ...desktop, folder: false },
      vscode,
      everything,
      ['editor-chat:command', 'codex:extension', 'claude-code:extension', 'cursor:link'],
    ],
    ['inside Cursor', desktop, { kind: 'cursor', uriScheme: 'cursor' }, { ...nothing, schemes: null }, ['cursor:link', 'terminal:shell']],
    [
      'inside Windsurf',
      desktop,
      { kind: 'windsurf', uriScheme: 'windsurf' },
      { ...nothing, commands: new Set(['windsurf.prioritized.chat.openNewConversation']) },
      ['windsurf:inside', 'terminal:shell'],
    ],
    [
      'a plain terminal',
      desktop,
      { kind: 'terminal', uriScheme: '' },
      { ...everything, commands: new Set(), extensions: new Set() },
      ['local-agent:queue', 'codex:cli', 'claude-code:cli', 'cursor:link', 'windsurf:link', 'opencode:cli', 'terminal:shell'],
    ],
  ];
  for (const [name, environment, application, installed, expected] of cases) {
    it(name, () => assert.deepEqual(offers(environment, application, installed), expected));
  }
});

describe('what is launched', () => {
  const text = 'Fix%20%22it%22%20%26%20%28all%29%20of%0Ait%3A%20%24%28rm%29%20%60x%60%20100%25';

  it('Codex: a link to the app with the folder, or an argument list, or its extension with the file', () => {
    const mac = { ...desktop, system: 'macos' as const };
    assert.deepEqual(launchOf('codex', mac).launch, { kind: 'link', url: `codex://new?prompt=${text}&path=%2Fhome%2Fme%2Fmy%20repo` });
    assert.deepEqual(launchOf('codex', desktop, vscode, { ...everything, extensions: new Set() }).launch, {
      kind: 'terminal',
      name: 'BUG-12 Codex',
      argv: ['codex', handover.prompt],
      folder: handover.folder,
      environment: {},
    });
    assert.deepEqual(launchOf('codex').launch, {
      kind: 'commands',
      clipboard: 'Read the task BUG-12 in the file /state/prompts/BUG-12.md and do it.',
      commands: [
        { id: 'chatgpt.openSidebar', args: [] },
        { id: 'chatgpt.addFileToThread', args: [{ file: handover.promptFile }] },
      ],
    });
  });
  it("Claude Code: its extension by this editor's scheme, its command line, its link", () => {
    assert.deepEqual(launchOf('claude-code').launch, { kind: 'link', url: `vscode://anthropic.claude-code/open?prompt=${text}` });
    assert.deepEqual(launchOf('claude-code', desktop, vscode, { ...everything, extensions: new Set() }).launch, {
      kind: 'terminal',
      name: 'BUG-12 Claude Code',
      argv: ['claude', handover.prompt],
      folder: handover.folder,
      environment: {},
    });
    assert.deepEqual(launchOf('claude-code', desktop, vscode, { ...nothing, schemes: new Set(['claude-cli']) }).launch, {
      kind: 'link',
      url: `claude-cli://open?q=${text}&cwd=%2Fhome%2Fme%2Fmy%20repo`,
    });
  });
  it('Cursor, Windsurf, OpenCode, the chat, the terminal', () => {
    assert.deepEqual(launchOf('cursor').launch, { kind: 'link', url: `cursor://anysphere.cursor-deeplink/prompt?text=${text}` });
    assert.deepEqual(launchOf('windsurf').launch, {
      kind: 'link',
      url: `windsurf://cascade/newChat?prompt=${text}&folder=%2Fhome%2Fme%2Fmy%20repo`,
    });
    assert.deepEqual(launchOf('opencode').launch, {
      kind: 'terminal',
      name: 'BUG-12 OpenCode',
      argv: ['opencode', handover.folder, '--prompt', handover.prompt],
      folder: handover.folder,
      environment: {},
    });
    assert.deepEqual(launchOf('editor-chat').launch, {
      kind: 'commands',
      clipboard: null,
      commands: [{ id: 'workbench.action.chat.open', args: [{ value: { query: handover.prompt, isPartialQuery: true } }] }],
    });
    assert.deepEqual(launchOf('terminal').launch, {
      kind: 'terminal',
      name: 'BUG-12',
      argv: [],
      folder: handover.folder,
      environment: { BELAY_ITEM: 'BUG-12', BELAY_PROMPT_FILE: handover.promptFile },
    });
  });
  it("a person's own command: text fills its place inside one argument", () => {
    const offer: Offer = {
      target: userTarget({ name: 'Mine', command: ['mine', '--task={{prompt}}', '{{key}}', '{{other}}'] }),
      way: userTarget({ name: 'Mine', command: ['mine', '--task={{prompt}}', '{{key}}', '{{other}}'] }).ways[0]!,
    };
    const { launch } = prepareLaunch(offer, { ...handover, prompt: '; rm -rf {{folder}}' }, desktop, vscode, nothing);
    assert.deepEqual(launch.kind === 'terminal' && launch.argv, ['mine', '--task=; rm -rf {{folder}}', 'BUG-12', '{{other}}']);
  });
  it('inside Windsurf its own command, the prompt on the clipboard; for Cursor its command line where no link can work', () => {
    const commands = new Set(['windsurf.prioritized.chat.openNewConversation']);
    assert.deepEqual(launchOf('windsurf', desktop, { kind: 'windsurf', uriScheme: 'windsurf' }, { ...nothing, commands }).launch, {
      kind: 'commands',
      clipboard: handover.prompt,
      commands: [{ id: 'windsurf.prioritized.chat.openNewConversation', args: [] }],
    });
    assert.deepEqual(launchOf('cursor', { ...desktop, web: true }).launch, {
      kind: 'terminal',
      name: 'BUG-12 Cursor',
      argv: ['cursor-agent', handover.prompt],
      folder: handover.folder,
      environment: {},
    });
  });
  it("Belay's own: a task here, a session in the queue of the first agent", () => {
    assert.deepEqual(launchOf('task').launch, { kind: 'task' });
    assert.deepEqual(launchOf('local-agent').launch, { kind: 'queue', agentSlug: 'practice' });
  });

  const mac = { ...desktop, system: 'macos' as const };
  const programsOnly = { ...nothing, programs: everything.programs };
  const cursorLink = 'cursor://anysphere.cursor-deeplink/prompt?text=';
  const limits: [string, number, string, Environment, Installed][] = [
    ['Codex, by its app', 30_000, 'codex', mac, everything],
    ['Codex, by its command line', 24_000, 'codex', desktop, programsOnly],
    ['Claude Code, by its extension', 30_000, 'claude-code', desktop, everything],
    ['Claude Code, by its command line', 24_000, 'claude-code', desktop, programsOnly],
    ['Claude Code, by its link', 5000, 'claude-code', desktop, { ...nothing, schemes: new Set(['claude-cli']) }],
    ['Cursor, by its link', 8000 - cursorLink.length, 'cursor', desktop, everything],
    ['Cursor, by its command line', 24_000, 'cursor', { ...desktop, web: true }, programsOnly],
    ['Windsurf, by its link', 8000, 'windsurf', desktop, everything],
    ['OpenCode', 24_000, 'opencode', desktop, programsOnly],
    ['the chat', 200_000, 'editor-chat', desktop, everything],
  ];
  for (const [name, limit, id, environment, installed] of limits) {
    it(`${name}: up to its limit the prompt whole, over it a short line that names the file, never a part of it`, () => {
      const sentFor = (prompt: string) => {
        const prepared = launchOf(id, environment, vscode, installed, { ...handover, prompt });
        const { launch } = prepared;
        const text = launch.kind === 'link' ? decodeURIComponent(launch.url) : JSON.stringify(launch);
        assert.ok(launch.kind !== 'link' || prepared.byFile === false || launch.url.length <= 8000);
        return { byFile: prepared.byFile, text };
      };
      const whole = sentFor('x'.repeat(limit));
      assert.deepEqual([whole.byFile, whole.text.includes('x'.repeat(limit))], [false, true]);
      const over = sentFor('x'.repeat(limit + 1));
      assert.equal(over.byFile, true);
      assert.match(over.text, /Read the task BUG-12 in the file \/state\/prompts\/BUG-12\.md and do it\./);
      assert.doesNotMatch(over.text, /xxx/);
    });
  }
  it('counts a link as it is sent, not as it is read', () => {
    const { byFile } = launchOf('cursor', desktop, vscode, everything, { ...handover, prompt: 'ü'.repeat(2000) });
    assert.equal(byFile, true, '2,000 letters are 12,000 characters of a link');
  });
  it('says so where not even the short line fits into a link', () => {
    const far = { ...handover, prompt: 'x'.repeat(9000), promptFile: `/state/${'ü'.repeat(3000)}.md` };
    assert.throws(() => launchOf('cursor', desktop, vscode, everything, far), /no link this long/);
  });
  it('never lets control characters through, and always gives links that decode to the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (prompt) => {
        for (const { id } of builtInTargets) {
          if (id === 'task' || id === 'local-agent') continue;
          const { launch, byFile } = launchOf(id, desktop, vscode, everything, { ...handover, prompt });
          assert.doesNotMatch(JSON.stringify(launch), /\\u001b|\\u0000|\\u007f/u);
          if (launch.kind === 'link' && !byFile) assert.ok(decodeURIComponent(launch.url).includes(plainText(prompt)));
        }
      }),
    );
  });
});
