/** The paths of a changed file: a move has two. */
import type { ResultFile } from './records.ts';

type Paths = Pick<ResultFile, 'path' | 'oldPath'>;

export const pathsOfFile = ({ path, oldPath }: Paths): string[] => (oldPath === null ? [path] : [oldPath, path]);
/** For people. */
export const pathText = (file: Paths): string => pathsOfFile(file).join(' → ');
