/** A repository's workflow as it is in one commit: read as data from the main repository, never from a working folder. */
import { createHash } from 'node:crypto';
import { safeGit, fields } from '../../workspace/git.ts';

export const workflowName = 'WORKFLOW.md';
const sectionsFolder = '.belay/sections';

/** The name a body includes the section of this path by; null when it is none. */
export const sectionName = (file: string): string | null => /^\.belay\/sections\/([a-z0-9-]{1,60})\.md$/u.exec(file)?.[1] ?? null;
const mostBytes = 256 * 1024;
const mostSections = 50;

/** The file with everything it includes: approved and kept as one. */
export interface WorkflowSource {
  readonly text: string;
  readonly sections: Readonly<Record<string, string>>;
  /** SHA-256 of all of it. */
  readonly hash: string;
}

export function sourceOf(text: string, sections: Readonly<Record<string, string>>): WorkflowSource {
  const sorted = Object.fromEntries(Object.entries(sections).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    text,
    sections: sorted,
    hash: createHash('sha256')
      .update(JSON.stringify([text, sorted]))
      .digest('hex'),
  };
}

/** Null when the commit has no such file, or one that is no plain file or too large. */
export async function readWorkflowSource(gitDir: string, commit: string): Promise<WorkflowSource | null> {
  const reply = await safeGit(['ls-tree', '-z', '-l', '--end-of-options', commit, workflowName, `${sectionsFolder}/`], {
    gitDir,
    okCodes: [0, 128],
  });
  if (reply.code !== 0) return null;
  const entries = fields(reply.stdout).flatMap((line) => {
    const match = /^(100644|100755) blob ([0-9a-f]+) +(\d+)\t(.+)$/su.exec(line);
    return match && Number(match[3]) <= mostBytes ? [{ id: match[2] ?? '', path: match[4] ?? '' }] : [];
  });
  const main = entries.find((entry) => entry.path === workflowName);
  if (!main) return null;
  const sections: Record<string, string> = {};
  for (const { id, path } of entries.slice(0, mostSections)) {
    const name = sectionName(path);
    if (name !== null) sections[name] = await blob(gitDir, id);
  }
  return sourceOf(await blob(gitDir, main.id), sections);
}

async function blob(gitDir: string, id: string): Promise<string> {
  return (await safeGit(['cat-file', 'blob', id], { gitDir })).stdout.toString('utf8');
}

/** All of it as one text, for a person to read before they approve it. */
export function wholeText({ text, sections }: WorkflowSource): string {
  return [text, ...Object.entries(sections).map(([name, words]) => `=== ${sectionsFolder}/${name}.md ===\n${words}`)].join('\n');
}
