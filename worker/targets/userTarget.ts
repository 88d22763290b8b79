/** Targets that a person defines in their own settings: an argument list with places for text. */
import * as z from 'zod';
import { fitsArgument } from '../base/encode.ts';
import type { Handover, Target } from './types.ts';

export const UserTarget = z.strictObject({
  name: z.string().min(1).max(60),
  /** Program and arguments; `{{prompt}}`, `{{promptFile}}`, `{{key}}` and `{{folder}}` are filled in, each inside its one argument. */
  command: z.array(z.string().max(4000)).min(1).max(50),
});
export type UserTarget = z.infer<typeof UserTarget>;

/** `before`: how many commands of the same name come before it. */
export function userTarget(definition: UserTarget, before = 0): Target {
  const takesFile =
    definition.command.some((part) => part.includes('{{promptFile}}')) && !definition.command.some((part) => part.includes('{{prompt}}'));
  return {
    id: before === 0 ? `user:${definition.name}` : `user:${definition.name}:${before + 1}`,
    name: definition.name,
    rules: 'tool',
    command: definition.command,
    ways: [
      {
        id: 'terminal',
        label: 'your command',
        usable: ({ environment }) => environment.trusted && environment.folder,
        fits: (prompt) => takesFile || fitsArgument(prompt),
        launch: (handover) => ({
          kind: 'terminal',
          name: `${handover.itemKey} ${definition.name}`,
          argv: definition.command.map((part) => fill(part, handover)),
          folder: handover.folder,
          environment: {},
        }),
      },
    ],
  };
}

function fill(part: string, handover: Handover): string {
  const values: Record<string, string> = {
    prompt: handover.prompt,
    promptFile: handover.promptFile,
    key: handover.itemKey,
    folder: handover.folder,
  };
  return part.replaceAll(/\{\{(\w+)\}\}/gu, (whole, name: string) => values[name] ?? whole);
}

/** A terminal in the repository with the prompt's file at hand; the person types what they like. */
export const terminal: Target = {
  id: 'terminal',
  name: 'Terminal',
  rules: 'tool',
  ways: [
    {
      id: 'shell',
      label: 'prompt in $BELAY_PROMPT_FILE',
      usable: ({ environment }) => environment.trusted && environment.folder,
      fits: () => true,
      launch: ({ itemKey, folder, promptFile }) => ({
        kind: 'terminal',
        name: itemKey,
        argv: [],
        folder,
        environment: { BELAY_ITEM: itemKey, BELAY_PROMPT_FILE: promptFile },
      }),
    },
  ],
};
