/** Reads the work out of an item's own words: its task list, else its bullets, else its title. Pure. */

export interface ChecklistEntry {
  readonly title: string;
  readonly done: boolean;
}

const most = 20;

/** At most 20 entries; always at least one. */
export function checklistOf(text: string, title: string): ChecklistEntry[] {
  const tasks = [...text.matchAll(/^\s*[-*+]\s+\[( |x|X)\]\s+(.+)$/gm)].map((match) => ({
    title: clean(match[2]),
    done: match[1] !== ' ',
  }));
  const bullets = [...text.matchAll(/^\s*(?:[-*+]|\d+[.)])\s+(?!\[[ xX]\])(.+)$/gm)].map((match) => ({
    title: clean(match[1]),
    done: false,
  }));
  const found = (tasks.length > 0 ? tasks : bullets).filter((entry) => entry.title !== '').slice(0, most);
  return found.length > 0 ? found : [{ title: clean(title) || 'Look at the item', done: false }];
}

/** The item's key, as in `BUG-12: …`. */
export function keyOf(text: string): string | null {
  return /\b([A-Z][A-Z0-9]{1,9}-\d+)\b/.exec(text)?.[1] ?? null;
}

function clean(text: string | undefined): string {
  return (text ?? '')
    .replaceAll(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ')
    .trim()
    .slice(0, 200);
}
