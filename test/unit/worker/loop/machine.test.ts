import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isBelayError } from '../../../../protocol/errors.ts';
import { bindRepository, openMachine } from '../../../../worker/base/machine.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';

describe('what a machine knows', () => {
  afterEach(removeTempFolders);

  it('is made once and found again', () => {
    const state = path.join(tempFolder(), 'state');
    const first = openMachine(state);
    assert.deepEqual(openMachine(state), first);
    assert.deepEqual(bindRepository(state, 'rep_a', '/a'), { ...first, bindings: { rep_a: '/a' } });
  });

  it('is never replaced when it cannot be read', () => {
    for (const text of ['{"id":"m","na', '[]', '']) {
      const state = tempFolder();
      const file = path.join(state, 'machine.json');
      writeFileSync(file, text);
      const named = (error: unknown) => isBelayError(error, 'conflict') && error.message.includes(file);
      assert.throws(() => openMachine(state), named);
      assert.throws(() => bindRepository(state, 'rep_a', '/a'), named);
      assert.equal(readFileSync(file, 'utf8'), text);
    }
  });

  it('keeps every binding when several windows write at once', async function () {
    this.timeout(60_000);
    const state = tempFolder();
    const program = path.resolve(import.meta.dirname, '../../../support/bindMany.ts');
    const writers = ['a', 'b', 'c'].map((name) =>
      spawn(process.execPath, [program, state, name, '20'], { stdio: ['ignore', 'ignore', 'inherit'] }),
    );
    const codes = await Promise.all(writers.map(async (writer) => ((await once(writer, 'exit')) as [number])[0]));
    assert.deepEqual(codes, [0, 0, 0]);
    assert.equal(Object.keys(openMachine(state).bindings).length, 60);
    assert.deepEqual(
      readdirSync(state).filter((name) => !name.startsWith('machine.json.lock')),
      ['machine.json'],
    );
  });
});
