/** Reads from a platform that runs already, for programs that want to be done before everything else is loaded. */
import { queryText } from '../protocol/queryText.ts';
import type { routes, About } from '../protocol/routes.ts';
import type { CallInput, CallReply } from '../protocol/typedClient.ts';
import type { PlatformAddress } from '../transport/address.ts';
import { platformHttp } from '../transport/http.ts';

/** Lists that have no place in their path. */
type ListName = 'listItems' | 'listSessions';

export interface QuickReader {
  readonly about: About;
  list<N extends ListName>(path: (typeof routes)[N]['path'], query: CallInput<N>['query']): Promise<CallReply<N>>;
  close(): void;
}

/**
 * Null where none runs, or one of another version: then a connection is needed. What the same version wrote is not checked
 * against its schemas, whose loading takes longer than all the rest.
 */
export async function quickReader(address: PlatformAddress, version: string): Promise<QuickReader | null> {
  const http = platformHttp(address);
  const get = async (path: string): Promise<unknown> => {
    const { status, body } = await http.send({ method: 'GET', path, headers: { accept: 'application/json' }, body: null });
    if (status !== 200) throw new Error(`${status}`);
    return JSON.parse(body);
  };
  const close = () => {
    http.close();
  };
  try {
    const about = (await get('/v1/about')) as About;
    if (about.version === version)
      return { about, list: async (path, query) => (await get(`${path}?${queryText(query ?? {})}`)) as never, close };
  } catch {
    // Whatever is wrong is told by the connection that is tried next.
  }
  close();
  return null;
}
