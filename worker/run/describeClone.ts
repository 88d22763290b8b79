/** What a person is told of a run's working folder before the agent starts. Pure. */
import { quotedName } from '../../protocol/shownText.ts';
import type { LineClone } from '../workspace/types.ts';

const mostNamed = 5;

export function describeClone({ reused, baseCommit, leftOut, notCopied, submodules, mirrors }: LineClone): string {
  const sentences = [`${reused ? 'The folder of the session before' : 'A private clone'} at ${baseCommit.slice(0, 12)}`];
  if (leftOut.length > 0) sentences.push(`Without links that lead out of the checkout: ${listed(leftOut)}`);
  if (notCopied.length > 0)
    sentences.push(`Without pipes, sockets and the git directories of repositories in the folder: ${listed(notCopied)}`);
  if (submodules.length > 0)
    sentences.push(`Submodules are empty folders in it, and nothing below them is handed over: ${listed(submodules)}`);
  if (mirrors.length > 0)
    sentences.push(`A push to a mirror publishes refs/belay, which holds results that nobody accepted yet: ${listed(mirrors)}`);
  return sentences.join('. ');
}

function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return names.slice(0, mostNamed).map(quotedName).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
