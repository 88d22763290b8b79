import { encodeText, fitsArgument } from '../base/encode.ts';
import { program } from './program.ts';
import type { Target } from './types.ts';

const link = (prompt: string) => `cursor://anysphere.cursor-deeplink/prompt?text=${encodeText(prompt)}`;

export const cursor: Target = {
  id: 'cursor',
  name: 'Cursor',
  rules: 'tool',
  ways: [
    {
      id: 'link',
      label: 'app',
      usable: ({ environment, application, installed }) =>
        application.kind === 'cursor' ||
        (!environment.web && (installed.programs.has('cursor') || (installed.schemes?.has('cursor') ?? false))),
      fits: (prompt) => link(prompt).length <= 8000,
      launch: ({ prompt }) => ({ kind: 'link', url: link(prompt) }),
    },
    program('cursor-agent', 'Cursor', fitsArgument, ({ prompt }) => ['cursor-agent', prompt]),
  ],
};
