import { encodeText, fitsArgument } from '../base/encode.ts';
import { program } from './program.ts';
import type { Target } from './types.ts';

export const codex: Target = {
  id: 'codex',
  name: 'Codex',
  rules: 'tool',
  ways: [
    {
      id: 'app',
      label: 'app',
      usable: ({ environment, installed }) =>
        environment.system !== 'linux' &&
        !environment.remote &&
        !environment.web &&
        environment.folder &&
        (installed.schemes?.has('codex') ?? false),
      fits: (prompt) => encodeText(prompt).length <= 30_000,
      launch: ({ prompt, folder }) => ({ kind: 'link', url: `codex://new?prompt=${encodeText(prompt)}&path=${encodeText(folder)}` }),
    },
    {
      id: 'extension',
      label: 'extension',
      usable: ({ installed }) => installed.extensions.has('openai.chatgpt') && installed.commands.has('chatgpt.addFileToThread'),
      // It takes no text from outside: the prompt goes as a file, and a short line to paste.
      fits: () => false,
      launch: ({ prompt, promptFile }) => ({
        kind: 'commands',
        clipboard: prompt,
        commands: [
          { id: 'chatgpt.openSidebar', args: [] },
          { id: 'chatgpt.addFileToThread', args: [{ file: promptFile }] },
        ],
      }),
    },
    program('codex', 'Codex', fitsArgument, ({ prompt }) => ['codex', prompt]),
  ],
};
