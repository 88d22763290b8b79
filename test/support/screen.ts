/** A real terminal to type into and to look at, in tmux. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { tempFolder } from './repository.ts';

export class Screen {
  private readonly socket = path.join(tempFolder('t-'), 's');

  constructor(folder: string, environment: Record<string, string>, columns = 100, rows = 30) {
    this.tmux(['-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', folder, 'env PS1="$ " sh'], {
      ...environment,
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
    });
  }

  type(line: string): void {
    this.write(line);
    this.press('Enter');
  }
  /** Without the key that sends it. */
  write(text: string): void {
    this.tmux(['send-keys', '-l', text]);
  }
  /** Such as `C-c`. */
  press(key: string): void {
    this.tmux(['send-keys', key]);
  }
  /** All that was shown so far, lines that were wrapped as one. */
  text(): string {
    return this.tmux(['capture-pane', '-p', '-J', '-S', '-2000']);
  }
  /** What is seen now, with the codes of its colours. */
  colours(): string {
    return this.tmux(['capture-pane', '-p', '-e']);
  }
  close(): void {
    this.tmux(['kill-server']);
  }

  private tmux(args: readonly string[], environment: Record<string, string> = {}): string {
    const env = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', ...environment };
    return execFileSync('tmux', ['-S', this.socket, '-u', ...args], { env, encoding: 'utf8' });
  }
}
