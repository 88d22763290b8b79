/**
 * Where the agent's end of the broker connects: a port on loopback, opened by a token that only this run knows. The
 * sandbox lets nothing else of this machine through, and sockets of the file system are closed to it.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import net, { type AddressInfo, type Socket } from 'node:net';
import { messageOf } from '../../protocol/errors.ts';

/** Serves one connection that knows the token, until it closes. */
export type Serve = (socket: Socket) => Promise<void>;

const openingMs = 5000;
const mostConnections = 16;

export class BrokerListener {
  readonly #server: net.Server;
  readonly #sockets = new Set<Socket>();
  readonly token: string;
  readonly port: number;

  private constructor(server: net.Server, token: string) {
    this.#server = server;
    this.token = token;
    this.port = (server.address() as AddressInfo).port;
  }

  static async open(serve: Serve, log: (text: string) => void): Promise<BrokerListener> {
    const token = randomBytes(32).toString('hex');
    const server = net.createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const listener = new BrokerListener(server, token);
    server.on('error', (error) => {
      log(`The broker: ${error.message}`);
    });
    server.on('connection', (socket) => {
      listener.#admit(socket, serve, log);
    });
    return listener;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #admit(socket: Socket, serve: Serve, log: (text: string) => void): void {
    if (this.#sockets.size >= mostConnections) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const expected = Buffer.from(`${this.token}\n`, 'utf8');
    socket.setTimeout(openingMs, () => socket.destroy());
    const read = (): void => {
      const first = socket.read(expected.length) as Buffer | null;
      if (first === null) return;
      socket.off('readable', read);
      if (first.length !== expected.length || !timingSafeEqual(first, expected)) {
        socket.destroy();
        return;
      }
      socket.setTimeout(0);
      serve(socket).catch((error: unknown) => {
        log(`The broker: ${messageOf(error)}`);
        socket.destroy();
      });
    };
    socket.on('readable', read);
  }
}
