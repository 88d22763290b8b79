import type { Omission } from '../omission.ts';

export const protocolOmissions: readonly Omission[] = [
  {
    name: 'an activity kind without a line in the panel',
    by: 'types',
    edits: [
      {
        file: 'protocol/activities.ts',
        find: '  plan: z.object({ steps',
        replace: '  remark: z.object({ text: text(300) }),\n  plan: z.object({ steps',
      },
      {
        file: 'protocol/activities.ts',
        find: "  z.object({ kind: z.literal('plan'), body: bodies.plan }),\n",
        replace:
          "  z.object({ kind: z.literal('plan'), body: bodies.plan }),\n  z.object({ kind: z.literal('remark'), body: bodies.remark }),\n",
      },
    ],
    says: 'webview/parts/feedEntry.ts',
  },
  {
    name: 'an activity kind without docs',
    edits: [{ file: 'protocol/activities.ts', find: "activityKinds = ['progress', ", replace: "activityKinds = ['progress', 'remark', " }],
    says: 'docs/api.md',
  },
  {
    name: 'a kind of progress without a line in the panel',
    by: 'types',
    edits: [
      {
        file: 'protocol/activities.ts',
        find: "  z.object({ type: z.literal('blocker')",
        replace: "  z.object({ type: z.literal('remark'), text: text(300) }),\n  z.object({ type: z.literal('blocker')",
      },
    ],
    says: 'webview/parts/feedEntry.ts',
  },
  {
    name: 'an error code without docs',
    edits: [
      { file: 'protocol/errors.ts', find: '  version_conflict: 412,\n', replace: '  version_conflict: 412,\n  locked: 423,\n' },
      { file: 'platform/store/areas/people/people.ts', find: "new BelayError('session_final'", replace: "new BelayError('locked'" },
    ],
    says: 'docs/api.md',
  },
  {
    name: 'an error code that nobody answers with',
    edits: [{ file: 'protocol/errors.ts', find: '  version_conflict: 412,\n', replace: '  version_conflict: 412,\n  locked: 423,\n' }],
    says: 'protocol/errors.ts',
  },
  {
    name: 'a status of items without words',
    by: 'types',
    edits: [{ file: 'protocol/vocabulary.ts', find: "'blocked'", replace: "'blocked', 'deferred'" }],
    says: 'webview/model/describe.ts',
  },
  {
    name: 'a key of WORKFLOW.md without docs',
    edits: [
      {
        file: 'worker/workflowFile/schema.ts',
        find: '      max_turns: z.int()',
        replace: "      max_files: z.int().optional().describe('Files.'),\n      max_turns: z.int()",
      },
    ],
    says: 'docs/workflow.md',
  },
  {
    name: 'a class of the policy without docs',
    edits: [{ file: 'protocol/activities.ts', find: "policyClasses = ['read', ", replace: "policyClasses = ['read', 'clock', " }],
    says: 'docs/policy.md',
  },
];
