import type { AgentEntry } from './entry.ts';

export const gemini: AgentEntry = {
  slug: 'gemini',
  name: 'Gemini CLI',
  driver: 'acp',
  program: 'gemini',
  args: ['--acp'],
  versionArgs: ['--version'],
  env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
  hosts: ['generativelanguage.googleapis.com:443', 'cloudcode-pa.googleapis.com:443', 'oauth2.googleapis.com:443'],
  loginFiles: [{ file: '.gemini/oauth_creds.json', renewed: [['access_token'], ['refresh_token'], ['id_token'], ['expiry_date']] }],
  configFiles: ['.gemini/settings.json'],
  keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  ownSandbox: false,
  install: 'npm install -g @google/gemini-cli',
  signIn: 'gemini (choose a login once)',
};
