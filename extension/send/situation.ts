/** Looks at where this window runs and what is installed there. */
import * as vscode from 'vscode';
import { installedPrograms, systemOf } from '../../worker/targets/programs.ts';
import type { Application, Environment, Installed } from '../../worker/targets/types.ts';
import { applicationKind } from './applicationKind.ts';

export interface SituationSources {
  /** The PATH of the person's login shell. */
  readonly searchPath: () => Promise<string>;
  readonly localAgents: () => Installed['localAgents'];
}

export function currentEnvironment(): Environment {
  return {
    system: systemOf(process.platform),
    remote: vscode.env.remoteName !== undefined,
    web: vscode.env.uiKind === vscode.UIKind.Web,
    trusted: vscode.workspace.isTrusted,
    folder: (vscode.workspace.workspaceFolders ?? []).some((folder) => folder.uri.scheme === 'file'),
  };
}

export const currentApplication = (): Application => ({ kind: applicationKind(vscode.env.appName), uriScheme: vscode.env.uriScheme });

export async function installedTools(sources: SituationSources): Promise<Installed> {
  const [commands, searchPath] = await Promise.all([vscode.commands.getCommands(true), sources.searchPath()]);
  return {
    programs: installedPrograms(searchPath),
    extensions: new Set(vscode.extensions.all.map((extension) => extension.id.toLowerCase())),
    commands: new Set(commands),
    chat: vscode.workspace.getConfiguration('chat').get('disableAIFeatures') !== true,
    // No editor tells which link schemes have a program.
    schemes: null,
    localAgents: sources.localAgents(),
  };
}
