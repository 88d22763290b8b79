/** Agents, workers, repositories, and the workers' exchange. */
import { heldPoll } from '../events/polls.ts';
import type { Service } from '../service.ts';
import type { Handlers } from './handlers.ts';

export const workerHandlers = (service: Service) => {
  const { store } = service;
  return {
    listAgents: async ({ call }) => ({ entries: await store.listAgents(call) }),
    ensureAgent: ({ call, body }) => store.ensureAgent(call, body),
    listWorkers: async ({ call }) => ({ entries: await store.listWorkers(call) }),
    ensureWorker: ({ call, body }) => store.ensureWorker(call, body),
    listRepositories: async ({ call }) => ({ entries: await store.listRepositories(call) }),
    ensureRepository: ({ call, body }) => store.ensureRepository(call, body),
    poll: ({ body, gone }) => heldPoll(service, body, gone),
  } satisfies Partial<Handlers>;
};
