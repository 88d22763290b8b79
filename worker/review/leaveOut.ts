/** What stays out of an Accept: what a machine executes and got no yes of its own, with what goes only for its sake. Pure. */
import type { ResultFile } from '../../protocol/records.ts';
import { pathsOfFile } from '../../protocol/resultFiles.ts';

export function pathsLeftOut(files: readonly ResultFile[], yes: readonly string[]): string[] {
  const out = new Set(files.filter((file) => file.class === 'host_executed' && !yes.includes(file.path)).flatMap(pathsOfFile));
  const staying = [...out];
  const coming = files.filter((file) => file.status !== 'deleted' && !out.has(file.path)).map((file) => file.path);
  for (const { path, status } of files) {
    if (status !== 'deleted') continue;
    const isReplaced = staying.some((other) => path.startsWith(`${other}/`));
    const becameFolder = staying.some((other) => other.startsWith(`${path}/`)) && !coming.some((other) => other.startsWith(`${path}/`));
    if (isReplaced || becameFolder) out.add(path);
  }
  return [...out];
}
