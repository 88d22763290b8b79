/** What a run is made with: from its folder, and from the process that hosts it. */
import type { BelayApi } from '../../protocol/typedClient.ts';
import type { AuditLog } from '../audit/log.ts';
import type { Journal } from '../journal/journal.ts';
import type { ControlServer } from './control.ts';
import type { Interruption } from './interruption.ts';
import type { HostRecord, RunSpec } from './spec.ts';

export interface RunParts {
  readonly runDir: string;
  readonly spec: RunSpec;
  readonly secretEnv: Readonly<Record<string, string>>;
  /** Bound values for the broker; no agent gets them. */
  readonly effectSecrets: Readonly<Record<string, string>>;
  readonly api: BelayApi;
  readonly journal: Journal;
  readonly audit: AuditLog;
  /** This machine's id, as the audit log's anchors name it. */
  readonly machine: string;
  readonly record: HostRecord;
  readonly control: Pick<ControlServer, 'update'>;
  readonly interruption: Interruption;
  readonly log: (text: string) => void;
}
