import type { Omission } from '../omission.ts';

export const treeOmissions: readonly Omission[] = [
  {
    name: 'an enforcement without patch',
    edits: [{ file: 'docs/security.md', find: '`step-*`', replace: '`step-*`, `shredding-*`' }],
    says: 'docs/security.md',
  },
  {
    name: 'a patch of an enforcement that the docs do not name',
    edits: [
      {
        file: 'test/enforcement/patches/shredding-off.patch',
        write: 'Files are not shredded.\nTest: test/unit/worker/run/sink.test.ts\nTitle: x\n',
      },
    ],
    says: 'docs/security.md',
  },
  {
    name: 'a decision without a line in the index',
    edits: [{ file: 'docs/decisions/0099-shredding.md', write: '# Shredding\n\nAccepted, 2026-11-01.\n' }],
    says: 'docs/decisions/README.md',
  },
  { name: 'a room without arrows', edits: [{ file: 'insight/count.ts', write: 'export const count = 1;\n' }], says: 'scripts/house.mjs' },
  {
    name: 'a folder of the worker without floor',
    edits: [{ file: 'worker/figures/count.ts', write: 'export const count = 1;\n' }],
    says: 'scripts/house.mjs',
  },
  {
    name: 'a room that the docs do not name',
    edits: [{ file: 'scripts/house.mjs', find: '  webview: [', replace: '  insight: [],\n  webview: [' }],
    says: 'docs/architecture.md',
  },
  {
    name: 'a script that the docs name and that is gone',
    edits: [{ file: 'package.json', find: '"bench:language":', replace: '"bench:words":' }],
    says: 'CONTRIBUTING.md',
  },
  {
    name: 'a script without docs',
    edits: [
      {
        file: 'package.json',
        find: '    "bench:language":',
        replace: '    "bench:words": "node scripts/node.mjs test/bench/language.ts",\n    "bench:language":',
      },
    ],
    says: 'CONTRIBUTING.md',
  },
  {
    name: 'a script whose file is gone',
    edits: [{ file: 'package.json', find: 'scripts/node.mjs test/bench/language.ts', replace: 'scripts/node.mjs test/bench/words.ts' }],
    says: 'package.json',
  },
  {
    name: 'a test that npm test does not run',
    edits: [{ file: 'test/insight/count.test.ts', write: "it('counts', () => undefined);\n" }],
    says: 'scripts/test.ts',
  },
  {
    name: 'a page of the docs that is gone',
    edits: [{ file: 'README.md', find: '(docs/scale.md)', replace: '(docs/team.md)' }],
    says: 'README.md',
  },
  {
    name: 'a package without exact version',
    edits: [{ file: 'package.json', find: '"zod": "', replace: '"zod": "^' }],
    says: 'package.json',
  },
];
