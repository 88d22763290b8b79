/**
 * `relay.mjs`: the agent's end of the broker, inside the sandbox. It joins its standard streams to the run host's port,
 * through the sandbox's proxy where there is one, and knows nothing else.
 */
import net, { type Socket } from 'node:net';

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const port = Number(process.env['BELAY_BROKER_PORT']);
const token = process.env['BELAY_BROKER_TOKEN'] ?? '';
const proxy = process.env['BELAY_BROKER_PROXY'] ?? process.env['HTTP_PROXY'] ?? process.env['http_proxy'];
if (!Number.isInteger(port) || token === '') fail('Started by hand: this program belongs to a run of Belay.');

const join = (socket: Socket): void => {
  socket.write(`${token}\n`);
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
};

if (proxy === undefined || proxy === '') {
  const socket = net.connect(port, '127.0.0.1', () => {
    join(socket);
  });
  watch(socket);
} else {
  const { hostname, port: proxyPort, username, password } = new URL(proxy);
  const login =
    username === '' ? '' : `Proxy-Authorization: Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}\r\n`;
  const socket = net.connect(Number(proxyPort), hostname, () => {
    socket.write(`CONNECT localhost:${port} HTTP/1.1\r\nHost: localhost:${port}\r\n${login}\r\n`);
  });
  watch(socket);
  let head = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    socket.off('data', read);
    if (!/^HTTP\/1\.[01] 200 /u.test(head.toString('latin1')))
      fail(`The sandbox refused the way: ${head.toString('latin1').split('\r\n')[0] ?? ''}`);
    socket.unshift(head.subarray(end + 4));
    join(socket);
  };
  socket.on('data', read);
}

function watch(socket: Socket): void {
  socket.on('error', (error) => fail(`No way to the run: ${error.message}`));
  socket.on('close', () => process.exit(0));
}
