import assert from 'node:assert/strict';
import { commands } from '../../cli/commands.ts';
import { checkWords } from '../../cli/parse.ts';

describe('the words of a command', () => {
  const taken = (name: string): number => {
    const command = commands[name];
    assert.ok(command, name);
    for (let count = 0; count < 5; count += 1) {
      try {
        checkWords(
          name,
          command,
          Array.from({ length: count + 1 }, () => 'word'),
        );
      } catch (error) {
        assert.match(String(error), /does not take word as well/);
        return count;
      }
    }
    return Infinity;
  };

  it('are no more than it does something with', () => {
    const all = Object.fromEntries(Object.keys(commands).map((name) => [name, taken(name)]));
    const one = ['items', 'run', 'queue', 'send', 'sessions', 'watch', 'accept', 'close', 'undo', 'back', 'discard', 'stop'];
    assert.deepEqual(all, {
      ...Object.fromEntries(one.map((name) => [name, 1])),
      ...Object.fromEntries(['worker', 'doctor', 'platform'].map((name) => [name, 0])),
      ...Object.fromEntries(['add', 'policy', 'audit', 'workflow'].map((name) => [name, Infinity])),
    });
  });
});
