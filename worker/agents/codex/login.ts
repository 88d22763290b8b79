/** What one run takes from the person's own Codex: its configuration, and a key or an access token, never the refresh token. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { AgentFailure, type OwnConfig } from '../base/driver.ts';
import type { CodexLogin } from './driver.ts';

const AuthFile = z.object({
  OPENAI_API_KEY: z.string().nullish(),
  tokens: z.object({ access_token: z.string().min(1), account_id: z.string().nullish() }).nullish(),
});

/** Null when nobody is signed in there. */
export async function readCodexLogin(codexHome: string): Promise<CodexLogin | null> {
  const text = await readFile(path.join(codexHome, 'auth.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const auth = AuthFile.safeParse(parse(text)).data;
  if (auth?.tokens?.account_id) {
    const { access_token: accessToken, account_id: accountId } = auth.tokens;
    return { kind: 'tokens', accessToken, accountId, refresh: () => newerToken(codexHome, accessToken) };
  }
  return auth?.OPENAI_API_KEY ? { kind: 'apiKey', key: auth.OPENAI_API_KEY } : null;
}

/** The person's own Codex renews the file; a run only reads it, since using the refresh token here would sign the person out. */
async function newerToken(codexHome: string, old: string): Promise<string> {
  const login = await readCodexLogin(codexHome);
  if (login?.kind === 'tokens' && login.accessToken !== old) return login.accessToken;
  throw new AgentFailure('agent_signed_out', 'The Codex login has run out.', 'Open Codex once, which renews its login, then retry.');
}

/** The model providers of the person's own Codex configuration, and the variables they take their keys from. */
export async function readCodexConfig(codexHome: string): Promise<Omit<OwnConfig, 'launch'>> {
  const text = await readFile(path.join(codexHome, 'config.toml'), 'utf8').catch(() => '');
  const values = (key: string) =>
    [...text.matchAll(new RegExp(`^\\s*${key}\\s*=\\s*["']([^"']+)["']`, 'gm'))].map((match) => match[1] ?? '');
  return {
    hosts: values('base_url').flatMap(hostPortOf),
    keyVariables: values('env_key').filter((name) => /^[A-Z][A-Z0-9_]*$/.test(name)),
  };
}

function hostPortOf(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { hostname, port, protocol } = new URL(url);
  return [`${hostname}:${port || (protocol === 'http:' ? '80' : '443')}`];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
