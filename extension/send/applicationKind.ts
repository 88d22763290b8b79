import type { Application } from '../../worker/targets/types.ts';

/** Which editor this is, by the name it gives itself. */
export function applicationKind(appName: string): Application['kind'] {
  const name = appName.toLowerCase();
  if (name.includes('cursor')) return 'cursor';
  if (name.includes('windsurf')) return 'windsurf';
  return name.includes('visual studio code') || name.includes('code-server') ? 'vscode' : 'other';
}
