import type { Edit, Omission } from '../omission.ts';

const entry: Edit = {
  file: 'cli/program/commands.ts',
  find: '  edit: {\n',
  replace:
    "  pin: { section: 'Items', summary: 'keep an item on top', load: async () => (await import('../commands/pin.ts')).pin },\n  edit: {\n",
};
const file = (example: string): Edit => ({
  file: 'cli/commands/pin.ts',
  write: `import { command, connected } from '../base/command.ts';

export const pin = command({
  words: [{ name: 'ITEM', says: 'the item' }],
  examples: [${example}],
  json: 'nothing',
  run: connected(() => Promise.resolve(0)),
});
`,
});
const docs: Edit = {
  file: 'docs/cli.md',
  find: '| `belay archive` ',
  replace: '| `belay pin` | keep an item on top |\n| `belay archive` ',
};

export const terminalOmissions: readonly Omission[] = [
  { name: 'a command of the terminal without docs', edits: [entry, file("['pin BUG-1', 'on top']")], says: 'docs/cli.md' },
  { name: 'a command of the terminal without example', edits: [entry, file(''), docs], says: 'cli/commands/pin.ts' },
  { name: 'a command of the terminal without test', edits: [entry, file("['pin BUG-1', 'on top']"), docs], says: 'test/cli' },
  { name: 'a command of the terminal without its file', edits: [entry], says: 'cli/commands' },
];
