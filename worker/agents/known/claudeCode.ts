import type { AgentEntry } from './entry.ts';

export const claudeCode: AgentEntry = {
  slug: 'claude-code',
  name: 'Claude Code',
  driver: 'acp',
  program: 'claude-agent-acp',
  args: [],
  versionArgs: ['--version'],
  env: { DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
  hosts: ['api.anthropic.com:443', 'platform.claude.com:443'],
  loginFiles: [],
  configFiles: [],
  keyVariables: ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'],
  ownSandbox: false,
  install: 'npm install -g @agentclientprotocol/claude-agent-acp',
  signIn: 'claude setup-token, then bind CLAUDE_CODE_OAUTH_TOKEN in the worker settings',
};
