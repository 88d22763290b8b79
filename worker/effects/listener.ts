/**
 * Where the agent's end of the broker connects: a port on loopback, opened by a token that only this run knows. The
 * sandbox lets nothing else of this machine through, and sockets of the file system are closed to it.
 */
import type { Server as ToolServer } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import net, { type AddressInfo, type Socket } from 'node:net';

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

  /** `serve` makes a tool server for each connection that knows the token. */
  static async open(serve: () => ToolServer, log: (text: string) => void): Promise<BrokerListener> {
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

  #admit(socket: Socket, serve: () => ToolServer, log: (text: string) => void): void {
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
      const handle = serveStdio(serve, {
        transport: new StdioServerTransport(socket, socket),
        onerror: (error) => {
          log(`The broker: ${error.message}`);
        },
      });
      socket.on('close', () => void handle.close().catch(() => undefined));
    };
    socket.on('readable', read);
  }
}
