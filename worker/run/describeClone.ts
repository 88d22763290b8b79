/** What a person is told of a run's working folder before the agent starts. Pure. */
import type { LineClone } from '../workspace/types.ts';

const mostNamed = 5;

export function describeClone({ reused, baseCommit, leftOut }: LineClone): string {
  const place = `${reused ? 'The folder of the session before' : 'A private clone'} at ${baseCommit.slice(0, 12)}`;
  return leftOut.length === 0 ? place : `${place}. Without links that lead out of the checkout: ${listed(leftOut)}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return names.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
