/** What comes from an address that is not what Belay's platform answers. */
import type { IncomingMessage } from 'node:http';
import { BelayError } from '../protocol/errors.ts';
import { TransportFailure } from './failure.ts';

export const lookAtAddress = 'Check the address: "belay use" shows it, "belay help use" says how to change it.';

const away = new Set([502, 503, 504]);

const mediaType = ({ headers }: IncomingMessage): string => (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
const isJson = (type: string): boolean => type === 'application/json' || type.endsWith('+json');

/** The host that an answer points to. The rest of it may be anything. */
function hostOf(location: string | undefined, url: string): string {
  const target = URL.parse(location ?? '', url);
  return target ? `${target.protocol}//${target.host}` : 'somewhere else';
}

/**
 * Throws for the answer of a proxy, of another program, or to a token that does not count. `wanted` is the form that a good answer
 * has.
 */
export function checkReply(url: string, reply: IncomingMessage, wanted: 'json' | 'stream'): void {
  const status = reply.statusCode ?? 0;
  if (status >= 300 && status < 400)
    throw new BelayError(
      'unavailable',
      `${url} answers with a redirect to ${hostOf(reply.headers.location, url)}, and Belay follows none.`,
      {
        hint: `The token would go along. If the platform is there now, use that address. ${lookAtAddress}`,
      },
    );
  if (status === 401)
    throw new BelayError('unauthorized', `The platform at ${url} does not take this token.`, {
      hint: 'Ask whoever runs it for a current one, then: belay use URL, or set BELAY_TOKEN anew.',
    });
  const type = mediaType(reply);
  const isRight = wanted === 'stream' && status === 200 ? type === 'text/event-stream' : isJson(type);
  if (isRight) return;
  const said = `What answers at ${url} is not Belay's platform: ${status}, ${type === '' ? 'of no type' : type}.`;
  const hint = `A proxy or a page to sign in may stand in between, or the platform is away. ${lookAtAddress}`;
  // A proxy that does not reach it now, as while it is started anew.
  if (away.has(status)) throw new TransportFailure('broken', said, hint);
  throw new BelayError('unavailable', said, { hint });
}
