/** The one credential of a team platform until people sign in: a token in a file, sent as a bearer. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { Caller } from '../domain/caller.ts';

const shortest = 32;

/** Throws a BelayError unless `file` holds one long word that nobody else can read. */
export function readToken(file: string): string {
  let token: string;
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw new BelayError('forbidden', `Others can read the token file ${file}.`, { hint: `Close it first: chmod 600 ${file}` });
    token = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    if (cause instanceof BelayError) throw cause;
    throw new BelayError('bad_request', `The token file cannot be read: ${messageOf(cause)}.`, { cause });
  }
  if (token.length < shortest || !/^[\x21-\x7e]+$/.test(token))
    throw new BelayError('bad_request', `The token in ${file} needs at least ${shortest} characters without spaces.`, {
      hint: 'For example: openssl rand -hex 32',
    });
  return token;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets in `bearer` by the token's header, and throws `unauthorized` for every other. Takes the same time for every wrong one. */
export function bearerOf(token: string, bearer: Caller): (authorization: string | undefined) => Promise<Caller> {
  const wanted = digest(token);
  const caller = Promise.resolve<Caller>({ ...bearer, credential: 'token' });
  return (authorization) => {
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), wanted)) return caller;
    return Promise.reject(
      new BelayError('unauthorized', 'This platform needs a token.', { hint: 'Send it as "Authorization: Bearer …".' }),
    );
  };
}
