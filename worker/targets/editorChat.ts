import type { Target } from './types.ts';

/** `isPartialQuery` fills the chat's box and leaves Enter to the person. */
export const editorChat: Target = {
  id: 'editor-chat',
  name: "This editor's chat",
  rules: 'tool',
  ways: [
    {
      id: 'command',
      label: 'prefilled',
      usable: ({ installed }) => installed.chat && installed.commands.has('workbench.action.chat.open'),
      fits: (prompt) => prompt.length <= 200_000,
      launch: ({ prompt }) => ({
        kind: 'commands',
        clipboard: null,
        commands: [{ id: 'workbench.action.chat.open', args: [{ value: { query: prompt, isPartialQuery: true } }] }],
      }),
    },
  ],
};
