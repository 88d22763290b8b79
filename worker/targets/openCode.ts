import { fitsArgument } from '../base/encode.ts';
import { program } from './program.ts';
import type { Target } from './types.ts';

export const openCode: Target = {
  id: 'opencode',
  name: 'OpenCode',
  rules: 'tool',
  ways: [program('opencode', 'OpenCode', fitsArgument, ({ prompt, folder }) => ['opencode', folder, '--prompt', prompt])],
};
