/**
 * What Belay knows of each agent: how it is started, what it must reach and write, how its own sandbox
 * is switched off inside ours, and how to tell whether somebody is signed in.
 */
import type { AgentLaunch } from './launch.ts';

export interface AgentEntry {
  readonly slug: string;
  readonly name: string;
  readonly driver: AgentLaunch['driver'];
  /** Program on the PATH, and what it is given. */
  readonly program: string;
  readonly args: readonly string[];
  readonly versionArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  /** Login files relative to the person's home, copied into the run home, and the keys in them that the agent renews. */
  readonly loginFiles: readonly { readonly file: string; readonly renewed: readonly (readonly string[])[] }[];
  /** Settings of the person below the home folder, copied into the run home: never a login. */
  readonly configFiles: readonly string[];
  /** Any of these variables, bound by the person, is a login too. */
  readonly keyVariables: readonly string[];
  readonly freeMode?: string;
  readonly ownSandbox: boolean;
  /** How a person gets it, for the doctor. */
  readonly install: string;
  readonly signIn: string;
}

export const agentTable: readonly AgentEntry[] = [
  {
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
  },
  {
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
  },
  {
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
  },
  {
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
  },
];
