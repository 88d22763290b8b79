/** Turns an item into prompt sections: each with its origin, a switch and a size. Pure. */
import type { ItemBundle } from '../protocol/exchange.ts';
import type { Comment, PromptSection, StoredItem } from '../protocol/records.ts';
import { writtenPromptId } from './render.ts';

export interface SectionOptions {
  /** What the person adds to this hand-off. */
  readonly note?: string;
  /** What went wrong or was asked in the earlier session of the line. */
  readonly previous?: string;
}

/** Characters of comments and documents a prompt takes at most; the rest stays on the item. */
const sectionLimits = { comments: 20_000, documents: 60_000, description: 400_000 } as const;

/** What there is to say beside an item, or without one. */
export function noteSections({ note = '', previous = '' }: SectionOptions): PromptSection[] {
  return withText([
    section('note', 'note', 'Note from the person', note),
    section('previous', 'previous', 'From the session before', previous),
  ]);
}

/** A whole prompt as a person wrote it: it goes out as it is. */
export const writtenSection = (text: string): PromptSection => section(writtenPromptId, 'note', 'Prompt', text);

const withText = (sections: readonly PromptSection[]): PromptSection[] => sections.filter(({ text }) => text.trim() !== '');

/** The part of a bundle that a prompt is made of; whoever it is shown to. */
type PromptBundle = { readonly item: StoredItem; readonly parent: StoredItem | null; readonly children: readonly StoredItem[] } & Pick<
  ItemBundle,
  'comments' | 'documents'
>;

export function promptSections(bundle: PromptBundle, options: SectionOptions = {}): PromptSection[] {
  const { item, parent, comments, documents } = bundle;
  return withText([
    section('item', 'item', `${item.key}: ${oneLine(item.title)}`, describeItem(bundle)),
    ...noteSections(options),
    section(
      'parent',
      'parent',
      parent ? `Part of ${parent.key}: ${oneLine(parent.title)}` : '',
      parent ? capped(parent.description, 8000) : '',
    ),
    section('comments', 'comments', `Comments (${comments.length})`, describeComments(comments)),
    section(
      'documents',
      'documents',
      `Documents (${documents.length})`,
      capped(documents.map((entry) => `# ${oneLine(entry.title)}\n\n${entry.body}`).join('\n\n'), sectionLimits.documents),
    ),
  ]);
}

/** Of a session that was begun in a part of its repository: an agent starts at the top of the clone. `within` is empty for all of it. */
export function folderSection(within: string): PromptSection[] {
  if (within === '') return [];
  const text = `This work is about the folder \`${oneLine(within)}\` of the repository. Paths without another word are from there.`;
  return [section(folderId, 'note', 'Folder', text)];
}
const folderId = 'folder';

/** What stays true for the next session of a line, whatever became of the item. */
export const lastingSections = (sections: readonly PromptSection[]): PromptSection[] => sections.filter(({ id }) => id === folderId);

function section(id: string, origin: PromptSection['origin'], title: string, text: string): PromptSection {
  return { id, origin, title: oneLine(title).slice(0, 300), text, trusted: false, enabled: true };
}

function describeItem({ item, children }: PromptBundle): string {
  const facts = [
    `Kind: ${item.kind}`,
    `Status: ${item.status.replaceAll('_', ' ')}`,
    `Priority: ${item.priority}`,
    ...(item.labels.length > 0 ? [`Labels: ${item.labels.map((label) => `${label.group}/${label.name}`).join(', ')}`] : []),
    ...item.links.map((link) => `Link: ${oneLine(link.title)} ${link.url}`),
    ...children.map((child) => `Child: ${child.key} ${oneLine(child.title)} (${child.status.replaceAll('_', ' ')})`),
  ];
  return `${facts.join('\n')}\n\n${capped(item.description, sectionLimits.description)}`;
}

/** Newest first, until the limit is reached; what is left out is said. */
function describeComments(comments: readonly Comment[]): string {
  const newest = [...comments].sort((a, b) => b.createdAt - a.createdAt);
  const taken: string[] = [];
  let size = 0;
  for (const comment of newest) {
    const text = `${oneLine(comment.authorName)}: ${comment.body}`;
    if (size + text.length > sectionLimits.comments) break;
    taken.push(text);
    size += text.length;
  }
  const left = newest.length - taken.length;
  return [...taken, ...(left > 0 ? [`(${left} older comments are on the item.)`] : [])].join('\n\n');
}

function capped(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}\n(The rest, ${text.length - max} characters, is on the item.)`;
}

/** A title on one line, without control or direction characters that could make it read as something else. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ').trim();
}
