/** Keys of OpenAI Symphony's file that Belay has no use for, and what stands in their place. Pure. */
const notes: Readonly<Record<string, string>> = {
  tracker: 'Symphony reads issues from a tracker. Here items come from Belay itself: this has no effect.',
  polling: 'Symphony polls by this. Belay asks its platform by itself: this has no effect.',
  workspace: 'Symphony keeps workspaces where this says. Belay makes its private clones in its own folder: this has no effect.',
  codex:
    'How an agent is started and confined is set on each machine, never by a repository: this has no effect. Limits of time stand under "agent".',
  server: 'Belay has no status server: this has no effect.',
  worker: 'Belay runs sessions on the machine that claimed them: this has no effect.',
  'agent.max_retry_backoff_ms':
    "A run that failed is tried again when a person says so; sessions of a person's machine have no other retry: this has no effect.",
  'agent.max_concurrent_agents_by_state':
    'Belay counts sessions, not states of items: this has no effect. See "agent.max_concurrent_agents".',
};

/** What is to be said about a key; null when Symphony does not know it either. */
export function symphonyNote(path: string): string | null {
  return Object.hasOwn(notes, path) ? (notes[path] ?? null) : null;
}
