import type { Handover, Way } from './types.ts';

/** The way through a program's own command line: an argument list in a terminal, with no shell in between. */
export function program(
  name: string,
  title: string,
  fits: (prompt: string) => boolean,
  argv: (handover: Handover) => readonly string[],
): Way {
  return {
    id: 'cli',
    label: 'command line',
    usable: ({ environment, installed }) => environment.trusted && environment.folder && installed.programs.has(name),
    fits,
    launch: (handover) => ({
      kind: 'terminal',
      name: `${handover.itemKey} ${title}`,
      argv: argv(handover),
      folder: handover.folder,
      environment: {},
    }),
  };
}
