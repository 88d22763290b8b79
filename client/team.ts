/** A team's platform: reached by its address and let in by a token; nobody here starts or replaces it. */
import * as z from 'zod';
import { BelayError } from '../protocol/errors.ts';
import { About, protocolVersion, routes } from '../protocol/routes.ts';
import type { UrlAddress } from '../transport/address.ts';
import type { PlatformHttp } from '../transport/http.ts';
import { lookAtAddress } from '../transport/replies.ts';
import { connectTo, type Connection } from './connection.ts';

/** What every version says of itself, whatever else has changed. */
const Versions = z.object({ name: z.literal('belay'), version: z.string(), protocol: z.int() });

/** Throws a BelayError that says what to do where no platform answers that this program understands. */
export async function connectTeam(address: UrlAddress, version: string): Promise<Connection> {
  return await connectTo(address, (http) => find(address.url, version, http));
}

async function find(url: string, version: string, http: PlatformHttp): Promise<About> {
  const { method, path } = routes.about;
  const { body } = await http.send({ method, path, headers: { accept: 'application/json' }, body: null });
  const said = jsonOf(body);
  const versions = Versions.safeParse(said).data;
  if (!versions)
    throw new BelayError('unavailable', `What answers at ${url} is not Belay's platform.`, {
      hint: `The path is part of an address: it may be missing or too long. ${lookAtAddress}`,
    });
  const apart = versions.protocol - protocolVersion;
  const about = About.safeParse(said).data;
  if (Math.abs(apart) > 1 || !about)
    throw new BelayError('unavailable', `The platform at ${url} is version ${versions.version}, and this program version ${version}.`, {
      hint:
        apart < 0
          ? 'They are too far apart: ask whoever runs the platform to update it.'
          : 'They are too far apart: update Belay here, or ask whoever runs the platform.',
    });
  return about;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
