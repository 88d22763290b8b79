import type { Edit, Omission } from '../omission.ts';

const pinItem: Edit = {
  file: 'protocol/panel.ts',
  find: '  showSourceControl: { params',
  replace: '  pinItem: { params: itemKey, reply: done },\n  showSourceControl: { params',
};
const helpPage: Edit = {
  file: 'protocol/panelPages.ts',
  find: '  queue: { address: {}, snapshot: QueuePage },\n',
  replace: '  queue: { address: {}, snapshot: QueuePage },\n  help: { address: {}, snapshot: null },\n',
};
const labelChanged: Edit = {
  file: 'protocol/events.ts',
  find: "  'agent.changed',\n",
  replace: "  'agent.changed',\n  'label.changed',\n",
};

export const panelOmissions: readonly Omission[] = [
  { name: 'a page message without handler', by: 'types', edits: [pinItem], says: 'extension/panel/actions.ts' },
  {
    name: 'a page message that no page sends',
    edits: [
      pinItem,
      {
        file: 'extension/panel/actions.ts',
        find: '    showSourceControl: async',
        replace: '    pinItem: () => Promise.resolve(done),\n    showSourceControl: async',
      },
    ],
    says: 'protocol/panel.ts',
  },
  { name: 'a page that the host does not build', by: 'types', edits: [helpPage], says: 'extension/panel/pageRegistry.ts' },
  {
    name: 'a page that is not drawn',
    edits: [
      helpPage,
      { file: 'extension/panel/pageRegistry.ts', find: '  queue: queuePage,\n', replace: '  queue: queuePage,\n  help: workPage,\n' },
    ],
    says: 'webview/pageRegistry.ts',
  },
  { name: 'a page that is no tab', by: 'types', edits: [helpPage], says: 'webview/pages/page.ts' },
  { name: 'a page without sample data for its tests', by: 'types', edits: [helpPage], says: 'test/webview/language.test.ts' },
  { name: 'an event that concerns no page', edits: [labelChanged], says: 'extension/panel/pages' },
  {
    name: 'an event that the platform never tells',
    edits: [labelChanged, { file: 'extension/panel/pages/queue.ts', find: "'agent.changed'", replace: "'agent.changed', 'label.changed'" }],
    says: 'protocol/events.ts',
  },
  { name: 'an event without docs', edits: [labelChanged], says: 'docs/api.md' },
  {
    name: 'a style sheet that is not loaded',
    edits: [{ file: 'webview/main.ts', find: "import './parts/empty.css';\n", replace: '' }],
    says: 'webview/main.ts',
  },
  {
    name: 'an element whose file is not loaded',
    edits: [{ file: 'webview/main.ts', find: "import './parts/elapsed.ts';\n", replace: '' }],
    says: 'webview/main.ts',
  },
  {
    name: 'a part without styles',
    edits: [{ file: 'webview/parts/itemLine.ts', find: 'class="row-text"', replace: 'class="row-texts"' }],
    says: 'webview/parts/itemLine.ts',
  },
  {
    name: 'styles that nothing has',
    edits: [{ file: 'webview/parts/empty.css', find: '.empty-title {', replace: '.empty-hint {\n  margin: 0;\n}\n\n.empty-title {' }],
    says: 'webview/parts/empty.css',
  },
];
