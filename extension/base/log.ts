import * as vscode from 'vscode';
import { isBelayError, messageOf } from '../../protocol/errors.ts';

/** One output channel. Never given prompts, tokens or file contents. */
export interface Log extends vscode.Disposable {
  info(text: string): void;
  warn(text: string): void;
  error(text: string, error?: unknown): void;
  show(): void;
}

export function createLog(): Log {
  let channel: vscode.LogOutputChannel | undefined;
  const open = () => (channel ??= vscode.window.createOutputChannel('Belay', { log: true }));
  return {
    info: (text) => {
      open().info(text);
    },
    warn: (text) => {
      open().warn(text);
    },
    error: (text, error) => {
      open().error(error === undefined ? text : `${text}: ${isBelayError(error) ? `${error.code}: ` : ''}${messageOf(error)}`);
    },
    show: () => {
      open().show();
    },
    dispose: () => channel?.dispose(),
  };
}
