import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { ChangesEditor } from '../../../extension/review/changesEditor.ts';
import { ReviewFlow } from '../../../extension/review/reviewFlow.ts';
import { isBelayError } from '../../../protocol/errors.ts';
import type { ReviewContext } from '../../../worker/review/review.ts';
import { acceptResult } from '../../../worker/workspace/accept.ts';
import { aResult, aResultFile } from '../../builders/result.ts';
import { aSession } from '../../builders/session.ts';
import { git, makeRepository, removeTempFolders, writeFiles } from '../../support/repository.ts';

const emptyNotebook = JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 });

describe('a decision about files that are being written', () => {
  let scratch: string;
  let repo: string;
  let flow: ReviewFlow;
  const file = (name: string, folder = repo) => vscode.Uri.file(path.join(folder, name));
  const type = async (uri: vscode.Uri) => {
    await vscode.window.showTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(0, 0), 'Mine. ');
    await vscode.workspace.applyEdit(edit);
  };
  const revert = () => vscode.commands.executeCommand('workbench.action.files.revert');

  /** An accepted result: two files are added and one is changed. */
  beforeEach(async () => {
    scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'belay-review-')));
    repo = makeRepository({ 'old.txt': 'old\n', 'other.txt': 'other\n' });
    const base = git(repo, 'rev-parse', 'HEAD');
    writeFiles(repo, { 'old.txt': 'newer\n', 'new.txt': 'new\n', 'new.ipynb': emptyNotebook });
    git(repo, 'add', '-A');
    git(repo, 'commit', '-qm', 'result');
    const head = git(repo, 'rev-parse', 'HEAD');
    git(repo, 'reset', '-q', '--hard', base);
    const session = aSession({
      itemId: null,
      itemKey: null,
      title: 'Result',
      state: 'complete',
      fence: 1,
      review: 'accepted',
      result: aResult({
        baseCommit: base,
        headCommit: head,
        files: ['old.txt', 'new.txt', 'new.ipynb'].map((name) => aResultFile(name)),
      }),
      can: ['accept', 'undo'],
    });
    const stateDir = path.join(scratch, 'state');
    await acceptResult({
      recordsDir: path.join(stateDir, 'accepts'),
      repositoryPath: repo,
      lineDir: path.join(stateDir, 'lines', 'ses_1'),
      sessionId: 'ses_1',
      baseCommit: base,
      headCommit: head,
      leaveOut: [],
    });
    const api = { getSession: () => Promise.resolve(session), addReview: () => Promise.resolve({}) };
    const context = { api, stateDir, folderOf: () => Promise.resolve(repo) } as unknown as ReviewContext;
    flow = new ReviewFlow(() => Promise.resolve(context), {} as ChangesEditor);
  });
  afterEach(async () => {
    await revert();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    removeTempFolders();
    rmSync(scratch, { recursive: true, force: true });
  });
  const isRefused = (error: unknown) =>
    isBelayError(error, 'conflict') && /unsaved changes: (?:old\.txt|new\.txt|new\.ipynb)\. /u.test(error.message);

  it('takes nothing back from under an editor that was not saved, and does once it was', async () => {
    await type(file('new.txt'));
    await assert.rejects(flow.undo('ses_1'), isRefused);
    assert.equal(readFileSync(path.join(repo, 'new.txt'), 'utf8'), 'new\n');
    await revert();
    await flow.undo('ses_1');
    assert.equal(existsSync(path.join(repo, 'new.txt')), false);
    assert.equal(readFileSync(path.join(repo, 'old.txt'), 'utf8'), 'old\n');
  });

  it('knows a file also by the way of a link', async () => {
    const link = path.join(scratch, 'link');
    symlinkSync(repo, link);
    await type(file('old.txt', link));
    await assert.rejects(flow.undo('ses_1'), isRefused);
    await assert.rejects(flow.accept('ses_1', []), isRefused);
  });

  it('is not held up by a file that it does not write', async () => {
    await type(file('other.txt'));
    await flow.undo('ses_1');
    assert.equal(existsSync(path.join(repo, 'new.txt')), false);
  });

  it('waits for a notebook as for a text', async () => {
    const document = await vscode.workspace.openNotebookDocument(file('new.ipynb'));
    await vscode.window.showNotebookDocument(document);
    const edit = new vscode.WorkspaceEdit();
    const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, 'Mine.', 'markdown');
    edit.set(document.uri, [vscode.NotebookEdit.insertCells(0, [cell])]);
    await vscode.workspace.applyEdit(edit);
    await assert.rejects(flow.undo('ses_1'), isRefused);
  });
});
