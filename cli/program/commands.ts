/** The commands by their names, in the order the help shows them. Each is loaded when it is called. */
import type { Commands } from '../base/command.ts';

export const commands: Commands = {
  items: {
    section: 'Items',
    summary: 'list your open items, or show one',
    load: async () => (await import('../commands/items.ts')).items,
  },
  show: {
    section: 'Items',
    summary: 'show an item or a session with all that belongs to it',
    load: async () => (await import('../commands/show.ts')).show,
  },
  add: { section: 'Items', summary: 'add an item, assigned to you', load: async () => (await import('../commands/add.ts')).add },
  edit: {
    section: 'Items',
    summary: 'change fields of an item',
    load: async () => (await import('../commands/edit.ts')).edit,
  },
  comment: {
    section: 'Items',
    summary: 'comment on an item',
    load: async () => (await import('../commands/comment.ts')).comment,
  },
  link: {
    section: 'Items',
    summary: 'put a link on an item',
    load: async () => (await import('../commands/link.ts')).link,
  },
  run: {
    section: 'Sending',
    summary: 'run an item here: session, claim, clone, agent, result',
    load: async () => (await import('../commands/run.ts')).run,
  },
  queue: {
    section: 'Sending',
    summary: 'queue a session for a worker of this machine',
    load: async () => (await import('../commands/queue.ts')).queue,
  },
  send: { section: 'Sending', summary: 'open an item in a tool', load: async () => (await import('../commands/send.ts')).send },
  handoffs: {
    section: 'Sending',
    summary: 'what was given to tools: list it, bring its result back, close it',
    load: async () => (await import('../commands/handoffs.ts')).handoffs,
  },
  sessions: {
    section: 'Sessions',
    summary: 'list sessions, newest first',
    load: async () => (await import('../commands/sessions.ts')).sessions,
  },
  watch: {
    section: 'Sessions',
    summary: 'follow a session to its end; Ctrl+C leaves it running',
    load: async () => (await import('../commands/watch.ts')).watch,
  },
  inputs: {
    section: 'Sessions',
    summary: 'list what sessions ask you',
    load: async () => (await import('../commands/inputs.ts')).inputs,
  },
  answer: {
    section: 'Sessions',
    summary: 'answer what a session asks',
    load: async () => (await import('../commands/answer.ts')).answer,
  },
  message: {
    section: 'Sessions',
    summary: 'say something to a session',
    load: async () => (await import('../commands/message.ts')).message,
  },
  stop: { section: 'Sessions', summary: 'cancel a session', load: async () => (await import('../commands/stop.ts')).stop },
  retry: {
    section: 'Sessions',
    summary: 'run a session again that went stale, failed or was stopped',
    load: async () => (await import('../commands/retry.ts')).retry,
  },
  archive: {
    section: 'Sessions',
    summary: 'take a finished session out of the lists',
    load: async () => (await import('../commands/archive.ts')).archive,
  },
  diff: {
    section: 'Results',
    summary: 'show what a session changed',
    load: async () => (await import('../commands/diff.ts')).diff,
  },
  accept: {
    section: 'Results',
    summary: 'bring a result into your working tree',
    load: async () => (await import('../commands/accept.ts')).accept,
  },
  close: {
    section: 'Results',
    summary: 'settle a session of which nothing came out; its item stays as it is',
    load: async () => (await import('../commands/close.ts')).close,
  },
  undo: {
    section: 'Results',
    summary: 'take an accepted result out again',
    load: async () => (await import('../commands/undo.ts')).undo,
  },
  back: {
    section: 'Results',
    summary: 'send a result back with what should change',
    load: async () => (await import('../commands/back.ts')).back,
  },
  discard: {
    section: 'Results',
    summary: 'throw a result and its working folder away',
    load: async () => (await import('../commands/discard.ts')).discard,
  },
  worker: {
    section: 'This machine',
    summary: 'claim and run queued sessions until stopped',
    load: async () => (await import('../commands/worker.ts')).worker,
  },
  folders: {
    section: 'This machine',
    summary: 'show which folder each repository is on this machine',
    load: async () => (await import('../commands/folders.ts')).folders,
  },
  workflow: {
    section: 'This machine',
    summary: 'begin, check or approve the workflow file of a repository',
    load: async () => (await import('../commands/workflow.ts')).workflow,
  },
  policy: {
    section: 'This machine',
    summary: 'say which rule decides on an action, or show the rules of this machine',
    load: async () => (await import('../commands/policy.ts')).policy,
  },
  audit: {
    section: 'This machine',
    summary: 'check the audit log of this machine, or write it out',
    load: async () => (await import('../commands/audit.ts')).audit,
  },
  doctor: {
    section: 'This machine',
    summary: 'show agents, sandbox and git as found on this machine',
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  use: {
    section: 'This machine',
    summary: "say which platform is in use, or use a team's from now on",
    load: async () => (await import('../commands/use.ts')).use,
  },
  platform: {
    section: 'This machine',
    summary: "start this machine's platform if it is not running, or serve a team over PostgreSQL",
    load: async () => (await import('../commands/platform.ts')).platform,
  },
  complete: {
    section: 'This machine',
    summary: 'print what makes a shell complete commands and options',
    load: async () => (await import('../commands/complete.ts')).completeOf(commands),
  },
};
