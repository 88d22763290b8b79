import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import * as os from 'node:os';
import * as path from 'node:path';
import { openLog } from '../../../platform/team/log.ts';

describe('the log of a replica', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'belay-log-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is lines of JSON, in order, without a secret', async () => {
    const file = path.join(folder, 'log');
    const descriptor = openSync(file, 'w');
    const log = openLog(descriptor, ['the-secret']);
    for (let n = 0; n < 2_500; n++) log.write({ message: `line ${n} the-secret`, n });
    await log.flush();
    closeSync(descriptor);
    const text = readFileSync(file, 'utf8');
    assert.doesNotMatch(text, /the-secret/);
    assert.deepEqual(
      text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { n: number }).n),
      Array.from({ length: 2_500 }, (_, n) => n),
    );
  });

  it('whoever does not read it holds nobody up, and learns how much was left out', async () => {
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Open for both directions: nobody reads, and nothing fails.
    const descriptor = openSync(pipe, 'r+');
    const log = openLog(descriptor, []);
    const batch = async (): Promise<void> => {
      for (let n = 0; n < 15_000; n++) log.write({ message: 'x'.repeat(100) });
      await new Promise(setImmediate);
    };
    // Whoever is held up here is held up for ever.
    await batch();
    await batch();
    await log.flush();
    const reading = openSync(pipe, 'r');
    const text = execFileSync('timeout', ['15', 'grep', '-m1', 'too slowly'], { stdio: [reading, 'pipe', 'ignore'], encoding: 'utf8' });
    assert.ok((JSON.parse(text) as { dropped: number }).dropped > 0);
    closeSync(reading);
    closeSync(descriptor);
  });
});
