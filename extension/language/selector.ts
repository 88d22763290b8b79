/** Which documents are workflow files and their sections. */
export const workflowSelector = [
  { scheme: 'file', pattern: '**/WORKFLOW.md' },
  { scheme: 'file', pattern: '**/.belay/sections/*.md' },
] as const;

export function isWorkflowPath(name: string): boolean {
  return /(?:^|[\\/])(?:WORKFLOW\.md|\.belay[\\/]sections[\\/][^\\/]+\.md)$/u.test(name);
}
