/** Looks at where this window runs and what is installed there. */
import * as vscode from 'vscode';
import { which } from '../../worker/agents/discovery.ts';
import type { Application, Environment, Installed } from '../../worker/targets/types.ts';

const programs = ['codex', 'claude', 'cursor', 'cursor-agent', 'windsurf', 'opencode'];

export interface SituationSources {
  /** The PATH of the person's login shell. */
  readonly searchPath: () => Promise<string>;
  readonly localAgents: () => Installed['localAgents'];
}

export function environment(): Environment {
  return {
    system: process.platform === 'darwin' ? 'macos' : process.platform === 'win32' ? 'windows' : 'linux',
    remote: vscode.env.remoteName !== undefined,
    web: vscode.env.uiKind === vscode.UIKind.Web,
    trusted: vscode.workspace.isTrusted,
    folder: (vscode.workspace.workspaceFolders ?? []).some((folder) => folder.uri.scheme === 'file'),
  };
}

export function application(): Application {
  const name = vscode.env.appName.toLowerCase();
  const kind = name.includes('cursor')
    ? 'cursor'
    : name.includes('windsurf')
      ? 'windsurf'
      : name.includes('visual studio code') || name.includes('code-server')
        ? 'vscode'
        : 'other';
  return { kind, uriScheme: vscode.env.uriScheme };
}

export async function installed(sources: SituationSources): Promise<Installed> {
  const [commands, searchPath] = await Promise.all([vscode.commands.getCommands(true), sources.searchPath()]);
  return {
    programs: new Set(programs.filter((name) => which(name, searchPath) !== null)),
    extensions: new Set(vscode.extensions.all.map((extension) => extension.id.toLowerCase())),
    commands: new Set(commands),
    // No editor tells which link schemes have a program.
    schemes: null,
    localAgents: sources.localAgents(),
  };
}
