/** Bodies: JSON in UTF-8, no deeper than the protocol allows, whose texts can be stored and given back as they are. */
import { isUtf8 } from 'node:buffer';
import { BelayError } from '../../protocol/errors.ts';
import { bodyDepth } from '../../protocol/route.ts';

/** An escape of half a character: the only way one gets into a text that came as UTF-8. */
const halves = /\\u[dD][89a-fA-F]/;

/** The value in `body`; undefined where there is none. Throws `bad_request`. */
export function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new BelayError('bad_request', 'The body is not UTF-8.');
  const text = body.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BelayError('bad_request', 'The body is not JSON.');
  }
  return tidied(value, halves.test(text));
}

/** Without recursion: how deep it may go is what this finds out. `mend`: half characters become U+FFFD, as in any UTF-8. */
function tidied(root: unknown, mend: boolean): unknown {
  const holder = { root };
  const open: { readonly value: object; readonly depth: number }[] = [{ value: holder, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (depth > bodyDepth) throw new BelayError('bad_request', `The body is nested deeper than ${bodyDepth} levels.`);
    for (const [name, part] of Object.entries(value)) {
      if (typeof part === 'object' && part !== null) open.push({ value: part as object, depth: depth + 1 });
      else if (mend && typeof part === 'string') (value as Record<string, unknown>)[name] = part.toWellFormed();
    }
  }
  return holder.root;
}
