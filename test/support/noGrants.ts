import type { RunGrants } from '../../worker/sandbox/confinement.ts';

/** A confinement that grants nothing beyond what every run has. */
export const noGrants: RunGrants = {
  hosts: [],
  services: [],
  certificates: {},
  masks: [],
  programs: [],
  readable: [],
  writable: [],
  unreadable: [],
  unwritable: [],
};
