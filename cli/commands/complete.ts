/** `belay complete`: what a shell needs to complete commands, options and their choices. */
import { BelayError } from '../../protocol/errors.ts';
import { command, type Command, type Commands } from '../base/command.ts';
import { makeParser } from '../parser/parser.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
const own = 'complete';

/** `commands` are those that it completes, its own name beside them. */
export const completeOf = (commands: Commands): Command =>
  command({
    words: [{ name: 'SHELL', says: 'your shell; the script needs bash-completion in bash', optional: true, many: true, choices: shells }],
    examples: [
      ['complete bash > ~/.local/share/bash-completion/completions/belay', 'completion in bash, from the next shell on'],
      ['complete zsh > ~/.zfunc/_belay', 'in zsh, where ~/.zfunc is in fpath before compinit'],
      ['complete fish > ~/.config/fish/completions/belay.fish', 'in fish'],
    ],
    json: 'nothing: the script is for a shell',
    run: async ({ args }) => {
      const others = Object.fromEntries(Object.entries(commands).filter(([name]) => name !== own));
      const { default: tab } = await import('@bomb.sh/tab/commander');
      const root = tab(await makeParser(others, Object.keys(others), { code: 0 }));
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
