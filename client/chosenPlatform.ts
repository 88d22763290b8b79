/**
 * Which platform a person's programs use: the one that their environment names, the one that `belay use` kept, or that of this
 * machine. Nothing of a repository or a workspace has a say.
 */
import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BelayError, messageOf } from '../protocol/errors.ts';
import { platformToken, platformUrl, type UrlAddress } from '../transport/address.ts';
import type { NamedPlatform } from './environment.ts';
import { makeStateDir } from './stateDir.ts';

export interface ChosenPlatform {
  /** Null: the platform of this machine. */
  readonly team: UrlAddress | null;
  readonly by: 'environment' | 'kept' | 'default';
}

/** Of this user alone, and closed to agents like all of the state folder but their clones. */
export const keptFile = (stateDir: string): string => path.join(stateDir, 'connection.json');

/** Throws a BelayError for a choice that cannot be followed: what was meant for one platform must not go to another. */
export function choosePlatform(stateDir: string, { url, token }: NamedPlatform): ChosenPlatform {
  if (url === '') {
    const kept = readKept(keptFile(stateDir));
    return { team: kept, by: kept ? 'kept' : 'default' };
  }
  try {
    return { team: { url: platformUrl(url), credential: platformToken(token) }, by: 'environment' };
  } catch (error) {
    if (!(error instanceof BelayError)) throw error;
    throw new BelayError(
      error.code,
      `${token === '' ? 'BELAY_URL needs BELAY_TOKEN beside it' : 'BELAY_URL or BELAY_TOKEN is wrong'}: ${error.message}`,
      {
        ...(error.hint !== undefined && { hint: error.hint }),
      },
    );
  }
}

export function keepPlatform(stateDir: string, { url, credential }: UrlAddress): void {
  makeStateDir(stateDir);
  const file = keptFile(stateDir);
  writeFileSync(`${file}.new`, `${JSON.stringify({ url, token: credential })}\n`, { mode: 0o600 });
  // What lay there under that name keeps its mode otherwise.
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
}

export function forgetPlatform(stateDir: string): void {
  rmSync(keptFile(stateDir), { force: true });
}

function readKept(file: string): UrlAddress | null {
  const again = 'Go back with "belay use --embedded", or say it again: belay use URL';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw new BelayError('forbidden', `Others can read ${file}, which holds a token.`, { hint: `Close it first: chmod 600 ${file}` });
  } catch (error) {
    if (error instanceof BelayError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return null;
    throw new BelayError('forbidden', `${file} cannot be read: ${messageOf(error)}.`, { hint: again });
  }
  try {
    const { url, token } = JSON.parse(text) as { url?: unknown; token?: unknown };
    if (typeof url === 'string' && typeof token === 'string') return { url: platformUrl(url), credential: platformToken(token) };
  } catch {
    // Told below, without a word of what it holds.
  }
  throw new BelayError('bad_request', `${file} does not name a platform.`, { hint: again });
}
