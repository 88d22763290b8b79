/** The terminal of an in-editor task: shows its session as it runs, takes lines for the agent, ends as the session ends. */
import * as vscode from 'vscode';
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import type { Input, Session } from '../../protocol/records.ts';
import { isFinal } from '../../protocol/states.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { terminalText } from '../../worker/base/encode.ts';
import { questionLines, replyOf } from '../../worker/targets/question.ts';
import { withoutLinks } from '../base/plainWords.ts';
import { fileCount } from '../base/words.ts';
import { activityLines } from '../../client/activityLines.ts';
import type { Connection } from '../../client/connection.ts';

export interface TerminalParts {
  readonly connect: () => Promise<Connection>;
  /** Makes the session if the task brought none, and claims it by name. Resolves once it is claimed. */
  readonly start: () => Promise<Session>;
}

const dim = (text: string) => `\u001b[2m${text}\u001b[0m`;
const bold = (text: string) => `\u001b[1m${text}\u001b[0m`;
const red = (text: string) => `\u001b[31m${text}\u001b[0m`;

/** Text of agents and items, with the line breaks of a terminal. */
function safe(text: string): string {
  return terminalText(text).replaceAll('\n', '\r\n');
}

function howToAnswer({ options, acceptsText }: Input): string {
  if (options.length === 0) return vscode.l10n.t('Type your answer and press Enter.');
  return acceptsText
    ? vscode.l10n.t('Type a number or your answer, and press Enter.')
    : vscode.l10n.t('Type the number of your answer and press Enter.');
}

export class SessionTerminal implements vscode.Pseudoterminal {
  private readonly writes = new vscode.EventEmitter<string>();
  private readonly closes = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.writes.event;
  readonly onDidClose = this.closes.event;
  private readonly stream = new AbortController();
  private session: Session | undefined;
  private line = '';
  /** What the agent asks and nobody has answered yet. The first one gets the line that is typed. */
  private questions: Input[] = [];
  private ended = false;
  private retry: NodeJS.Timeout | undefined;
  private readonly parts: TerminalParts;

  constructor(parts: TerminalParts) {
    this.parts = parts;
  }

  open(): void {
    this.run().catch((error: unknown) => {
      this.print(red(safe(messageOf(error))));
      this.end(1);
    });
  }

  close(): void {
    this.stream.abort();
    if (!this.ended && this.session) void this.askStopOrKeep(this.session);
  }

