import type { Agent, StoredAgent } from '../../protocol/records.ts';

export const aStoredAgent = (over: Partial<StoredAgent> = {}): StoredAgent => ({
  id: 'agt_1',
  workspaceId: 'wsp_1',
  slug: 'codex',
  name: 'Codex',
  execution: 'local',
  ownerId: 'mem_1',
  driver: 'codex',
  instructions: '',
  policy: {},
  createdAt: 1,
  ...over,
});

/** As a reply has it: with what the caller may do. */
export const anAgent = ({ can = ['delegate'], ...over }: Partial<Agent> = {}): Agent => ({ ...aStoredAgent(over), can });
