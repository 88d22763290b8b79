/** What `run` and `queue` do before somebody claims: the item, its folder, the person's yes to a copy, the session. */
import type { Connection } from '../../client/connection.ts';
import type { Session } from '../../protocol/records.ts';
import { usualMode } from '../../prompt/usualMode.ts';
import { queueSession } from '../../worker/queue/queueSession.ts';
import type { Values } from '../base/command.ts';
import type { sessionOptions } from '../base/common.ts';
import { confirmCopy } from './confirmCopy.ts';
import { bindHere } from './context.ts';
import { state } from '../base/here.ts';
import { itemName } from '../base/names.ts';
import { textOf } from '../base/texts.ts';

export interface Prepared {
  /** What it is about. */
  readonly folder: string;
  /** Stores the session. With `workerId` only this worker may claim it. */
  readonly create: (who: { readonly agentId: string; readonly workerId: string | null }) => Promise<Session>;
}

export async function prepareSession(connection: Connection, key: string, options: Values<typeof sessionOptions>): Promise<Prepared> {
  const { api } = connection;
  const item = await api.getItem({ params: { id: itemName(key) } });
  const note = options.note === undefined ? '' : await textOf(options.note);
  const repository = await bindHere(connection, options.folder);
  await confirmCopy(repository, options.copy, state);
  return {
    folder: repository.checkout.path,
    create: (who) =>
      queueSession({
        api,
        stateDir: state,
        itemId: item.id,
        mode: options.mode ?? usualMode(item),
        repository,
        prompt: { kind: 'item', note },
        base: options.base ?? 'head',
        ...who,
      }),
  };
}
