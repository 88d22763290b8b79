/**
 * What a workflow's template may name. Only facts that fit on one line come from an item: its description, comments
 * and documents stay inside the fence. Pure.
 */
import type { WorkItem } from '../../protocol/records.ts';
import { oneLine } from '../../prompt/sections.ts';

export interface VariableDocs {
  readonly [name: string]: string | VariableDocs;
}

const item = {
  key: 'Key of the item, such as BUG-12.',
  title: 'Title of the item: one line, in quotes, shortened.',
  kind: 'initiative, bug or todo.',
  status: 'Status of the item.',
  priority: 'Priority of the item.',
  labels: 'Labels of the item, a list of texts `group/name`.',
} as const;
const issue = {
  id: 'Key of the item.',
  identifier: 'Key of the item.',
  title: item.title,
  state: item.status,
  priority: item.priority,
  labels: item.labels,
  description: 'A line that says where the description is: it never stands in trusted text.',
  url: 'Empty: an item has no address of its own.',
} as const;

export const variableDocs = {
  item,
  issue,
  session: { mode: 'plan, code, review or fix.', agent: 'Name of the agent.', id: 'Id of the session.' },
  repository: { name: 'Name of the repository.', default_branch: 'Its default branch.' },
  attempt: 'Empty in the first attempt, then 1, 2, 3 …',
} as const satisfies VariableDocs;

/** Documentation of a name; null when a template may not use it. `size`, `first` and `last` belong to Liquid itself. */
export function docOf(segments: readonly unknown[]): string | VariableDocs | null {
  let here: string | VariableDocs = variableDocs;
  for (const segment of segments) {
    if (typeof here === 'string') return /^(?:size|first|last|\d+)$/u.test(String(segment)) ? here : null;
    const next: string | VariableDocs | undefined = typeof segment === 'string' && Object.hasOwn(here, segment) ? here[segment] : undefined;
    if (next === undefined) return null;
    here = next;
  }
  return here;
}

export interface TemplateFacts {
  readonly item: Pick<WorkItem, 'key' | 'title' | 'kind' | 'status' | 'priority' | 'labels'> | null;
  readonly session: { readonly id: string; readonly mode: string; readonly agentName: string; readonly attempt: number };
  readonly repository: { readonly name: string; readonly defaultBranch: string } | null;
}

const word = (text: string, max: number): string =>
  oneLine(text)
    .replaceAll(/[^\p{L}\p{N} .,:;/_+#-]/gu, '')
    .slice(0, max);
/** A quotation cannot end itself: no quote, bracket or mark of Markdown is left in it. */
const quoted = (text: string): string => `“${word(text, 160)}”`;

/** The values of a template. What people wrote comes in shortened, on one line, and without anything that could close a quote. */
export function templateValues({ item: work, session, repository }: TemplateFacts): Record<string, unknown> {
  const key = word(work?.key ?? '', 80);
  const labels = (work?.labels ?? []).map((label) => word(`${label.group}/${label.name}`, 60));
  const title = work ? quoted(work.title) : '';
  const status = (work?.status ?? '').replaceAll('_', ' ');
  const priority = String(work?.priority ?? '');
  return {
    item: { key, title, kind: work?.kind ?? '', status, priority, labels },
    issue: {
      id: key,
      identifier: key,
      title,
      state: status,
      priority,
      labels,
      description: '(The description is in the material below.)',
      url: '',
    },
    session: { mode: session.mode, agent: word(session.agentName, 80), id: session.id },
    repository: { name: word(repository?.name ?? '', 120), default_branch: word(repository?.defaultBranch ?? '', 120) },
    attempt: session.attempt > 1 ? session.attempt - 1 : null,
  };
}
