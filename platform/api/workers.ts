/** Agents, workers, repositories, and the workers' exchange. */
import { seenAgent, seenPage } from '../domain/can.ts';
import { heldPoll } from '../events/polls.ts';
import type { Service } from '../service/service.ts';
import type { Handlers } from './handlers.ts';

export const workerHandlers = (service: Service) => {
  const { store, meter } = service;
  return {
    listAgents: async ({ call, caller, query }) => seenPage(caller, seenAgent, await store.listAgents(call, query)),
    ensureAgent: async ({ call, caller, body }) => seenAgent(caller, await store.ensureAgent(call, body)),
    listWorkers: ({ call, query }) => store.listWorkers(call, query),
    ensureWorker: ({ call, body }) => store.ensureWorker(call, body),
    listRepositories: ({ call, query }) => store.listRepositories(call, query),
    ensureRepository: ({ call, body }) => store.ensureRepository(call, body),
    poll: async ({ caller, body, gone }) => {
      meter.pollsHeld += 1;
      try {
        const reply = await heldPoll(service, caller, body, gone);
        meter.claims += reply.claims.length;
        return reply;
      } finally {
        meter.pollsHeld -= 1;
      }
    },
  } satisfies Partial<Handlers>;
};
