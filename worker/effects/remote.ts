/** Where a repository's work is pushed, and with what: read from the person's own checkout and configuration, never from the clone. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import { personalConfig } from '../workspace/git.ts';
import { knownForges, type EffectSettings } from '../workerConfig/effectSettings.ts';

export interface Remote {
  readonly name: string;
  readonly url: string;
  readonly kind: 'https' | 'ssh' | 'file';
  /** Empty for files. */
  readonly host: string;
  /** `owner/repository`, for forges. */
  readonly slug: string;
}
export interface Credential {
  readonly username: string;
  readonly password: string;
}

/** The remote that results are pushed to: `origin`, or the only one. Throws when there is none that can be used. */
export async function pushRemote(gitDir: string): Promise<Remote> {
  const config = await personalConfig(gitDir, '^(remote\\..*\\.(url|pushurl)|url\\..*\\.(insteadof|pushinsteadof))$');
  const names = [...config.keys()].flatMap((key) => /^remote\.(.+)\.url$/u.exec(key)?.[1] ?? []);
  const name = names.includes('origin') ? 'origin' : names.length === 1 ? names[0] : undefined;
  if (name === undefined)
    throw new BelayError(
      'conflict',
      names.length === 0 ? 'The repository has no remote to push to.' : 'The repository has several remotes and none is "origin".',
      {
        hint: 'Add a remote named "origin" to the repository.',
      },
    );
  const pushUrl = config.get(`remote.${name}.pushurl`);
  return readRemote(name, rewritten(pushUrl ?? config.get(`remote.${name}.url`) ?? '', config, pushUrl === undefined));
}

/** `url.<base>.insteadOf`: the longest prefix that fits is replaced. */
function rewritten(url: string, config: ReadonlyMap<string, string>, pushing: boolean): string {
  const rules = [...config].flatMap(([key, prefix]) => {
    const match = /^url\.(.+)\.(push)?insteadof$/u.exec(key);
    return match && url.startsWith(prefix) && (pushing || match[2] === undefined)
      ? [{ base: match[1] ?? '', prefix, push: match[2] !== undefined }]
      : [];
  });
  const best = rules.sort((a, b) => Number(b.push) - Number(a.push) || b.prefix.length - a.prefix.length)[0];
  return best ? best.base + url.slice(best.prefix.length) : url;
}

/** Throws `conflict` for a form of address that Belay does not push to: `ext::` runs programs, plain `http` and `git` tell everything to everybody. */
export function readRemote(name: string, url: string): Remote {
  if (path.isAbsolute(url)) return { name, url, kind: 'file', host: '', slug: '' };
  const short = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/|:)(.+)$/u.exec(url);
  if (short && !/^[a-z]:/iu.test(url))
    return { name, url, kind: 'ssh', host: (short[1] ?? '').toLowerCase(), slug: slugOf(short[2] ?? '') };
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const loopback = parsed !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(parsed.hostname);
  if (parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && loopback)) {
    // A password in the address would end up in arguments and messages.
    parsed.username = '';
    parsed.password = '';
    return { name, url: parsed.href, kind: 'https', host: parsed.host, slug: slugOf(parsed.pathname) };
  }
  if (parsed?.protocol === 'ssh:') return { name, url, kind: 'ssh', host: parsed.hostname, slug: slugOf(parsed.pathname) };
  if (parsed?.protocol === 'file:') return { name, url, kind: 'file', host: '', slug: '' };
  throw new BelayError('conflict', `The remote "${name}" has an address Belay does not push to.`, { hint: 'Use https, ssh or a path.' });
}

const slugOf = (text: string): string => text.replace(/^\/+|\/+$/gu, '').replace(/\.git$/u, '');

/** The bound value for the host, or what the person's own git would use. Null: the remote asks for none, as far as is known. */
export async function credentialFor(
  remote: Remote,
  settings: EffectSettings,
  secrets: Readonly<Record<string, string>>,
): Promise<Credential | null> {
  if (remote.kind !== 'https') return null;
  const bound = secrets[{ ...knownForges, ...settings.forges }[remote.host]?.secret ?? ''];
  if (bound !== undefined) return { username: 'x-access-token', password: bound };
  const url = new URL(remote.url);
  return await fill(`protocol=${url.protocol.slice(0, -1)}\nhost=${remote.host}\npath=${remote.slug}\n\n`);
}

/** Asks the person's credential helpers, which live in the person's own configuration; nobody is prompted. */
async function fill(request: string): Promise<Credential | null> {
  const child = spawn('git', ['credential', 'fill'], {
    cwd: '/',
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'true', SSH_ASKPASS: 'true', GCM_INTERACTIVE: 'never' },
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: 20_000,
    windowsHide: true,
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(request);
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (words += chunk));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('close', resolve);
  });
  const username = /^username=(.*)$/mu.exec(words)?.[1];
  const password = /^password=(.+)$/mu.exec(words)?.[1];
  return code === 0 && username !== undefined && password !== undefined ? { username, password } : null;
}
