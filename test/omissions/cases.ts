import { panelOmissions } from './cases/panel.ts';
import { editorOmissions } from './cases/editor.ts';
import { platformOmissions } from './cases/platform.ts';
import { protocolOmissions } from './cases/protocol.ts';
import { terminalOmissions } from './cases/terminal.ts';
import { treeOmissions } from './cases/tree.ts';
import { workerOmissions } from './cases/worker.ts';
import type { Omission } from './omission.ts';

export const omissions: readonly Omission[] = [
  ...panelOmissions,
  ...editorOmissions,
  ...platformOmissions,
  ...protocolOmissions,
  ...terminalOmissions,
  ...treeOmissions,
  ...workerOmissions,
];
