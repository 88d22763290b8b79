/** Dotted version numbers. */

/** Negative when `a` is older than `b`, positive when newer, 0 when equal. A pre-release is older than its release. */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = split(a);
  const [coreB, preB] = split(b);
  for (let i = 0; i < 3; i++) {
    const difference = (coreA[i] ?? 0) - (coreB[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (preA === preB) return 0;
  if (preA === '' || preB === '') return preA === '' ? 1 : -1;
  return preA < preB ? -1 : 1;
}

function split(version: string): [number[], string] {
  const [core = '', ...pre] = version.split('+')[0]?.split('-') ?? [];
  return [core.split('.').map((part) => Number.parseInt(part, 10) || 0), pre.join('-')];
}
