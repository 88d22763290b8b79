import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { BrokerListener } from '../../../../worker/effects/listener.ts';
import { serveTools } from '../../../../worker/effects/tools.ts';

describe('the port of the broker', () => {
  let listener: BrokerListener;
  let served: number;
  beforeEach(async () => {
    served = 0;
    const never = () => Promise.reject(new Error('not asked for here'));
    const serve = (socket: net.Socket) => {
      served += 1;
      serveTools(socket, { effect: never, call: never, offered: () => Promise.resolve([]) }, () => undefined);
      return Promise.resolve();
    };
    listener = await BrokerListener.open(serve, () => undefined);
  });
  afterEach(() => {
    listener.close();
  });

  const initialize = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
  });
  /** What comes back for these words: an answer, or nothing before the port hangs up. */
  async function said(words: string): Promise<string> {
    const socket = net.connect(listener.port, '127.0.0.1');
    let reply = '';
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (text: string) => {
      reply += text;
      if (reply.includes('\n')) socket.destroy();
    });
    socket.write(words);
    await once(socket, 'close');
    return reply;
  }

  it('speaks to who begins with the token of this run', async () => {
    assert.match(await said(`${listener.token}\n${initialize}\n`), /"serverInfo"/u);
  });

  it('hangs up on who does not, as on a page in a browser whose requests begin with their method (CVE-2025-52882)', async () => {
    const request = (extra: string) =>
      `POST /${listener.token} HTTP/1.1\r\nHost: localhost:${listener.port}\r\n${extra}\r\n\r\n${initialize}\n`;
    for (const words of [
      request('Origin: https://evil.example'),
      request(`Authorization: Bearer ${listener.token}`),
      `GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: ${listener.token}\r\n\r\n`,
      `${'0'.repeat(64)}\n${initialize}\n`,
      `${listener.token.slice(0, -1)}x\n${initialize}\n`,
      ` ${listener.token}\n${initialize}\n`,
    ])
      assert.equal(await said(words), '', words.slice(0, 40));
    assert.equal(served, 0);
  });

  it('has another token each time', async () => {
    const other = await BrokerListener.open(
      () => assert.fail(),
      () => undefined,
    );
    other.close();
    assert.match(listener.token, /^[0-9a-f]{64}$/u);
    assert.notEqual(other.token, listener.token);
  });
});
