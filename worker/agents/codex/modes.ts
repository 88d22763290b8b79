import type { SandboxStep } from '../../../protocol/records.ts';

/**
 * Codex's own sandbox inside ours fails every command without a word, so it is off there; with no
 * sandbox of ours it is what confines Codex, and in the last two steps it asks for everything.
 */
export const codexModes: Record<SandboxStep, { sandbox: string; approvalPolicy: string; policy: Record<string, unknown> | null }> = {
  ours: { sandbox: 'danger-full-access', approvalPolicy: 'on-request', policy: { type: 'externalSandbox', networkAccess: 'restricted' } },
  agent: { sandbox: 'workspace-write', approvalPolicy: 'on-request', policy: null },
  mediated: { sandbox: 'read-only', approvalPolicy: 'untrusted', policy: null },
  none: { sandbox: 'danger-full-access', approvalPolicy: 'on-request', policy: null },
};
