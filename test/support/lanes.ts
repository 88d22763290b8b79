/** Does work on many things, only so many at a time. Results are in the order of `all`. */
export async function inLanes<In, Out>(all: readonly In[], lanes: number, work: (one: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  const left = [...all.entries()];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
