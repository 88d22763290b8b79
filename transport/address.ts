/** Where a platform is, and what it lets a client in by. */
import { isIPv4 } from 'node:net';
import { BelayError } from '../protocol/errors.ts';

/** The platform of this machine, which only this user reaches. */
export interface SocketAddress {
  readonly socketPath: string;
}
/** A team's platform. `url` is as `platformUrl` gives it. */
export interface UrlAddress {
  readonly url: string;
  readonly credential: string;
}
export type PlatformAddress = SocketAddress | UrlAddress;

const example = 'It looks like https://belay.example.com or https://example.com/belay.';

const refused = (message: string, hint: string): BelayError => new BelayError('bad_request', message, { hint });

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));

/**
 * The address in its one form, without a slash at its end. Throws `bad_request` for what no credential may be sent to; since an
 * address may be a token that was pasted in its place, no more of it than the host is told.
 */
export function platformUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw refused('This is no address of a platform.', example);
  const { protocol, hostname, host, pathname } = url;
  if (url.username !== '' || url.password !== '')
    throw refused('The address of a platform carries no name and no password.', 'The token is told apart from it: belay help use');
  if (url.search !== '' || url.hash !== '' || /[?#]/u.test(text))
    throw refused('The address of a platform has nothing behind "?" or "#".', example);
  if (protocol === 'http:' && !isLoopback(hostname))
    throw refused(
      `Belay does not send a token to ${host} over http, where others can read it.`,
      'Use https://. Plain http is for this machine alone: 127.0.0.1, [::1] or localhost.',
    );
  return `${protocol}//${host}${pathname.replace(/\/+$/u, '')}`;
}

/** Throws `bad_request` for what is no token, without telling what it is. */
export function platformToken(text: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/u.test(token))
    throw refused(
      token === '' ? 'The token is missing.' : 'The token is one word without spaces or line breaks, and this is something else.',
      'Whoever runs the platform has it.',
    );
  return token;
}
