import assert from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { LanguageServer } from '../../support/languageServer.ts';
import { removeTempFolders, tempFolder, writeFiles } from '../../support/repository.ts';

describe('the language server', function () {
  this.timeout(30_000);
  let server: LanguageServer;
  let folder: string;
  let file: string;

  /** Opens a workflow file; `¦` marks the place that is asked about. */
  const open = async (marked: string, files: Record<string, string> = {}) => {
    writeFiles(folder, files);
    const before = marked.split('¦')[0] ?? '';
    const diagnostics = await server.show(file, marked.replace('¦', ''));
    const lines = before.split('\n');
    return { diagnostics, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
  };

  beforeEach(async () => {
    folder = tempFolder();
    file = path.join(folder, 'WORKFLOW.md');
    server = await LanguageServer.open(folder);
  });
  afterEach(() => {
    server.close();
    removeTempFolders();
  });

  it('offers the keys that are not there yet, at every depth', async () => {
    const top = await open('---\nversion: 1\n¦\n---\n');
    const offered = await server.completions(file, top.position);
    assert.ok(['agent', 'hooks', 'policy', 'secrets', 'modes', 'base_branch'].every((key) => offered.includes(key)));
    assert.ok(!offered.includes('version'));
    const { position } = await open('---\nversion: 1\nhooks:\n  before_run: x\n  ¦\n---\n');
    assert.deepEqual((await server.completions(file, position)).sort(), ['after_create', 'after_run', 'before_remove', 'timeout_ms']);
    const rule = await open('---\nversion: 1\npolicy:\n  - class: run\n    ¦\n---\n');
    assert.deepEqual((await server.completions(file, rule.position)).sort(), ['decision', 'examples', 'match']);
  });

  it('offers the values a key may have', async () => {
    const { position } = await open('---\nversion: 1\npolicy:\n  - class: ¦\n---\n');
    assert.deepEqual(await server.completions(file, position), ['read', 'write', 'run', 'network', 'effect']);
    const mode = await open('---\nversion: 1\nmodes:\n  plan:\n    enabled: ¦\n---\n');
    assert.deepEqual(await server.completions(file, mode.position), ['true', 'false']);
  });

  it('offers variables, filters, tags and sections inside the template only', async () => {
    const head = '---\nversion: 1\n---\n';
    const ask = async (marked: string) =>
      await server.completions(file, (await open(head + marked, { '.belay/sections/tests.md': 'x' })).position);
    assert.deepEqual(await ask('{{ item.¦ }}'), ['key', 'title', 'kind', 'status', 'priority', 'labels']);
    assert.ok((await ask('{{ ¦ }}')).includes('repository'));
    assert.ok((await ask('{{ item.key | ¦ }}')).includes('upcase'));
    assert.ok((await ask('{% ¦ %}')).includes('if'));
    assert.deepEqual(await ask('{% render "¦" %}'), ['tests']);
    assert.deepEqual(await ask('{{ item.key }} words ¦'), []);
  });

  it('explains keys and variables', async () => {
    const key = await open('---\nversion: 1\nhooks:\n  before¦_run: x\n---\n');
    assert.match(await server.hover(file, key.position), /\*\*before_run\*\*: Before each run/u);
    const variable = await open('---\nversion: 1\n---\n{{ item.ti¦tle }}');
    assert.match(await server.hover(file, variable.position), /one line, in quotes/u);
  });

  it('goes to an included section', async () => {
    const { position } = await open('---\nversion: 1\n---\n{% render "te¦sts" %}', { '.belay/sections/tests.md': 'x' });
    assert.equal(await server.definition(file, position), pathToFileURL(path.join(folder, '.belay/sections/tests.md')).href);
  });

  it('mends an unknown key and a missing version', async () => {
    const { diagnostics } = await open('---\nhook:\n  before_run: x\n---\n');
    const fixes = await server.fixes(file, diagnostics);
    assert.deepEqual(
      fixes.map(({ title, edits }) => [title, edits[0]?.newText, edits[0]?.range.start.line, edits[0]?.range.end.character]),
      [
        ['Change to "hooks"', 'hooks', 1, 4],
        ['Add "version: 1"', 'version: 1\n', 1, 0],
      ],
    );
  });

  it('checks a section in its own editor, and the file again when a section appears', async () => {
    const { diagnostics } = await open('---\nversion: 1\n---\n{% render "tests" %}');
    assert.deepEqual(
      diagnostics.map((entry) => entry.code),
      ['unknown_section'],
    );
    const section = path.join(folder, '.belay/sections/tests.md');
    writeFiles(folder, { '.belay/sections/tests.md': '{{ item.nothing }}' });
    const inSection = await server.show(section);
    assert.deepEqual(
      inSection.map((entry) => [entry.code, entry.range.start]),
      [['unknown_variable', { line: 0, character: 3 }]],
    );
    assert.deepEqual(await server.change(file, '---\nversion: 1\n---\n{% render "tests" %}', 2), []);
  });
});
