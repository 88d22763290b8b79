import assert from 'node:assert/strict';
import { nearest, parseWorkflow } from '../../../../../worker/workflow/file/parse.ts';
import { starterWorkflow } from '../../../../../worker/workflow/file/starter.ts';
import { renderBody, type TemplateValues } from '../../../../../worker/workflow/file/template.ts';
import { removeTempFolders, tempFolder } from '../../../../support/repository.ts';

const file = (head: string, body = 'Do it.'): string => `---\n${head}\n---\n${body}`;
const said = (text: string, sections = {}): string[] =>
  parseWorkflow(text, sections).diagnostics.map(({ severity, code, place }) => `${severity} ${code} ${place.line}:${place.column}`);
const values: TemplateValues = {
  item: { key: 'BUG-7', kind: 'bug', status: 'open', priority: 'high', labels: ['area/web'] },
  session: { id: 's', mode: 'fix' },
  attempt: 2,
  repository: { name: 'app', default_branch: 'main' },
};

describe('a workflow file', () => {
  after(removeTempFolders);

  it('is read with its defaults', () => {
    const { workflow, diagnostics } = parseWorkflow(file('version: 1\npolicy: [{class: run, decision: deny, match: ["git push *"]}]'), {});
    assert.deepEqual(diagnostics, []);
    assert.equal(workflow?.head.hooks.timeout_ms, 60_000);
    assert.equal(workflow?.head.policy.length, 1);
    assert.equal(workflow?.body, 'Do it.');
  });

  it('is told what is wrong, each at its place', () => {
    assert.deepEqual(said('Do it.'), ['error missing_version 1:1']);
    assert.deepEqual(said(file('hooks: {}')), ['error missing_version 2:1']);
    assert.deepEqual(said(file('version: 2')), ['error invalid_value 2:10']);
    assert.deepEqual(said(file('version: 1\nversion: 1')), ['error workflow_parse_error 3:1']);
    assert.deepEqual(said(file('- a')), ['error front_matter_not_a_map 2:1']);
    assert.deepEqual(said(file('version: 1\nlimits:\n  stall_timeout_ms: soon')), ['error invalid_value 4:21']);
    assert.deepEqual(said(file('version: 1\nsecrets: [lower]')), ['error invalid_value 3:11']);
    assert.deepEqual(said(file('version: 1', '\nHi {{ item.nope }}')), ['error template_render_error 5:7']);
    assert.deepEqual(said(file('version: 1', '{{ item.key | shout }}')), ['error template_parse_error 4:1']);
    assert.deepEqual(said(file('version: 1', '{% if %}')), ['error template_parse_error 4:1']);
    assert.deepEqual(said(file('version: 1', '{% render "gone" %}')), ['error template_render_error 4:1']);
  });

  it('with keys that mean nothing still works, and they are named', () => {
    const { workflow, diagnostics } = parseWorkflow(file('version: 1\nhook: {}\nlimits: { stall_timeout: 5 }'), {});
    assert.ok(workflow);
    assert.deepEqual(
      diagnostics.map((entry) => [entry.severity, entry.code, entry.suggestion]),
      [
        ['warning', 'unknown_key', 'hooks'],
        ['warning', 'unknown_key', 'stall_timeout_ms'],
      ],
    );
    assert.equal(nearest('polcy', ['policy', 'hooks']), 'policy');
    assert.equal(nearest('tracker', ['policy', 'hooks']), null);
  });

  it('of Symphony works with its version added, with a word on what is elsewhere here', () => {
    const symphony = [
      'tracker: { kind: linear, active_states: [Todo] }',
      'polling: { interval_ms: 30000 }',
      'workspace: { root: ~/code }',
      'hooks:',
      '  after_create: git log -1',
      '  before_remove: rm -rf x',
      '  timeout_ms: 60000',
      'agent: { max_concurrent_agents: 10 }',
      'codex: { command: codex app-server }',
    ].join('\n');
    const body =
      'You work on {{ issue.identifier }}: {{ issue.title }}.\n{% if attempt > 1 %}Attempt {{ attempt }}.{% endif %}\n{{ issue.description }}';
    assert.deepEqual(said(file(symphony, body)).at(-1), 'error missing_version 2:1');
    const { workflow, diagnostics } = parseWorkflow(file(`version: 1\n${symphony}`, body), {});
    assert.equal(workflow?.head.hooks.after_create, 'git log -1');
    assert.deepEqual([...new Set(diagnostics.map((entry) => `${entry.severity} ${entry.code}`))], ['information symphony_key']);
    assert.equal(diagnostics.length, 6);
  });

  it('renders what a session is, and nothing that people wrote into its item', () => {
    const body = '{{ item.key }} {{ mode }} {{ item.labels | join: "," }} {{ issue.title }}{% render "rules" %}';
    assert.equal(renderBody(body, { rules: '!' }, values), 'BUG-7 fix area/web (the title stands in the context below)!');
    assert.throws(() => renderBody('{{ item.constructor }}', {}, values));
    assert.throws(() => renderBody('{{ process.env }}', {}, values));
  });

  it('that never ends to render is ended', () => {
    assert.throws(() => renderBody('{% for a in (1..100000000) %}x{% endfor %}', {}, values));
  });

  it('can be started from one that is fine', () => {
    const { workflow, diagnostics } = parseWorkflow(starterWorkflow(tempFolder()), {});
    assert.deepEqual(diagnostics, []);
    assert.match(renderBody(workflow?.body ?? '', {}, values), /^You work on BUG-7, a bug of priority high, in app\./u);
  });
});
