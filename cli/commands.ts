/** The commands by their names, in the order the help shows them. */
import type { Command } from './command.ts';
import { audit } from './commands/audit.ts';
import { add, items } from './commands/items.ts';
import { policy } from './commands/policy.ts';
import { accept, back, close, discard, undo } from './commands/review.ts';
import { queue, run, worker } from './commands/run.ts';
import { send } from './commands/send.ts';
import { sessions, stop, watch } from './commands/sessions.ts';
import { doctor, platform } from './commands/system.ts';
import { workflow } from './commands/workflow.ts';

export const commands: Readonly<Record<string, Command>> = {
  items,
  add,
  run,
  queue,
  worker,
  send,
  sessions,
  watch,
  accept,
  close,
  undo,
  back,
  discard,
  stop,
  doctor,
  policy,
  audit,
  workflow,
  platform,
};
