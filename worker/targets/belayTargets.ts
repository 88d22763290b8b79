import type { Target } from './types.ts';

/** Runs in this window as a task: a session of this machine's worker, claimed by name. */
export const inEditorTask: Target = {
  id: 'task',
  name: 'In-editor task',
  rules: 'belay',
  ways: [
    {
      id: 'task',
      label: 'runs here, in its own clone',
      usable: ({ environment, application, installed }) =>
        environment.trusted && environment.folder && application.kind !== 'terminal' && installed.localAgents.length > 0,
      fits: () => true,
      launch: () => ({ kind: 'task' }),
    },
  ],
};

/** Queues a session for the local worker. */
export const localAgent: Target = {
  id: 'local-agent',
  name: 'Local agent',
  rules: 'belay',
  ways: [
    {
      id: 'queue',
      label: 'queue',
      usable: ({ environment, installed }) => environment.trusted && environment.folder && installed.localAgents.length > 0,
      fits: () => true,
      launch: (_, { installed }) => ({ kind: 'queue', agentSlug: installed.localAgents[0]?.slug ?? '' }),
    },
  ],
};
