/** A port of this machine for a server that is told which one to take. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to whoever asks for any: nobody who does gets this one meanwhile. */
const lowest = 15_000;
const highest = 30_000;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    const probe = createServer();
    const free = await once(probe.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    await once(probe.close(), 'close');
    return port;
  }
}
