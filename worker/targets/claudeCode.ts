import { encodeText, fitsArgument } from '../base/encode.ts';
import { program } from './program.ts';
import type { Target } from './types.ts';

export const claudeCode: Target = {
  id: 'claude-code',
  name: 'Claude Code',
  rules: 'tool',
  ways: [
    {
      id: 'extension',
      label: 'extension',
      usable: ({ application, installed }) => application.uriScheme !== '' && installed.extensions.has('anthropic.claude-code'),
      fits: (prompt) => encodeText(prompt).length <= 30_000,
      launch: ({ prompt }, { application }) => ({
        kind: 'link',
        url: `${application.uriScheme}://anthropic.claude-code/open?prompt=${encodeText(prompt)}`,
      }),
    },
    program('claude', 'Claude Code', fitsArgument, ({ prompt }) => ['claude', prompt]),
    {
      id: 'cli-link',
      label: 'command line, by link',
      usable: ({ environment, installed }) =>
        !environment.remote && !environment.web && environment.folder && (installed.schemes?.has('claude-cli') ?? false),
      fits: (prompt) => prompt.length <= 5000,
      launch: ({ prompt, folder }) => ({ kind: 'link', url: `claude-cli://open?q=${encodeText(prompt)}&cwd=${encodeText(folder)}` }),
    },
  ],
};
