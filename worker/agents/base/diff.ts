/** Line counts of a change, for people: cheap and approximate where lines moved. */

/** Lines added and deleted between two texts, by counting equal lines. */
export function countLines(before: string, after: string): { added: number; deleted: number } {
  const left = new Map<string, number>();
  const lines = (text: string) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
  for (const line of lines(before)) left.set(line, (left.get(line) ?? 0) + 1);
  let added = 0;
  for (const line of lines(after)) {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    else added += 1;
  }
  return { added, deleted: [...left.values()].reduce((sum, count) => sum + count, 0) };
}

/** Lines added and deleted in a unified diff. */
export function countUnified(diff: string): { added: number; deleted: number } {
  const lines = diff.split('\n').filter((line) => !line.startsWith('+++') && !line.startsWith('---'));
  return { added: lines.filter((line) => line.startsWith('+')).length, deleted: lines.filter((line) => line.startsWith('-')).length };
}
