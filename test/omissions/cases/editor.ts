import type { Edit, Omission } from '../omission.ts';

const about = '        "command": "belay.showLog",\n        "title"';
const entry: Edit = {
  file: 'package.json',
  find: about,
  replace:
    '        "command": "belay.showHelp",\n        "title": "%command.showHelp%",\n        "category": "Belay"\n      },\n      {\n' +
    about,
};
const title: Edit = {
  file: 'package.nls.json',
  find: '  "command.showLog"',
  replace: '  "command.showHelp": "Show Help",\n  "command.showLog"',
};
const handler: Edit = {
  file: 'extension/commands.ts',
  find: '  exportData: (parts)',
  replace: '  showHelp: ({ log }) => log.show(),\n  exportData: (parts)',
};

const setting = (scope: string): Edit => ({
  file: 'package.json',
  find: '        "belay.notifications": {\n',
  replace: `        "belay.quiet": {\n          "type": "boolean",\n          "default": false,\n          "scope": "${scope}",\n          "order": 29,\n          "markdownDescription": "%config.quiet%"\n        },\n        "belay.notifications": {\n`,
});
const description: Edit = {
  file: 'package.nls.json',
  find: '  "config.notifications"',
  replace: '  "config.quiet": "Say less.",\n  "config.notifications"',
};
const read: Edit = {
  file: 'extension/base/settings.ts',
  find: "    notifications: read('notifications', z.boolean(), true)",
  replace: "    notifications: read('notifications', z.boolean(), true) && !read('quiet', z.boolean(), false)",
};

export const editorOmissions: readonly Omission[] = [
  {
    name: 'a text of the page without translation',
    edits: [{ file: 'webview/pages/queue.ts', find: "${t('Nothing queued')}", replace: 'Nothing queued' }],
    says: 'webview/pages/queue.ts',
  },
  {
    name: 'a label of the page without translation',
    edits: [{ file: 'webview/pages/audit.ts', find: "aria-label=${t('Find entries')}", replace: 'aria-label="Find entries"' }],
    says: 'webview/pages/audit.ts',
  },
  {
    name: 'a message of the editor without translation',
    edits: [{ file: 'extension/commands.ts', find: "vscode.l10n.t('There are no items yet.')", replace: "'There are no items yet.'" }],
    says: 'extension/commands.ts',
  },
  {
    name: 'a text that is not in the language file',
    edits: [{ file: 'webview/pages/queue.ts', find: "t('Nothing queued')", replace: "t('The queue is empty')" }],
    says: 'l10n/bundle.l10n.json',
  },
  {
    name: 'words that translators do not get',
    edits: [{ file: 'webview/pages/queue.ts', find: 't(look.word)', replace: 't(workerLooks[worker.state].icon)' }],
    says: 'webview/pages/queue.ts',
  },
  { name: 'a command without title', edits: [entry, handler], says: 'package.nls.json' },
  { name: 'a command without docs', edits: [entry, title, handler], says: 'docs/editor.md' },
  { name: 'a command without anything behind it', edits: [entry, title], says: 'extension/commands.ts' },
  { name: 'a handler without command', edits: [handler], says: 'package.json' },
  { name: 'a setting without docs', edits: [setting('machine'), description, read], says: 'docs/editor.md' },
  { name: 'a setting without description', edits: [setting('machine'), read], says: 'package.nls.json' },
  { name: 'a setting that nobody reads', edits: [setting('machine'), description], says: 'extension/base/settings.ts' },
  { name: 'a setting that a workspace may choose', edits: [setting('window'), description, read], says: 'package.json' },
];
