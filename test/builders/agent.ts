import type { Agent } from '../../protocol/records.ts';

export const anAgent = (over: Partial<Agent> = {}): Agent => ({
  id: 'agt_1',
  workspaceId: 'wsp_1',
  slug: 'codex',
  name: 'Codex',
  execution: 'local',
  ownerId: 'mem_1',
  driver: 'codex',
  instructions: '',
  policy: {},
  oauthAppId: null,
  createdAt: 1,
  can: ['delegate'],
  ...over,
});
