import assert from 'node:assert/strict';
import { shownCommand } from '../../../../worker/agents/base/shellCommand.ts';

describe('the command a person reads', () => {
  const cases: [string, string][] = [
    ["/bin/bash -lc 'cat src/a.js'", 'cat src/a.js'],
    [`/bin/bash -lc 'git commit -m "It'"'"'s done"'`, 'git commit -m "It\'s done"'],
    ["bash -lc 'it'\\''s'", "it's"],
    ['/bin/sh -c "echo \\"a\\" \\$HOME"', 'echo "a" $HOME'],
    ['zsh -lc ls', 'ls'],
    ['npm test', 'npm test'],
    ["bash -lc 'a' 'b'", "bash -lc 'a' 'b'"],
    ["bash -lc 'unfinished", "bash -lc 'unfinished"],
    ['bash -lc $(x)', 'bash -lc $(x)'],
  ];
  for (const [command, shown] of cases) it(`${command} → ${shown}`, () => assert.equal(shownCommand(command), shown));
});
