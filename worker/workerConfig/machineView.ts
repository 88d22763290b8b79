/** This machine as a policy sees it. */
import path from 'node:path';
import { sha256 } from '../base/digest.ts';
import { within } from '../base/paths.ts';
import type { MachineView } from '../policy/situation.ts';
import { resolveReal } from './resolve.ts';

export const machineView: MachineView = {
  // How names are compared where this machine's file systems usually fold case.
  foldsCase: process.platform === 'darwin' || process.platform === 'win32',
  resolve: resolveReal,
  isAbsolute: path.isAbsolute,
  normalize: path.normalize,
  within,
  sha256,
};
