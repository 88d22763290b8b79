import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { knownAgents } from '../../../../worker/agents/known.ts';
import { driverNames, driverOf } from '../../../../worker/agents/registry.ts';

const worker = path.resolve(import.meta.dirname, '../../../../worker');
const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));

describe('the registry of drivers', () => {
  it('has the driver of every agent that Belay knows, and says which there are where a name is wrong', () => {
    assert.ok(knownAgents.length > 0);
    for (const { driver } of knownAgents) assert.equal(typeof driverOf(driver).open, 'function');
    for (const name of ['acpp', 'toString', '__proto__', ''])
      assert.throws(
        () => driverOf(name),
        (error: { code?: string; hint?: string }) => error.code === 'bad_request' && /acp, codex, command/u.test(error.hint ?? ''),
      );
  });

  it('lists each file of an agent that Belay knows', () => {
    const files = readdirSync(path.join(worker, 'agents/known')).filter((name) => name !== 'entry.ts');
    assert.equal(files.length, knownAgents.length, 'worker/agents/known.ts');
  });

  it('is offered whole by the settings of the editor', () => {
    const manifest = JSON.parse(readFileSync(path.join(worker, '../package.json'), 'utf8')) as {
      contributes: { configuration: { properties: Record<string, unknown> }[] | { properties: Record<string, unknown> } };
    };
    const settings = [manifest.contributes.configuration].flat().map(({ properties }) => properties['belay.worker.agents']);
    const { driver } = (settings.find(Boolean) as { additionalProperties: { properties: Record<string, { enum?: string[] }> } })
      .additionalProperties.properties;
    assert.deepEqual(driver?.enum, driverNames, 'package.json');
  });

  it('is the one place that knows drivers by name: nothing of the worker decides by one', () => {
    const decides = /\bdriver\b\s*[!=]==\s*['"]|['"]\s*[!=]==\s*[\w.]+\.driver\b|switch \([^)]*\bdriver\)/u;
    assert.deepEqual(
      sources(worker).filter((file) => decides.test(readFileSync(file, 'utf8'))),
      [],
    );
  });
});
