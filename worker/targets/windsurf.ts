import { encodeText } from '../base/encode.ts';
import type { Target } from './types.ts';

const link = (prompt: string, folder: string) => `windsurf://cascade/newChat?prompt=${encodeText(prompt)}&folder=${encodeText(folder)}`;

export const windsurf: Target = {
  id: 'windsurf',
  name: 'Windsurf',
  rules: 'tool',
  ways: [
    {
      id: 'inside',
      label: 'chat of this editor, paste',
      usable: ({ application, installed }) =>
        application.kind === 'windsurf' && installed.commands.has('windsurf.prioritized.chat.openNewConversation'),
      fits: () => true,
      launch: ({ prompt }) => ({
        kind: 'commands',
        clipboard: prompt,
        commands: [{ id: 'windsurf.prioritized.chat.openNewConversation', args: [] }],
      }),
    },
    {
      id: 'link',
      label: 'app',
      unconfirmed: true,
      usable: ({ environment, installed }) =>
        !environment.remote &&
        !environment.web &&
        environment.folder &&
        (installed.programs.has('windsurf') || (installed.schemes?.has('windsurf') ?? false)),
      fits: (prompt) => encodeText(prompt).length <= 8000,
      launch: ({ prompt, folder }) => ({ kind: 'link', url: link(prompt, folder) }),
    },
  ],
};