  handleInput(data: string): void {
    // Arrow keys and the like are no text; a pasted text stands between marks and is taken as one piece.
    const pasted = /^\u001b\[200~([\s\S]*)\u001b\[201~$/u.exec(data)?.[1];
    if (pasted !== undefined) {
      this.type(pasted.replaceAll(/\s*[\r\n]+\s*/gu, ' '));
      return;
    }
    if (data.startsWith('\u001b')) return;
    for (const char of data) {
      if (char === '\r') void this.submit();
      else if (char === '\u0003') void this.stop();
      else if (char === '\u007f') this.deleteLast();
      else this.type(char);
    }
  }

  private type(text: string): void {
    const clean = safe(text);
    this.line += clean;
    this.writes.fire(clean);
  }

  private deleteLast(): void {
    const chars = [...this.line];
    if (chars.pop() === undefined) return;
    this.line = chars.join('');
    this.writes.fire('\b \b');
  }

  private async run(): Promise<void> {
    const session = await this.parts.start();
    this.session = session;
    this.print(bold(safe(oneLine(`${session.itemKey ?? ''} ${session.title}`))));
    this.print(
      dim(
        safe(
          vscode.l10n.t(
            '{0}, {1}. Type a line and press Enter to tell the agent something; Ctrl+C stops the run.',
            session.agentName,
            session.mode,
          ),
        ),
      ),
    );
    const connection = await this.parts.connect();
    const linesOf = activityLines({
      plain: safe,
      quiet: (text) => dim(safe(text)),
      strong: (text) => bold(safe(text)),
      bad: (text) => red(safe(text)),
    });
    await connection.subscribeSession(
      session.id,
      0,
      (activity) => {
        for (const line of linesOf(activity)) this.print(line);
        if (activity.kind === 'progress' && activity.body.type === 'input_asked') void this.ask(session.id, activity.body.inputId);
        if (activity.kind === 'progress' && activity.body.type === 'input_answered') this.settle(activity.body.inputId);
        if (['completion', 'failure', 'cancellation', 'release'].includes(activity.kind)) this.checkEnd();
      },
      this.stream.signal,
    );
    // The last activity may be stored before the session is final, so its changes are watched as well.
    await connection.subscribeWorkspace((event) => {
      if (event.sessionId === session.id && event.type === 'session.changed') this.checkEnd();
    }, this.stream.signal);
  }

  /** Looks whether the session is over; asks again while the platform is away. */
  private checkEnd(): void {
    this.lookForEnd().catch(() => {
      if (!this.ended) this.retry = setTimeout(() => this.checkEnd(), 2000);
    });
  }

  private async lookForEnd(): Promise<void> {
    if (this.ended || !this.session) return;
    const { api } = await this.parts.connect();
    const session = await api.getSession({ params: { id: this.session.id } });
    if (!isFinal(session.state) || this.ended) return;
    if (session.state === 'complete')
      this.print(
        bold(
          safe(
            session.result?.headCommit
              ? vscode.l10n.t(
                  'Done: {0}, +{1} −{2}. Review it in the Belay panel.',
                  fileCount(session.result.files.length),
                  session.result.added,
                  session.result.deleted,
                )
              : vscode.l10n.t('Done, without changes.'),
          ),
        ),
      );
    else
      this.print(
        red(
          safe(session.error ? `${session.error.message}${session.error.hint ? ` ${session.error.hint}` : ''}` : vscode.l10n.t('Stopped.')),
        ),
      );
    this.end(session.state === 'complete' ? 0 : 1);
  }

  private async submit(): Promise<void> {
    const text = this.line.trim();
    this.line = '';
    this.writes.fire('\r\n');
    if (text === '' || !this.session || this.ended) return;
    try {
      const { api } = await this.parts.connect();
      const [question] = this.questions;
      if (question) await this.answer(api, question, text);
      else await api.sendMessage({ params: { id: this.session.id }, body: { kind: 'follow_up', body: text } });
    } catch (error) {
      this.print(red(safe(messageOf(error))));
    }
  }

  /** Shows the answers that a question has, unless it was answered already. */
  private async ask(sessionId: string, inputId: string): Promise<void> {
    try {
      const { api } = await this.parts.connect();
      const { entries } = await api.listInputs({ query: { session: sessionId, state: ['open'] } });
      const input = entries.find(({ id }) => id === inputId);
      if (!input) return;
      this.questions.push(input);
      if (this.questions.length === 1) this.showQuestion(input);
    } catch (error) {
      this.print(red(safe(messageOf(error))));
    }
  }

  private showQuestion(input: Input): void {
    for (const line of questionLines(input)) this.print(safe(line));
    this.print(dim(safe(howToAnswer(input))));
  }

  private async answer(api: BelayApi, question: Input, line: string): Promise<void> {
    const reply = replyOf(question, line);
    if (reply === null) {
      this.print(dim(safe(howToAnswer(question))));
      return;
    }
    try {
      await api.answerInput({ params: { id: question.id }, body: { ...reply, actionHash: question.actionHash } });
    } catch (error) {
      // Unless nobody could be asked, it is no longer open: the next line must not meet it again.
      if (!isBelayError(error, 'unavailable')) this.settle(question.id);
      throw error;
    }
    this.settle(question.id);
  }

  private settle(inputId: string): void {
    const wasFirst = this.questions[0]?.id === inputId;
    this.questions = this.questions.filter(({ id }) => id !== inputId);
    const [next] = this.questions;
    if (wasFirst && next) {
      this.print(bold(safe(`? ${oneLine(next.title)}`)));
      this.showQuestion(next);
    }
  }

  private async stop(): Promise<void> {
    if (!this.session || this.ended) return;
    this.print(dim(vscode.l10n.t('Stopping…')));
    const { id } = this.session;
    await this.parts
      .connect()
      .then(({ api }) => api.cancelSession({ params: { id }, body: {} }))
      .catch((error: unknown) => {
        this.print(red(safe(messageOf(error))));
      });
  }

  private async askStopOrKeep(session: Session): Promise<void> {
    const stop = vscode.l10n.t('Stop the Run');
    const keep = vscode.l10n.t('Keep It Running');
    const answer = await vscode.window.showInformationMessage(
      withoutLinks(vscode.l10n.t('{0} is still running.', session.itemKey ?? session.title)),
      stop,
      keep,
    );
    if (answer === stop) await this.stop();
  }

  private print(text: string): void {
    this.writes.fire(`${text}\r\n`);
  }

  private end(code: number): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.retry);
    this.stream.abort();
    this.closes.fire(code);
  }
}
