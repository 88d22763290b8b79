import type { AgentEntry } from './entry.ts';

export const openCode: AgentEntry = {
  slug: 'opencode',
  name: 'OpenCode',
  driver: 'acp',
  program: 'opencode',
  args: ['acp'],
  versionArgs: ['--version'],
  env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' },
  hosts: ['opencode.ai:443', 'api.anthropic.com:443', 'api.openai.com:443', 'openrouter.ai:443'],
  loginFiles: [
    {
      file: '.local/share/opencode/auth.json',
      renewed: [
        ['*', 'access'],
        ['*', 'refresh'],
        ['*', 'expires'],
      ],
    },
  ],
  configFiles: ['.config/opencode/opencode.json', '.config/opencode/opencode.jsonc'],
  keyVariables: ['OPENCODE_API_KEY', 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY'],
  ownSandbox: false,
  install: 'npm install -g opencode-ai',
  signIn: 'opencode auth login',
};
