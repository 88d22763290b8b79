import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from '../../cli/base/command.ts';
import { commands } from '../../cli/program/commands.ts';

const root = path.resolve(import.meta.dirname, '../..');
const docs = readFileSync(path.join(root, 'docs/cli.md'), 'utf8');

interface Found {
  /** As it is typed after `belay`. */
  readonly name: string;
  readonly file: string;
  readonly command: Command;
}

async function all(): Promise<Found[]> {
  const found: Found[] = [];
  for (const [name, { load }] of Object.entries(commands)) {
    const loaded = await load();
    const file = `cli/commands/${name}.ts`;
    if ('commands' in loaded)
      for (const [inner, command] of Object.entries(loaded.commands)) found.push({ name: `${name} ${inner}`, file, command });
    else found.push({ name, file, command: loaded });
  }
  return found;
}

describe('every command', () => {
  let found: Found[];
  before(async () => {
    found = await all();
    assert.ok(found.length > 20);
  });
  const none = (missing: readonly string[]) => {
    assert.deepEqual(missing, [], missing.join('\n'));
  };

  it('stands in the file of its name', () => {
    none(found.filter(({ file }) => !readFileSync(path.join(root, file), 'utf8')).map(({ file }) => `${file} is missing`));
  });

  it('has a line in the docs', () => {
    none(found.filter(({ name }) => !docs.includes(`| \`belay ${name}\``)).map(({ name }) => `docs/cli.md: no line for "belay ${name}"`));
  });

  it('has examples of its own, with options that it has', () => {
    none(
      found.flatMap(({ name, file, command: { examples, options = {} } }) => [
        ...((examples as readonly unknown[]).length === 0 ? [`${file}: "${name}" has no example`] : []),
        ...examples.flatMap(([line]) => [
          ...(`${line} `.startsWith(`${name} `) ? [] : [`${file}: the example "${line}" is not one of "${name}"`]),
          ...[...(line.split(' -- ')[0] ?? '').matchAll(/(?:^|\s)--([a-z-]+)/gu)]
            .map(([, option = '']) => option)
            .filter((option) => option !== 'json' && !Object.hasOwn(options, option))
            .map((option) => `${file}: the example "${line}" has an option --${option}, which "${name}" does not take`),
        ]),
      ]),
    );
  });

  it('says of each word and option what it is', () => {
    none(
      found.flatMap(({ name, file, command: { words = [], options = {} } }) =>
        [...words.map((word) => [word.name, word.says]), ...Object.entries(options).map(([option, { says }]) => [option, says])]
          .filter(([, says]) => !says)
          .map(([what]) => `${file}: "${name}" says nothing of ${what ?? ''}`),
      ),
    );
  });

  it('has a shape of its JSON that the docs describe', () => {
    none(
      found.flatMap(({ name, file, command: { json } }) => {
        const shapes = [...json.replaceAll(/\{[^}]*\}/gu, '').matchAll(/\b[A-Z][A-Za-z]+\b/gu)].map(([shape]) => shape);
        const unknown = shapes.filter((shape) => shape !== shape.toUpperCase() && !docs.includes(`| **${shape}**`));
        return [
          ...(shapes.length === 0 && !/\{|nothing/u.test(json) ? [`${file}: the JSON of "${name}" has no shape`] : []),
          ...unknown.map((shape) => `docs/cli.md: the shape ${shape} of "belay ${name}" is not described`),
        ];
      }),
    );
  });
});
