/** Reads the workflow file and its sections from a commit, by git plumbing: never from a working folder. */
import { createHash } from 'node:crypto';
import { BelayError } from '../../protocol/errors.ts';
import { fields, safeGit } from '../workspace/git.ts';
import { sectionFolder, workflowFile } from './schema.ts';
import type { Sections } from './template.ts';

export interface WorkflowSource {
  readonly text: string;
  readonly sections: Sections;
  /** Names all of it, the body and every section too. */
  readonly hash: string;
}

const limits = { fileBytes: 256 * 1024, sections: 100 } as const;
const sectionName = /^([A-Za-z0-9][\w-]{0,60})\.md$/u;

export function sourceOf(text: string, sections: Sections): WorkflowSource {
  const sorted = Object.entries(sections).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    text,
    sections,
    hash: createHash('sha256')
      .update(JSON.stringify([text, sorted]))
      .digest('hex'),
  };
}

/** Null when the commit has no such file. Throws when it is too large, or no ordinary file. */
export async function readSource(gitDir: string, commit: string): Promise<WorkflowSource | null> {
  const list = await safeGit(['ls-tree', '-z', commit, '--', workflowFile, `${sectionFolder}/`], { gitDir });
  const entries = fields(list.stdout).flatMap((entry) => {
    const [, mode = '', type = '', object = '', path = ''] = /^(\d+) (\w+) ([0-9a-f]+)\t([\s\S]*)$/u.exec(entry) ?? [];
    return [{ ordinary: type === 'blob' && (mode === '100644' || mode === '100755'), object, path }];
  });
  const file = entries.find((entry) => entry.path === workflowFile);
  if (!file) return null;
  const read = async (object: string, path: string): Promise<string> => {
    const { stdout } = await safeGit(['cat-file', 'blob', object], { gitDir });
    if (stdout.length > limits.fileBytes) throw new BelayError('bad_request', `${path} is larger than ${limits.fileBytes / 1024} KiB.`);
    return stdout.toString('utf8');
  };
  if (!file.ordinary) throw new BelayError('bad_request', `${workflowFile} is no ordinary file.`);
  const named = entries.flatMap((entry) => {
    const name = sectionName.exec(entry.path.slice(sectionFolder.length + 1))?.[1];
    return entry.ordinary && entry.path.startsWith(`${sectionFolder}/`) && name !== undefined ? [{ ...entry, name }] : [];
  });
  if (named.length > limits.sections) throw new BelayError('bad_request', `There are more than ${limits.sections} sections.`);
  const sections = await Promise.all(named.map(async ({ name, object, path }) => [name, await read(object, path)] as const));
  return sourceOf(await read(file.object, workflowFile), Object.fromEntries(sections));
}
