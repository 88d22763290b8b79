/**
 * The command inside `/bin/bash -lc '…'`, for showing only: agents wrap every command in a shell, and the
 * wrapper hides what a person wants to read. A text that is not exactly one quoted word is left as it is.
 */
export function shownCommand(command: string): string {
  const quoted = /^(?:\/[\w./-]+\/)?(?:ba|z|da)?sh -l?c (.+)$/su.exec(command)?.[1];
  if (quoted === undefined) return command;
  return unquote(quoted) ?? command;
}

/** One shell word of quoted and plain parts, unquoted; null when it is more or less than one. */
function unquote(word: string): string | null {
  let text = '';
  for (let at = 0; at < word.length;) {
    const char = word[at];
    if (char === "'") {
      const end = word.indexOf("'", at + 1);
      if (end < 0) return null;
      text += word.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      const part = /^"((?:[^"\\]|\\.)*)"/su.exec(word.slice(at));
      if (!part) return null;
      text += (part[1] ?? '').replaceAll(/\\(["\\$`])/gu, '$1');
      at += part[0].length;
    } else if (char === '\\') {
      text += word[at + 1] ?? '';
      at += 2;
    } else if (/[\w./:=,@%+-]/u.test(char ?? '')) {
      text += char;
      at += 1;
    } else return null;
  }
  return text;
}
