import type { PlatformLink } from '../platformLink.ts';
import type { LocalWorker } from './localWorker.ts';
import { diagnose, diagnosisText } from '../../worker/agents/diagnosis.ts';
import * as path from 'node:path';
import * as vscode from 'vscode';

/** What was found on this machine and what to do about the rest, as Markdown. */
export async function doctorReport(link: PlatformLink, worker: LocalWorker): Promise<string> {
  const diagnosis = await diagnose({
    path: await worker.pathOfShell(),
    practiceAgentBundle: path.join(link.extensionPath, 'dist', 'practiceAgent.mjs'),
  });
  const platform = await link.connect().then(
    ({ about }) => vscode.l10n.t('Platform {0}, process {1}, data in {2}.', about.version, about.pid, link.stateDir),
    (error: unknown) => vscode.l10n.t('No platform: {0}', error instanceof Error ? error.message : String(error)),
  );
  return `# Belay: Doctor\n\n${platform}\n\n${diagnosisText(diagnosis)}`;
}
