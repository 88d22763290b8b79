/** The words of the records' fields as plain lists, for programs that need the words and no schemas. */
export const itemKinds = ['initiative', 'bug', 'todo'] as const;
export const itemStatuses = ['idea', 'open', 'planned', 'in_progress', 'in_review', 'blocked', 'completed', 'cancelled'] as const;
export const priorities = ['urgent', 'high', 'medium', 'low', 'none'] as const;
export const sessionModes = ['plan', 'code', 'review', 'fix'] as const;
export const sandboxSteps = ['ours', 'agent', 'mediated', 'none'] as const;
