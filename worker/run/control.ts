/**
 * The run host's own socket: one line of JSON a message. Whoever can reach the private folder may ask
 * how the run is, wait with it, or stop it.
 */
import { chmodSync, rmSync } from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { runPhases } from '../../protocol/activities.ts';
import { BelayError } from '../../protocol/errors.ts';

export const RunStatus = z.object({
  sessionId: z.string(),
  fence: z.int(),
  phase: z.enum([...runPhases, 'ended']),
  /** How it ended, once it has. */
  outcome: z.string().nullable(),
  waitingForPerson: z.boolean(),
});
export type RunStatus = z.infer<typeof RunStatus>;
/** `give_back` queues the session again, `cancel` ends it as cancelled. */
export const ControlRequest = z.discriminatedUnion('op', [
  z.object({ op: z.literal('watch') }),
  z.object({ op: z.literal('stop'), how: z.enum(['give_back', 'cancel']) }),
]);
export type ControlRequest = z.infer<typeof ControlRequest>;

export class ControlServer {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #watchers = new Set<net.Socket>();
  readonly #file: string;
  #status: RunStatus;

  private constructor(server: net.Server, file: string, status: RunStatus) {
    this.#server = server;
    this.#file = file;
    this.#status = status;
  }

  static async listen(file: string, status: RunStatus, onStop: (how: 'give_back' | 'cancel') => void): Promise<ControlServer> {
    if (process.platform !== 'win32') rmSync(file, { force: true });
    const server = net.createServer();
    const control = new ControlServer(server, file, status);
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      control.#sockets.add(socket);
      socket.once('close', () => {
        control.#sockets.delete(socket);
        control.#watchers.delete(socket);
      });
      readLines(socket, (line) => {
        control.#request(socket, line, onStop);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(file, resolve);
    });
    if (process.platform !== 'win32') chmodSync(file, 0o600);
    return control;
  }

  update(change: Partial<RunStatus>): void {
    this.#status = { ...this.#status, ...change };
    for (const socket of this.#watchers) send(socket, this.#status);
  }

  /** Waits for nobody: not for who connected a moment ago and has not asked yet, nor for who does not hang up. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const socket of this.#sockets) socket.destroySoon();
    await closed;
    if (process.platform !== 'win32') rmSync(this.#file, { force: true });
  }

  #request(socket: net.Socket, line: string, onStop: (how: 'give_back' | 'cancel') => void): void {
    const request = ControlRequest.safeParse(parse(line)).data;
    if (!request) {
      socket.destroy();
      return;
    }
    if (request.op === 'stop') onStop(request.how);
    this.#watchers.add(socket);
    send(socket, this.#status);
  }
}

export interface RunWatch {
  /** Asks the run to stop; the end comes as any other. */
  stop(how: 'give_back' | 'cancel'): void;
  close(): void;
}

/** Attaches to a run. Throws `unavailable` when nobody listens there. `onGone` says that the run host ended. */
export async function watchRun(file: string, onStatus: (status: RunStatus) => void, onGone: () => void): Promise<RunWatch> {
  const socket = net.connect(file);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) => {
      reject(new BelayError('unavailable', 'The run does not answer on its socket.', { cause }));
    });
  });
  socket.on('error', () => undefined);
  socket.once('close', onGone);
  readLines(socket, (line) => {
    const status = RunStatus.safeParse(parse(line)).data;
    if (status) onStatus(status);
  });
  const ask = (request: ControlRequest) => socket.write(`${JSON.stringify(request)}\n`);
  ask({ op: 'watch' });
  return {
    stop(how) {
      ask({ op: 'stop', how });
    },
    close() {
      socket.off('close', onGone);
      socket.destroy();
    },
  };
}

/** A reader repeats its socket's errors as its own; the socket's close says all there is to say. */
function readLines(socket: net.Socket, onLine: (line: string) => void): void {
  const lines = createInterface({ input: socket });
  lines.on('error', () => undefined);
  lines.on('line', onLine);
}

function send(socket: net.Socket, status: RunStatus): void {
  socket.write(`${JSON.stringify(status)}\n`);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
