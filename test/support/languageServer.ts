/** The language server as it ships, spoken to over its standard streams as an editor does. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import protocol, { type Diagnostic, type Position, type ProtocolConnection } from 'vscode-languageserver/node';
import { fileOf, ready } from './programs.ts';

export class LanguageServer {
  readonly #connection: ProtocolConnection;
  readonly #waiting = new Map<string, (diagnostics: Diagnostic[]) => void>();
  readonly #end: () => void;

  private constructor(connection: ProtocolConnection, end: () => void) {
    this.#connection = connection;
    this.#end = end;
    connection.onNotification(protocol.PublishDiagnosticsNotification.type, ({ uri, version, diagnostics }) => {
      this.#waiting.get(`${uri} ${version ?? 0}`)?.(diagnostics);
    });
    connection.listen();
  }

  static async open(folder: string): Promise<LanguageServer> {
    await ready('languageServer');
    const child = spawn(process.execPath, [fileOf('languageServer'), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const server = new LanguageServer(protocol.createProtocolConnection(child.stdout, child.stdin), () => child.kill());
    await server.#connection.sendRequest(protocol.InitializeRequest.type, {
      processId: process.pid,
      rootUri: pathToFileURL(folder).href,
      capabilities: {},
    });
    await server.#connection.sendNotification(protocol.InitializedNotification.type, {});
    return server;
  }

  close(): void {
    this.#connection.dispose();
    this.#end();
  }

  /** Opens a document as an editor with this text; its diagnostics come back. */
  async show(file: string, text = readFileSync(file, 'utf8'), version = 1): Promise<Diagnostic[]> {
    const uri = pathToFileURL(file).href;
    const found = this.#diagnostics(uri, version);
    await this.#connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'markdown', version, text },
    });
    return await found;
  }

  async change(file: string, text: string, version: number): Promise<Diagnostic[]> {
    const uri = pathToFileURL(file).href;
    const found = this.#diagnostics(uri, version);
    await this.#connection.sendNotification(protocol.DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges: [{ text }],
    });
    return await found;
  }

  #diagnostics(uri: string, version: number): Promise<Diagnostic[]> {
    return new Promise((resolve) => this.#waiting.set(`${uri} ${version}`, resolve));
  }

  async completions(file: string, position: Position): Promise<string[]> {
    const found = await this.#connection.sendRequest(protocol.CompletionRequest.type, at(file, position));
    return (Array.isArray(found) ? found : (found?.items ?? [])).map((entry) => entry.label);
  }

  async hover(file: string, position: Position): Promise<string> {
    const found = await this.#connection.sendRequest(protocol.HoverRequest.type, at(file, position));
    return found && typeof found.contents === 'object' && 'value' in found.contents ? found.contents.value : '';
  }

  async definition(file: string, position: Position): Promise<string | null> {
    const found = await this.#connection.sendRequest(protocol.DefinitionRequest.type, at(file, position));
    return found && 'uri' in found ? String(found.uri) : null;
  }

  async fixes(file: string, diagnostics: Diagnostic[]) {
    const range = diagnostics[0]?.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    const uri = pathToFileURL(file).href;
    const found = await this.#connection.sendRequest(protocol.CodeActionRequest.type, {
      textDocument: { uri },
      range,
      context: { diagnostics },
    });
    return (found ?? []).flatMap((action) => ('edit' in action ? [{ title: action.title, edits: action.edit?.changes?.[uri] ?? [] }] : []));
  }
}

const at = (file: string, position: Position) => ({ textDocument: { uri: pathToFileURL(file).href }, position });
