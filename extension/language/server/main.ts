/** The language server for `WORKFLOW.md` and its sections: a process of its own that reads these files and nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  CodeActionKind,
  CompletionItemKind,
  createConnection,
  DiagnosticSeverity,
  MarkupKind,
  ProposedFeatures,
  Range,
  TextDocuments,
  TextDocumentSyncKind,
  type CodeAction,
  type Diagnostic,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parseWorkflow, type Diagnostic as Problem } from '../../../worker/workflowFile/parse.ts';
import { sectionFolder, workflowFile } from '../../../worker/workflowFile/schema.ts';
import { checkTemplate } from '../../../worker/workflowFile/template.ts';
import { completionsAt, hoverAt, sectionAt, templateChoices, templateHover, type Choice } from './features.ts';

const connection = createConnection(ProposedFeatures.all);
const documents = new TextDocuments(TextDocument);

connection.onInitialize(() => ({
  capabilities: {
    textDocumentSync: TextDocumentSyncKind.Incremental,
    completionProvider: { triggerCharacters: ['.', '|', '"', "'", '{', '%', ' '] },
    hoverProvider: true,
    definitionProvider: true,
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  },
}));

const nameOf = (uri: string): string => (uri.startsWith('file:') ? fileURLToPath(uri) : '');
const isWorkflow = (uri: string): boolean => path.basename(nameOf(uri)) === workflowFile;

/** The folder of the workflow file that a document belongs to. */
function rootOf(uri: string): string {
  const folder = path.dirname(nameOf(uri));
  return isWorkflow(uri) ? folder : path.dirname(path.dirname(folder));
}

/** The sections beside it, as they are in the editor where they are open. */
function sectionsOf(uri: string): Record<string, string> {
  const folder = path.join(rootOf(uri), sectionFolder);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.md'));
  } catch {
    return {};
  }
  return Object.fromEntries(
    names.flatMap((name) => {
      const file = path.join(folder, name);
      try {
        return [[name.slice(0, -3), documents.get(pathToFileURL(file).href)?.getText() ?? readFileSync(file, 'utf8')]];
      } catch {
        return [];
      }
    }),
  );
}

const severities = { error: DiagnosticSeverity.Error, warning: DiagnosticSeverity.Warning, information: DiagnosticSeverity.Information };

function diagnosticsOf(document: TextDocument): Diagnostic[] {
  const { uri } = document;
  const sections = sectionsOf(uri);
  const problems: Omit<Problem, 'file'>[] = isWorkflow(uri)
    ? parseWorkflow(document.getText(), sections).diagnostics.filter((entry) => entry.file === workflowFile)
    : checkTemplate(document.getText(), sections)
        .filter((entry) => entry.section === null)
        .map(({ code, message, line, character, length }) => ({
          severity: 'error',
          code,
          message,
          start: { line, character },
          end: { line, character: character + length },
        }));
  return problems.map(({ severity, code, message, start, end, fix }) => ({
    severity: severities[severity],
    code,
    message,
    source: 'belay',
    range: { start, end },
    ...(fix && { data: fix }),
  }));
}

function check(document: TextDocument): void {
  void connection.sendDiagnostics({ uri: document.uri, version: document.version, diagnostics: diagnosticsOf(document) });
}

documents.onDidChangeContent(({ document }) => {
  check(document);
  // What is wrong with the file may hang on a section, and the other way round.
  for (const other of documents.all()) if (other.uri !== document.uri && rootOf(other.uri) === rootOf(document.uri)) check(other);
});
documents.onDidClose(({ document }) => {
  void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
});

const kinds: Record<Choice['kind'], CompletionItemKind> = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  variable: CompletionItemKind.Variable,
  filter: CompletionItemKind.Function,
  tag: CompletionItemKind.Keyword,
  section: CompletionItemKind.File,
};

connection.onCompletion(({ textDocument, position }) => {
  const document = documents.get(textDocument.uri);
  if (!document) return [];
  const text = document.getText();
  const offset = document.offsetAt(position);
  const sections = Object.keys(sectionsOf(document.uri));
  const choices = isWorkflow(document.uri) ? completionsAt(text, offset, sections) : templateChoices(text.slice(0, offset), sections);
  return choices.map(({ label, kind, detail, insert }) => ({
    label,
    kind: kinds[kind],
    ...(detail !== '' && { documentation: detail }),
    ...(insert !== undefined && { insertText: insert }),
  }));
});

connection.onHover(({ textDocument, position }) => {
  const document = documents.get(textDocument.uri);
  if (!document) return null;
  const offset = document.offsetAt(position);
  const found = isWorkflow(document.uri) ? hoverAt(document.getText(), offset) : templateHover(document.getText(), offset);
  return (
    found && {
      contents: { kind: MarkupKind.Markdown, value: found.text },
      range: { start: document.positionAt(found.start), end: document.positionAt(found.end) },
    }
  );
});

connection.onDefinition(({ textDocument, position }) => {
  const document = documents.get(textDocument.uri);
  const name = document && sectionAt(document.getText(), document.offsetAt(position));
  if (!name || !/^[\w-]+$/u.test(name)) return null;
  const file = path.join(rootOf(textDocument.uri), sectionFolder, `${name}.md`);
  return { uri: pathToFileURL(file).href, range: Range.create(0, 0, 0, 0) };
});

connection.onCodeAction(({ textDocument, context }) =>
  context.diagnostics.flatMap((diagnostic): CodeAction[] => {
    const fix = diagnostic.data as Problem['fix'] | undefined;
    if (!fix) return [];
    // What is added stands before its place; a name that is changed takes the place of the old one.
    const range = diagnostic.code === 'unknown_key' ? diagnostic.range : { start: diagnostic.range.start, end: diagnostic.range.start };
    return [
      {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        isPreferred: true,
        edit: { changes: { [textDocument.uri]: [{ range, newText: fix.text }] } },
      },
    ];
  }),
);

documents.listen(connection);
connection.listen();
