import type { Omission } from '../omission.ts';

export const workerOmissions: readonly Omission[] = [
  {
    name: 'a target of Send to that is not offered',
    edits: [{ file: 'worker/targets/available.ts', find: '  windsurf,\n', replace: '' }],
    says: 'worker/targets/available.ts',
  },
  {
    name: 'a target of Send to whose program nobody looks for',
    edits: [{ file: 'worker/targets/programs.ts', find: ", 'opencode'", replace: '' }],
    says: 'worker/targets/programs.ts',
  },
  {
    name: 'an agent that the docs do not name',
    edits: [{ file: 'worker/agents/known/gemini.ts', find: "name: 'Gemini CLI'", replace: "name: 'Gemini Two'" }],
    says: 'README.md',
  },
  {
    name: 'an agent that is not on the list',
    edits: [{ file: 'worker/agents/known.ts', find: 'openCode, gemini]', replace: 'openCode]' }],
    says: 'worker/agents/known.ts',
  },
  {
    name: 'a driver that the settings do not offer',
    edits: [{ file: 'worker/agents/registry.ts', find: '{ acp, codex, command }', replace: '{ acp, codex, command, other: command }' }],
    says: 'package.json',
  },
];
