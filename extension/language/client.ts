/** The editor's side of the language server: loaded and started when the first workflow file or section is opened. */
import * as path from 'node:path';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { workflowSelector } from './selector.ts';

export interface RunningServer {
  stop(): Promise<void>;
}

export async function startLanguageServer(extensionPath: string): Promise<RunningServer> {
  const program = { module: path.join(extensionPath, 'dist', 'languageServer.mjs'), transport: TransportKind.stdio };
  const client = new LanguageClient(
    'belay.workflow',
    'Belay Workflow',
    { run: program, debug: program },
    { documentSelector: [...workflowSelector], diagnosticCollectionName: 'belay' },
  );
  await client.start();
  return { stop: () => client.stop() };
}
