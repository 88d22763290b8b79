import path from 'node:path';
import { writePrivate } from '../base/privateFiles.ts';
import { runFiles, type HostRecord } from './spec.ts';

/** What a run host says about itself in its folder, kept as it is now. */
export class HostFile {
  readonly #file: string;
  #record: HostRecord;

  constructor(runDir: string, record: HostRecord) {
    this.#file = path.join(runDir, runFiles.host);
    this.#record = record;
  }

  change(change: Partial<HostRecord>): void {
    this.#record = { ...this.#record, ...change };
    writePrivate(this.#file, this.#record);
  }
}
