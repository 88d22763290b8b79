import { existsSync } from 'node:fs';
import path from 'node:path';
import { workflowJsonSchema } from '../../worker/workflowFile/schema.ts';
import { rooms } from '../../scripts/house.mjs';
import { activityKinds, policyClasses } from '../../protocol/activities.ts';
import { errorStatus } from '../../protocol/errors.ts';
import { workspaceEventTypes } from '../../protocol/events.ts';
import { sessionModes } from '../../protocol/vocabulary.ts';
import { filesOf, manifest, none, root, textOf } from './support.ts';

const pages = filesOf('*.md', 'docs/**/*.md');

describe('the docs', () => {
  const { scripts } = manifest();

  it('name only scripts that there are', () => {
    none(
      pages.flatMap((file) =>
        [...textOf(file).matchAll(/npm run (?:-s )?([a-z][\w:]*)/gu)]
          .filter(([, name = '']) => !(name in scripts))
          .map(([, name = '']) => `${file}: package.json has no script "${name}"`),
      ),
    );
  });

  it('have a line for every script a person starts', () => {
    const text = textOf('CONTRIBUTING.md');
    const inner = /^(?:pre(?!pare)|unit$|test$)/u;
    none(
      Object.keys(scripts)
        .filter((name) => !inner.test(name) && !new RegExp(`npm (?:run (?:-s )?)?${name}\\b`, 'u').test(text))
        .map((name) => `CONTRIBUTING.md: no line for "npm run ${name}"`),
    );
  });

  it('of the architecture name every room', () => {
    const text = textOf('docs/architecture.md');
    none(
      Object.keys(rooms)
        .filter((room) => !new RegExp(`^${room}/ `, 'mu').test(text))
        .map((room) => `docs/architecture.md: no line for ${room}/`),
    );
  });

  it('of the API name every error code, with its status', () => {
    const rows = [...textOf('docs/api.md').matchAll(/^\| (\d{3}) +\|(.*)$/gmu)];
    none(
      Object.entries(errorStatus)
        .filter(([code, status]) => !rows.some(([, at, text = '']) => Number(at) === status && text.includes(`\`${code}\``)))
        .map(([code, status]) => `docs/api.md: no line of status ${status} names \`${code}\``),
    );
  });

  it('of the API name every kind of activity', () => {
    none(
      activityKinds
        .filter((kind) => !textOf('docs/api.md').includes(`\`${kind}\``))
        .map((kind) => `docs/api.md: the activity \`${kind}\` is not described`),
    );
  });

  it('of WORKFLOW.md name every key', () => {
    interface Schema {
      readonly properties?: Readonly<Record<string, Schema>>;
    }
    const keys = (schema: Schema): string[] => Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [key, ...keys(inner)]);
    const text = textOf('docs/workflow.md');
    none(
      keys(workflowJsonSchema as Schema)
        .filter((key) => !(sessionModes as readonly string[]).includes(key) && !new RegExp(`[\`.]${key}[\`.]`, 'u').test(text))
        .map((key) => `docs/workflow.md: the key \`${key}\` is not described (worker/workflowFile/schema.ts)`),
    );
  });

  it('of the policy name every class', () => {
    none(
      policyClasses
        .filter((name) => !textOf('docs/policy.md').includes(`| \`${name}\` `))
        .map((name) => `docs/policy.md: no line for the class \`${name}\``),
    );
  });

  it('of the API name every event of the workspace', () => {
    none(
      workspaceEventTypes
        .filter((type) => !textOf('docs/api.md').includes(`\`${type}\``))
        .map((type) => `docs/api.md: the event \`${type}\` is not described`),
    );
  });

  it('lead nowhere that is not there', () => {
    none(
      pages.flatMap((file) =>
        [...textOf(file).matchAll(/\]\((?!\w+:)([^)#\s]+)(?:#[^)]*)?\)/gu)]
          .filter(([, to = '']) => !existsSync(path.join(root, path.dirname(file), to)))
          .map(([, to = '']) => `${file}: there is no ${to}`),
      ),
    );
  });

  it('of contributing name files that there are', () => {
    none(
      [...textOf('CONTRIBUTING.md').matchAll(/`([\w.-]+(?:\/[\w.-]*)+)`/gu)]
        // What is made here, a fresh clone has not.
        .filter(([, file = '']) => !/NAME|^(?:dist|test-results)\//u.test(file) && !existsSync(path.join(root, file)))
        .map(([, file = '']) => `CONTRIBUTING.md: there is no ${file}`),
    );
  });

  it('of security name every enforcement, and a patch takes each away', () => {
    const patches = filesOf('test/enforcement/patches/*.patch').map((file) => path.basename(file, '.patch'));
    const text = textOf('docs/security.md');
    const namesIn = (rows: string): string[] =>
      [...rows.matchAll(/^\|.*\|(.*)\|$/gmu)].flatMap(([, cell = '']) =>
        [...cell.matchAll(/`([a-z][a-z*-]*[a-z*])`/gu)].map(([, name = '']) => name),
      );
    const [, ofClasses = '', ofGate = ''] = text
      .split(/^\| .*\| patches(?:: `gate-`)? +\|$/mu)
      .map((part) => part.split('\n\n', 1)[0] ?? '');
    const rows = [
      ...namesIn(ofClasses).filter((name) => name !== 'gate-*'),
      ...namesIn(ofGate).map((name) => (patches.includes(name) ? name : `gate-${name}`)),
    ];
    const fits = (name: string, patch: string): boolean => (name.endsWith('*') ? patch.startsWith(name.slice(0, -1)) : patch === name);
    none([
      ...rows
        .filter((name) => !patches.some((patch) => fits(name, patch)))
        .map((name) => `docs/security.md: no patch in test/enforcement/patches fits \`${name}\``),
      ...patches
        .filter((patch) => !rows.some((name) => fits(name, patch)))
        .map((patch) => `docs/security.md: no line of a table names \`${patch}\``),
    ]);
  });
});
