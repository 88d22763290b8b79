/** Paths as this machine spells them. */
import path from 'node:path';

/** `inner` is `outer` or lies in it. */
export function within(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}
