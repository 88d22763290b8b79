/** Items: keys, changes, and what a change means for the sessions that run on an item. */
import type * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import type { ItemKind, Label, StoredItem } from '../../protocol/records.ts';
import type { PatchItem } from '../../protocol/routes.ts';
import { oneLine } from '../../protocol/shownText.ts';

export const keyPrefixes = { initiative: 'INIT', bug: 'BUG', todo: 'TODO' } as const satisfies Record<ItemKind, string>;
export const itemKey = (kind: ItemKind, number: number): string => `${keyPrefixes[kind]}-${number}`;

/** The item after `patch`, or the same object when nothing differs. */
export function patched(item: StoredItem, patch: z.output<typeof PatchItem>, now: number): StoredItem {
  const before = item as Record<string, unknown>;
  const changes = Object.entries(patch).filter(([name, value]) => value !== undefined && !same(before[name], value));
  if (changes.length === 0) return item;
  return { ...item, ...Object.fromEntries(changes), version: item.version + 1, updatedAt: Math.max(now, item.updatedAt) };
}

const nameOf = ({ group, name }: Label): string => `${group}:${name}`;
const isTrimmed = (text: string): boolean => text.trim() === text && text !== '';

/** Throws for a label that stands there twice, is empty or has spaces around it; `before` may hold some of an older program. */
export function checkLabels(labels: readonly Label[], before: readonly Label[] = []): void {
  const known = new Set(before.map(nameOf));
  const seen = new Set<string>();
  for (const label of labels) {
    const name = nameOf(label);
    if (seen.has(name)) throw new BelayError('invalid_body', `The label "${name}" is there twice.`);
    seen.add(name);
    if (!known.has(name) && !(isTrimmed(label.group) && isTrimmed(label.name)))
      throw new BelayError('invalid_body', `"${oneLine(name)}" cannot be a label.`, {
        hint: 'A label has a group and a name, without spaces around them.',
      });
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What the sessions of an item that are not finished must learn from its change; null: nothing. */
export function sessionEffect(before: StoredItem, after: StoredItem): 'cancel' | 'completed' | 'reassigned' | 'edited' | null {
  if (after.status === 'cancelled' && before.status !== 'cancelled') return 'cancel';
  if (after.status === 'completed' && before.status !== 'completed') return 'completed';
  if (!same(before.assigneeIds, after.assigneeIds)) return 'reassigned';
  if (before.title !== after.title || before.description !== after.description) return 'edited';
  return null;
}
