import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { commands } from '../../cli/program/commands.ts';
import manifest from '../../package.json' with { type: 'json' };
import { removeTempFolders, tempFolder } from '../support/repository.ts';
import { fileOf, ready } from '../support/programs.ts';

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('belay as a program', function () {
  this.timeout(60_000);
  before(() => ready('belay'));
  afterEach(removeTempFolders);

  const belay = (...args: string[]): Said => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fileOf('belay'), ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: tempFolder(), BELAY_STATE_DIR: tempFolder() },
    });
    return { code: status, out: stdout, err: stderr };
  };

  it('is installed by the name "belay" and runs without being given to Node', () => {
    assert.equal(manifest.bin.belay, './dist/belay.mjs');
    assert.ok(readFileSync(fileOf('belay'), 'utf8').startsWith('#!/usr/bin/env node\n'));
  });

  it('shows its version and its help, and of every command the help with examples', () => {
    assert.deepEqual(belay('--version'), { code: 0, out: `${manifest.version}\n`, err: '' });
    const help = belay('help');
    assert.equal(help.code, 0);
    for (const name of Object.keys(commands)) assert.match(help.out, new RegExp(`^  ${name} `, 'mu'));
    assert.deepEqual(belay('--help'), help);
    assert.match(belay('help', 'run').out, /^Usage: belay run KEY \[options\]\n[\s\S]*--base BASE[\s\S]*Examples:\n {2}belay run/u);
    assert.deepEqual(belay('run', '-h'), belay('help', 'run'));
    assert.match(belay('help', 'policy', 'check').out, /Exit codes besides 0, 1 and 2:\n {2}3 {2}/u);
    assert.match(belay('help', 'policy').out, /^ {2}check {2,}/mu);
  });

  it('refuses what it would do nothing with, and says what would be right', () => {
    for (const [args, words] of [
      [['itmes'], /There is no command "itmes"\. Did you mean items\?/u],
      [['run', 'BUG-1', '--ys'], /"belay run" has no option --ys\. Did you mean --yes\?\nUsage: belay run KEY/u],
      [['policy', 'chek'], /"belay policy" does not know "chek"\. Did you mean check\?/u],
      [['policy'], /It knows check, show/u],
      [['run'], /"belay run" needs KEY/u],
      [['doctor', 'now'], /"belay doctor" does not take now as well/u],
      [['back', 'x', '--text', '--folder', 'y'], /--text misses its value[\s\S]*--text=VALUE/u],
      [['back', 'x', '--text'], /--text misses its value/u],
      [['audit', 'export', '--format', 'xml'], /--format does not know "xml"\.\nIt knows ndjson, csv\./u],
      [['run', '\u001b[31m', '--mode', '\u001b[2Jx\ny'], /--mode does not know "<U\+001B>\[2Jx y"/u],
    ] as const) {
      const { code, out, err } = belay(...args);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.match(err, words);
      const { code: again, out: json } = belay(...args, '--json');
      // A forgotten value takes the word "--json" for itself.
      if (args.at(-1) !== '--text')
        assert.deepEqual([again, (JSON.parse(json) as { error: { code: string } }).error.code], [2, 'bad_request']);
    }
  });

  it('prints a script for each shell, and completes commands, options and their choices by it', () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, out } = belay('complete', shell);
      assert.equal(code, 0);
      assert.match(out, /belay complete -- /u);
    }
    assert.equal(belay('complete', 'tcsh').code, 2);
    const offered = (...words: string[]) =>
      belay('complete', '--', ...words)
        .out.split('\n')
        .map((line) => line.split('\t')[0] ?? '')
        .filter((word) => word !== '' && !word.startsWith(':'));
    assert.deepEqual(offered('pol'), ['policy']);
    assert.deepEqual(offered('policy', ''), ['check', 'show']);
    assert.deepEqual(offered('run', '--ba'), ['--base']);
    assert.deepEqual(offered('run', '--base', ''), ['head', 'snapshot']);
  });
});
