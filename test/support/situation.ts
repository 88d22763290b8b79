/** The situation of a run for tests of the policy: a clone in a folder that only exists as a name. */
import path from 'node:path';
import { machineView } from '../../worker/workerConfig/machineView.ts';
import type { Situation } from '../../worker/policy/situation.ts';

export function situation(over: Partial<Situation> = {}): Situation {
  return {
    step: 'ours',
    mode: 'code',
    unattended: false,
    clone: '/work/clone',
    home: '/home/ann',
    roots: [over.clone ?? '/work/clone'],
    closed: ['/state/platform'],
    open: [],
    // A file system without links.
    machine: { ...machineView, foldsCase: false, resolve: (absolute) => path.posix.normalize(absolute) },
    ...over,
  };
}
