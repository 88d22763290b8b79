import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PermissionAnswer, PermissionWish } from '../../../../worker/agents/base/driver.ts';
import { DiskWatch } from '../../../../worker/run/diskWatch.ts';
import { endTree, goOnTree, haltTree, treeOf } from '../../../../worker/run/processes.ts';
import { removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';
import { until } from '../../../support/until.ts';

const MiB = 1024 * 1024;
/** An agent whose child writes a block of a megabyte after the other, for ever. */
const writer = (folder: string): ChildProcess =>
  spawn('/bin/sh', ['-c', 'sh -c \'while :; do head -c 1048576 /dev/zero >> "$1/big"; done\' sh "$1" & wait', 'sh', folder], {
    detached: true,
    stdio: 'ignore',
  });
/** Whether every process of the tree stands still, as the kernel says. */
const standsStill = (pid: number): boolean =>
  treeOf(pid).every((member) => /^\d+ \(.*\) [TZ]/su.test(readFileSync(`/proc/${member}/stat`, 'utf8')));

describe('the share of the disk a run has', function () {
  this.timeout(60_000);
  let child: ChildProcess | null = null;
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  afterEach(async () => {
    if (child?.pid !== undefined) await endTree(child.pid, 0);
    child = null;
    removeTempFolders();
  });

  interface Scene {
    readonly clone: string;
    readonly asked: PermissionWish[];
    readonly answer: (answer: PermissionAnswer) => void;
    readonly stopped: () => boolean;
    readonly watch: DiskWatch;
  }
  function begin(limitBytes: number, lineDir = tempFolder()): Scene {
    const asked: PermissionWish[] = [];
    const waiting: ((answer: PermissionAnswer) => void)[] = [];
    let stopped = false;
    writeFiles(lineDir, { 'clone/a.txt': 'a\n', 'tmp/a': '', 'home/a': '' });
    const watch = new DiskWatch({
      folders: ['clone', 'tmp', 'home'].map((name) => path.join(lineDir, name)),
      limitBytes,
      lineDir,
      pause: () => {
        if (child?.pid !== undefined) haltTree(child.pid);
      },
      resume: () => {
        if (child?.pid !== undefined) goOnTree(child.pid);
      },
      ask: (wish) => {
        asked.push(wish);
        return new Promise((resolve) => waiting.push(resolve));
      },
      onStop: () => {
        stopped = true;
      },
      log: () => undefined,
      everyMs: 20,
    });
    watch.start();
    return { clone: path.join(lineDir, 'clone'), asked, answer: (given) => waiting.shift()?.(given), stopped: () => stopped, watch };
  }
  const begun = (scene: Scene) => until('a first look', () => existsSync(path.join(scene.clone, '../disk.json')) || null);

  it('halts the agent and all it started, asks, and goes on with twice as much', async () => {
    const scene = begin(20 * MiB);
    await begun(scene);
    child = writer(scene.clone);
    const pid = child.pid ?? 0;
    await until('a question', () => scene.asked[0] ?? null);
    await until('a standstill', () => standsStill(pid) || null);
    assert.match(scene.asked[0]?.title ?? '', /20 MB is its share of the disk/);
    const size = statSync(path.join(scene.clone, 'big')).size;
    scene.answer({ optionId: 'more', text: null });
    await until('more of the file', () => statSync(path.join(scene.clone, 'big')).size > size || null);
    await until('the next question', () => scene.asked[1] ?? null);
    assert.match(scene.asked[1]?.title ?? '', /40 MB is its share/);
    scene.watch.close();
    scene.answer(null);
    assert.equal(scene.stopped(), false);
  });

  it('ends the run where a person says so, or where nobody answers', async () => {
    for (const answer of [{ optionId: 'stop', text: null }, null]) {
      const scene = begin(MiB);
      await begun(scene);
      writeFileSync(path.join(scene.clone, '../tmp/b'), Buffer.alloc(3 * MiB, 1));
      await until('a question', () => scene.asked[0] ?? null);
      scene.answer(answer);
      await until('the end', () => scene.stopped() || null);
      assert.equal(scene.watch.error.code, 'over_quota');
    }
  });

  it('counts what every session of the line wrote, and not what the clone began with', async () => {
    const lineDir = tempFolder();
    writeFiles(lineDir, { 'clone/large.bin': 'x'.repeat(5 * MiB) });
    const first = begin(4 * MiB, lineDir);
    await begun(first);
    writeFileSync(path.join(lineDir, 'home/b'), Buffer.alloc(3 * MiB, 1));
    first.watch.close();
    assert.deepEqual(first.asked, []);
    const second = begin(4 * MiB, lineDir);
    writeFileSync(path.join(lineDir, 'clone/c'), Buffer.alloc(3 * MiB, 1));
    await until('a question', () => second.asked[0] ?? null);
    second.watch.close();
    second.answer(null);
  });

  it('counts files that hold nothing', async () => {
    const scene = begin(MiB);
    await begun(scene);
    writeFiles(scene.clone, Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`f${index}`, ''])));
    await until('a question', () => scene.asked[0] ?? null);
    scene.watch.close();
    scene.answer(null);
  });
});
