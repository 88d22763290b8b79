/** The page's side of the message contract: requests with one answer each, and notices from the host. */
import type {
  PanelCall,
  PanelNotice,
  PanelNoticeOf,
  PanelParams,
  PanelProblem,
  PanelReply,
  PanelRequestName,
} from '../../protocol/panel.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare const acquireVsCodeApi: () => VsCodeApi;

export const vscodeApi: VsCodeApi = acquireVsCodeApi();

export class PanelCallError extends Error {
  readonly problem: PanelProblem;

  constructor(problem: PanelProblem) {
    super(problem.message);
    this.name = 'PanelCallError';
    this.problem = problem;
  }
}

export function problemOf(error: unknown): PanelProblem {
  if (error instanceof PanelCallError) return error.problem;
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), hint: null, canRetry: true };
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}
const waiting = new Map<number, Waiting>();
/** Not from 0: an answer to the page that was here before this one must fit no call of this one. */
let lastId = Math.floor(Math.random() * 2 ** 40);

/** Asks the host. Rejects with a {@link PanelCallError} that says what happened and what to do. */
export function callHost<N extends PanelRequestName>(name: N, params: PanelParams<N>): Promise<PanelReply<N>> {
  lastId += 1;
  const message: PanelCall = { type: 'call', id: lastId, name, params };
  return new Promise((resolve, reject) => {
    waiting.set(message.id, { resolve: (result) => resolve(result as PanelReply<N>), reject });
    vscodeApi.postMessage(message);
  });
}

function settle(reply: PanelNoticeOf<'reply'>): void {
  const asked = waiting.get(reply.id);
  waiting.delete(reply.id);
  if (reply.problem) asked?.reject(new PanelCallError(reply.problem));
  else asked?.resolve(reply.result);
}

/** Only the host posts into this page: the editor's webview frame relays nothing else. */
export function listenToHost(onNotice: (notice: Exclude<PanelNotice, { type: 'reply' }>) => void): void {
  window.addEventListener('message', (event: MessageEvent<PanelNotice>) => {
    if (event.data.type === 'reply') settle(event.data);
    else onNotice(event.data);
  });
}
