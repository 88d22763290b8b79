/** Words by others in the editor's own lists and messages, which read more into some characters than a person wrote. */
import * as vscode from 'vscode';
import { oneLine } from '../../prompt/sections.ts';

export interface PickEntry {
  readonly label: string;
  /** Of the editor's icons. */
  readonly icon?: string;
  readonly description?: string;
  readonly detail?: string;
  readonly picked?: boolean;
}
type PickOptions = Omit<vscode.QuickPickOptions, 'canPickMany'>;

/** In a list `$(name)` is an icon, unless it is escaped. */
const inList = (text: string): string => oneLine(text).replaceAll('$(', '\\$(');

const itemsOf = <E extends PickEntry>(entries: readonly E[]) =>
  entries.map((entry) => ({
    label: (entry.icon === undefined ? '' : `$(${entry.icon}) `) + inList(entry.label),
    ...(entry.description !== undefined && { description: inList(entry.description) }),
    ...(entry.detail !== undefined && { detail: inList(entry.detail) }),
    ...(entry.picked !== undefined && { picked: entry.picked }),
    entry,
  }));

/** Lets the person pick one of the entries, shown as they are written. */
export async function pickOne<E extends PickEntry>(entries: readonly E[], options: PickOptions): Promise<E | undefined> {
  return (await vscode.window.showQuickPick(itemsOf(entries), options))?.entry;
}

/** The same for any number of them; undefined when the person turned away. */
export async function pickSome<E extends PickEntry>(entries: readonly E[], options: PickOptions): Promise<E[] | undefined> {
  return (await vscode.window.showQuickPick(itemsOf(entries), { ...options, canPickMany: true }))?.map(({ entry }) => entry);
}

/** For a message: there `[words](address)` is a link, and one to a command runs it. */
export const withoutLinks = (text: string): string => text.replaceAll('](', '] (');
