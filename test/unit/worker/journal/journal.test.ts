import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BelayApi } from '../../../../protocol/typedClient.ts';
import { Journal } from '../../../../worker/journal/journal.ts';
import { Outbox } from '../../../../worker/journal/outbox.ts';
import { redactor } from '../../../../worker/base/redact.ts';
import { root } from '../../../fakes/workbench.ts';
import { heldOn } from '../../../support/held.ts';

const message = (text: string) => ({ type: 'message', text });

/** A platform that keeps what it is told, by key, as the real one does. */
class Kept {
  readonly entries = new Map<string, unknown>();
  repeated = 0;
  readonly api: Pick<BelayApi, 'appendActivities'> = {
    appendActivities: (input) => {
      for (const activity of input.body.activities) {
        if (this.entries.has(activity.key)) this.repeated += 1;
        else this.entries.set(activity.key, (activity.body as { text: string }).text);
      }
      return Promise.resolve({ lastSeq: this.entries.size, stored: input.body.activities.length, late: 0 });
    },
  };
  get texts(): unknown[] {
    return [...this.entries.values()];
  }
}

describe('the journal', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'bj-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (at = folder) => {
    const journal = Journal.open({ folder: at, secrets: ['hunter2-secret'] });
    assert.ok(journal);
    return journal;
  };
  async function send(journal: Journal, kept: Kept): Promise<void> {
    const outbox = new Outbox({ held: heldOn(kept.api), journal, log: () => undefined, onLost: () => undefined, gatherMs: 0 });
    assert.ok(await outbox.drain(5000));
    outbox.close();
  }

  it('loses nothing before a cut and stores nothing twice, wherever in its last three lines it is cut', async () => {
    const texts = ['one', 'two', 'drei ✂ größer', 'vier', 'fünf'];
    const journal = open();
    texts.forEach((text) => journal.append('progress', message(text), 1));
    journal.close();
    const file = path.join(folder, 'journal.ndjson');
    const whole = readFileSync(file);
    const ends = [...whole.keys()].filter((index) => whole[index] === 0x0a).map((index) => index + 1);
    const start = ends[1] ?? 0;
    for (let cut = start; cut <= whole.length; cut += 1) {
      // Everything had been sent and confirmed in part before the cut: the worst case for doubles.
      for (const confirmed of [0, 3, 5]) {
        const copy = mkdtempSync(path.join(tmpdir(), 'bj-'));
        cpSync(folder, copy, { recursive: true });
        const kept = new Kept();
        const before = open(copy);
        const keys = before.unsent().map((line) => line.id);
        keys.slice(0, confirmed).forEach((key, index) => kept.entries.set(key, texts[index]));
        before.markSent(confirmed);
        before.close();
        truncateSync(path.join(copy, 'journal.ndjson'), cut);

        const after = open(copy);
        after.append('progress', message('after'), 1);
        await send(after, kept);
        after.close();
        const survived = ends.filter((end) => end <= cut).length;
        const expected = [...texts.slice(0, Math.max(survived, confirmed)), 'after'];
        assert.deepEqual(kept.texts, expected, `cut at byte ${cut} with ${confirmed} confirmed`);
        rmSync(copy, { recursive: true, force: true });
      }
    }
  });

  it('sends again what was sent but not confirmed, under the same keys', async () => {
    const kept = new Kept();
    const journal = open();
    journal.append('progress', message('one'), 1);
    journal.append('progress', message('two'), 1);
    await send(journal, kept);
    journal.close();
    rmSync(path.join(folder, 'journal.sent'));
    const again = open();
    await send(again, kept);
    again.close();
    assert.deepEqual(kept.texts, ['one', 'two']);
    assert.equal(kept.repeated, 2);
  });

  it('passes over an entry that no platform takes, and sends what comes after it', async () => {
    const kept = new Kept();
    const journal = open();
    journal.append('progress', message('one'), 1);
    journal.append('progress', { type: 'command', command: 'x', exitCode: 1e20, output: null }, 1);
    journal.append('progress', message('two'), 1);
    await send(journal, kept);
    journal.close();
    assert.deepEqual(kept.texts, ['one', 'two']);
  });

  it('drops a damaged line and keeps the others', () => {
    const journal = open();
    ['one', 'two', 'three'].forEach((text) => journal.append('progress', message(text), 1));
    journal.close();
    const file = path.join(folder, 'journal.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"two"', '"TWO"'));
    const again = open();
    assert.deepEqual(
      again.unsent().map((line) => (line.body as { text: string }).text),
      ['one', 'three'],
    );
    again.close();
  });

  it('writes no secret and is readable by its owner only', () => {
    const journal = open();
    journal.append('progress', message('the key is hunter2-secret'), 1);
    journal.close();
    const file = path.join(folder, 'journal.ndjson');
    assert.ok(!readFileSync(file, 'utf8').includes('hunter2'));
    assert.equal(statSync(file).mode & 0o077, 0);
  });

  it('is had by one living process only, also one that dropped it, and free when that is killed', async () => {
    const script = `import { Journal } from '${root}/worker/journal/journal.ts';
      const open = () => Journal.open({ folder: process.argv[1] }) ? 'mine' : 'taken';
      const said = open();
      await new Promise(setImmediate);
      gc();
      console.log(said);
      setInterval(() => {}, 1000);`;
    const child = spawn(
      process.execPath,
      ['--expose-gc', '--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script, folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const gone = new Promise((resolve) => child.once('exit', resolve));
    try {
      const said = await new Promise<string>((resolve) =>
        child.stdout.once('data', (chunk: Buffer) => {
          resolve(chunk.toString('utf8').trim());
        }),
      );
      assert.equal(said, 'mine');
      assert.equal(Journal.open({ folder }), null);
    } finally {
      child.kill('SIGKILL');
      await gone;
    }
    open().close();
  });
});

describe('redaction', () => {
  it('finds a secret in every form it travels in', () => {
    const secret = 'p@ss word/42';
    const redact = redactor([secret, 'short']);
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
    for (const form of forms) assert.ok(!JSON.stringify(redact({ a: [`x ${form} y`] })).includes(form.replace(/=+$/, '')));
    assert.equal(redact('a short word'), 'a short word');
  });
});
