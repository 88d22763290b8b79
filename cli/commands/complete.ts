/** `belay complete`: what a shell needs to complete commands, options and their choices. */
import { BelayError } from '../../protocol/errors.ts';
import { command } from '../command.ts';
import { commands } from '../commands.ts';
import { makeParser } from '../parser.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
const own = 'complete';

export const complete = command({
  words: [{ name: 'SHELL', says: 'your shell; the script needs bash-completion in bash', optional: true, many: true, choices: shells }],
  examples: [
    ['complete bash > ~/.local/share/bash-completion/completions/belay', 'completion in bash, from the next shell on'],
    ['complete zsh > ~/.zfunc/_belay', 'in zsh, where ~/.zfunc is in fpath before compinit'],
    ['complete fish > ~/.config/fish/completions/belay.fish', 'in fish'],
  ],
  json: 'nothing: the script is for a shell',
  run: async ({ args }) => {
    const names = Object.keys(commands).filter((name) => name !== own);
    const { default: tab } = await import('@bomb.sh/tab/commander');
    const root = tab(await makeParser(names, { code: 0 }, names));
    // The script calls back with the words so far behind "--".
    if (process.argv[3] === '--') {
      root.parse([...args]);
      return 0;
    }
    const [shell = '', extra] = args;
    const known = shells.find((name) => name === shell);
    if (!known || extra !== undefined)
      throw new BelayError('bad_request', known ? `One shell at a time: ${known}.` : 'Which shell?', {
        hint: `It knows ${shells.join(', ')}.`,
      });
    root.setup('belay', 'belay', known);
    return 0;
  },
});
