import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ControlServer, watchRun, type RunStatus } from '../../../../worker/run/control.ts';

const beginning: RunStatus = { sessionId: 's', fence: 1, phase: 'bind', outcome: null, waitingForPerson: false };

describe("the run host's own socket", () => {
  let folder: string;
  let file: string;
  let control: ControlServer;
  let stops: string[];
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'bc-'));
    file = path.join(folder, 'host.sock');
    stops = [];
    control = await ControlServer.listen(file, beginning, (how) => stops.push(how));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const connected = async (): Promise<net.Socket> => {
    const socket = net.connect(file);
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  };
  const closed = (socket: net.Socket) => new Promise((resolve) => socket.once('close', resolve));

  it('tells those who watch of every change, and that it is over', async () => {
    const seen: (string | null)[] = [];
    let heard: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (heard = resolve));
    const gone = new Promise<void>((resolve) => {
      void watchRun(
        file,
        ({ phase, outcome }) => {
          seen.push(phase, outcome);
          heard();
        },
        resolve,
      );
    });
    await first;
    control.update({ phase: 'ended', outcome: 'complete' });
    await control.close();
    await gone;
    assert.deepEqual(seen, ['bind', null, 'ended', 'complete']);
    assert.equal(existsSync(file), false);
  });

  it('does not wait for one that has connected and has not asked yet', async () => {
    const socket = await connected();
    const over = closed(socket.resume());
    await control.close();
    await over;
  });

  it('does not wait for one that reads nothing and never lets go', async () => {
    const socket = await connected();
    socket.pause();
    socket.write('{"op":"watch"}\n');
    const asking = await watchRun(
      file,
      () => undefined,
      () => undefined,
    );
    control.update({ phase: 'agent' });
    await control.close();
    asking.close();
    socket.destroy();
  });

  it('passes on who wants it to stop, and hangs up on who says anything else', async () => {
    const watch = await watchRun(
      file,
      () => undefined,
      () => undefined,
    );
    const stranger = await connected();
    const over = closed(stranger.resume());
    stranger.write('GET / HTTP/1.1\n');
    await over;
    watch.stop('cancel');
    while (stops.length === 0) await new Promise(setImmediate);
    assert.deepEqual(stops, ['cancel']);
    watch.close();
    await control.close();
  });
});
