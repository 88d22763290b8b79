import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Belay } from '../support/belay.ts';
import { ready } from '../support/programs.ts';
import { makeRepository, removeTempFolders, tempFolder } from '../support/repository.ts';
import { Screen } from '../support/screen.ts';
import { until } from '../support/until.ts';

/** By shell: how it is started without settings of anybody, and how a person puts the script to use. */
const shells = {
  bash: { start: 'bash --norc --noprofile', use: 'source /usr/share/bash-completion/bash_completion; source ./belay' },
  zsh: { start: 'zsh -f', use: 'fpath=($PWD $fpath); autoload -U compinit; compinit -u -D' },
  fish: { start: 'fish --no-config', use: 'source ./belay' },
} as const;

describe('the completion of belay', function () {
  this.timeout(120_000);
  let belay: Belay;
  let screen: Screen;
  let scripts: string;
  before(() => ready('belay'));
  beforeEach(() => {
    belay = new Belay(tempFolder('b-'), makeRepository({ 'a.txt': 'a\n' }));
    scripts = path.join(tempFolder('s-'), 'scripts');
    mkdirSync(scripts);
    screen = new Screen(scripts, belay.environment);
  });
  afterEach(() => {
    screen.close();
    removeTempFolders();
  });

  for (const [shell, { start, use }] of Object.entries(shells))
    it(`ends words in ${shell}: a command, one below it, an option and its choice`, async () => {
      const { code, out } = await belay.run('complete', shell);
      assert.equal(code, 0);
      writeFileSync(path.join(scripts, shell === 'zsh' ? '_belay' : 'belay'), out);
      const seen = (pattern: RegExp) =>
        until(String(pattern), () => pattern.exec(screen.text())).catch((error: unknown) => {
          throw new Error(`The terminal shows something else:\n${screen.text()}`, { cause: error });
        });
      screen.type(start);
      screen.type(`${use}; echo "in ${shell}" now`);
      await seen(new RegExp(`^in ${shell} now`, 'mu'));
      for (const [typed, ended] of [
        ['belay pol', 'belay policy'],
        ['belay policy che', 'belay policy check'],
        ['belay run --ba', 'belay run --base'],
        ['belay run --base sn', 'belay run --base snapshot'],
      ] as const) {
        screen.write(typed);
        screen.press('Tab');
        // What is typed next stands behind it, and nothing of it is run.
        await seen(new RegExp(`${ended}(?: |$)`, 'mu'));
        screen.press('C-c');
        screen.type('clear');
      }
    });
});
