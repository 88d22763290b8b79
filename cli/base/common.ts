/** Words and options that several commands share. */
import { sessionModes } from '../../protocol/vocabulary.ts';
import type { WordSpec } from './command.ts';

export const sessionWord = {
  name: 'SESSION',
  says: 'BUG-1/2 for the second session of BUG-1, or the beginning of an id',
} as const satisfies WordSpec;
export const keyWord = { name: 'KEY', says: 'the item, as in BUG-1' } as const satisfies WordSpec;

export const folderOption = { folder: { value: 'PATH', says: 'the folder of the repository: this one if you do not say' } } as const;
export const yesOption = { yes: { says: 'give the first answer that allows to each question' } } as const;
export const modeOption = {
  mode: { value: 'MODE', choices: sessionModes, says: 'what is to be done with the item: what fits it' },
} as const;
export const noteOption = {
  note: { value: 'TEXT', says: 'what else the agent should know; @FILE reads a file, - standard input' },
} as const;
/** For sessions that Belay runs itself. */
export const sessionOptions = {
  ...modeOption,
  agent: { value: 'SLUG', says: 'who works: practice; "belay doctor" lists those of this machine' },
  ...noteOption,
  base: { value: 'BASE', choices: ['head', 'snapshot'], says: 'start from the commit that is checked out, or with uncommitted work' },
  ...folderOption,
  copy: { says: 'yes to a copy of a folder that is no git repository' },
} as const;
