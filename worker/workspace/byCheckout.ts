/** What the person's own checkout adds to the judgement of a changed path: what its configuration names, and whose folders are in it. */
import { foreignFolders } from './foreignFolders.ts';
import type { Verdict } from './judge.ts';
import { namedByConfig } from './namedByConfig.ts';
import { openCheckout } from './repository.ts';

export interface ByCheckout {
  /** Null: the checkout has nothing to say of this path. `all`: every path that changes. */
  of(all: readonly string[]): (file: string) => Verdict | null;
}

export async function judgeByCheckout(repositoryPath: string): Promise<ByCheckout> {
  const checkout = await openCheckout(repositoryPath);
  const named = await namedByConfig(checkout);
  return {
    of: (all) => {
      const foreign = foreignFolders(checkout.path, all);
      return (file) => {
        const folder = foreign(file);
        return folder === null ? named(file) : { class: 'control', reason: `${folder} in your checkout is another repository` };
      };
    },
  };
}
