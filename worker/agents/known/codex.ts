import type { AgentEntry } from './entry.ts';

export const codex: AgentEntry = {
  slug: 'codex',
  name: 'Codex',
  driver: 'codex',
  program: 'codex',
  args: [],
  versionArgs: ['--version'],
  env: {},
  hosts: ['api.openai.com:443', 'chatgpt.com:443', 'auth.openai.com:443'],
  loginFiles: [],
  configFiles: ['.codex/config.toml'],
  keyVariables: ['OPENAI_API_KEY', 'CODEX_API_KEY'],
  ownSandbox: true,
  install: 'npm install -g @openai/codex',
  signIn: 'codex login',
};
