/**
 * Takes a shell text apart into the simple commands it would run. It reads the part of the POSIX shell language (and of
 * bash) whose meaning can be told without running it; of everything else it says that it cannot be told.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
 */

export interface Word {
  readonly text: string;
  /** Part of it is only known when it runs: a variable, the outcome of a command. */
  readonly dynamic: boolean;
}
export interface Redirection {
  readonly writes: boolean;
  /** Null: known only when it runs. */
  readonly path: string | null;
}
export interface SimpleCommand {
  readonly words: readonly Word[];
  /** `NAME=value` words before it. */
  readonly assignments: readonly string[];
  readonly redirections: readonly Redirection[];
}

/** Deeper nesting than people write. */
const mostDepth = 8;
const mostChars = 64 * 1024;

type Token =
  | { readonly kind: 'word'; readonly word: Word; readonly quoted: boolean }
  | { readonly kind: 'redirect'; readonly op: string }
  | { readonly kind: 'end' };

class CannotTell extends Error {}

/** The simple commands of a text in their order, those of command substitutions among them. Null: it cannot be told. */
export function shellCommands(text: string, depth = 0): readonly SimpleCommand[] | null {
  if (depth > mostDepth || text.length > mostChars || text.includes('\0')) return null;
  try {
    return new Reader(text, depth).commands();
  } catch (error) {
    if (error instanceof CannotTell) return null;
    throw error;
  }
}

/** Words that open or close a compound command and have a command after them. */
const joints = new Set(['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'do', 'done', '{', '}', '!']);
/** What the reader does not follow. */
const opaque = new Set(['case', 'esac', 'function', 'select', 'coproc']);
const redirections = ['&>>', '&>', '<<<', '<<-', '<<', '>>', '>|', '>!', '>&', '<&', '<>', '>', '<'] as const;

class Reader {
  readonly #text: string;
  readonly #depth: number;
  #at = 0;
  /** Commands of substitutions, found while their words were read. */
  readonly #inner: SimpleCommand[] = [];
  /** Here-documents whose bodies begin after this line. */
  #waiting: { readonly end: string; readonly quoted: boolean; readonly tabs: boolean }[] = [];

  constructor(text: string, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  commands(): SimpleCommand[] {
    const found: SimpleCommand[] = [];
    let words: { word: Word; quoted: boolean }[] = [];
    let redirected: Redirection[] = [];
    const finish = (): void => {
      const command = simple(words, redirected);
      if (command) found.push(command);
      words = [];
      redirected = [];
    };
    for (let token = this.#next(); token !== null; token = this.#next()) {
      if (token.kind === 'end') finish();
      else if (token.kind === 'redirect') redirected.push(...this.#redirection(token.op));
      else if (words.length === 0 && !token.quoted && joints.has(token.word.text)) finish();
      else if (words.length === 0 && !token.quoted && opaque.has(token.word.text)) throw new CannotTell();
      else if (words.length === 0 && !token.quoted && token.word.text === 'for') this.#skipFor();
      else words.push({ word: token.word, quoted: token.quoted });
    }
    finish();
    if (this.#waiting.length > 0) throw new CannotTell();
    return [...found, ...this.#inner];
  }

  /** `for NAME in words`: the words are data, and may hold substitutions. */
  #skipFor(): void {
    for (let token = this.#next(); token !== null && token.kind !== 'end'; token = this.#next()) {
      if (token.kind === 'redirect') throw new CannotTell();
    }
  }

  #redirection(op: string): Redirection[] {
    const token = this.#next();
    if (token?.kind !== 'word') throw new CannotTell();
    const { word, quoted } = token;
    if (op === '<<' || op === '<<-') {
      if (word.dynamic) throw new CannotTell();
      this.#waiting.push({ end: word.text, quoted, tabs: op === '<<-' });
      return [];
    }
    if (op === '<<<') return [];
    if ((op === '>&' || op === '<&') && /^(?:\d+|-)$/u.test(word.text)) return [];
    if (!word.dynamic && word.text === '/dev/null') return [];
    return [{ writes: op !== '<' && op !== '<&', path: word.dynamic ? null : word.text }];
  }

  #next(): Token | null {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) return null;
      if (char === ' ' || char === '\t' || char === '\r') this.#at += 1;
      else if (this.#joinsLines()) this.#at += 2;
      else if (char === '#') this.#skipLine();
      else break;
    }
    const rest = this.#text.slice(this.#at, this.#at + 4);
    if (rest.startsWith('\n')) {
      this.#at += 1;
      this.#hereDocuments();
      return { kind: 'end' };
    }
    const redirect = redirections.find((op) => rest.startsWith(op));
    if (redirect !== undefined && !/^[<>]\(/u.test(rest)) {
      this.#at += redirect.length;
      return { kind: 'redirect', op: redirect };
    }
    const number = /^\d+(?=[<>])/u.exec(this.#text.slice(this.#at, this.#at + 12))?.[0];
    if (number !== undefined) {
      this.#at += number.length;
      return this.#next();
    }
    if (/^[;&|()]/u.test(rest)) {
      this.#at += 1;
      return { kind: 'end' };
    }
    return this.#word();
  }

  /** A backslash before the end of a line joins it with the next; in single quotes and comments it is a character like others. */
  #joinsLines(): boolean {
    return this.#text.startsWith('\\\n', this.#at);
  }

  #skipLine(): void {
    while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at += 1;
  }

  #word(): Token {
    let text = '';
    let dynamic = false;
    let quoted = false;
    for (;;) {
      if (this.#joinsLines()) {
        this.#at += 2;
        continue;
      }
      const char = this.#text[this.#at];
      if (char === undefined || /[ \t\r\n;&|()<>]/u.test(char)) {
        // `<(…)` and `>(…)` in a word; `name()` defines a function.
        if (char === '(' || ((char === '<' || char === '>') && this.#text[this.#at + 1] === '(')) throw new CannotTell();
        return { kind: 'word', word: { text, dynamic }, quoted };
      }
      this.#at += 1;
      if (char === '\\') {
        quoted = true;
        text += this.#text[this.#at] ?? '';
        this.#at += 1;
      } else if (char === "'") {
        quoted = true;
        const end = this.#text.indexOf("'", this.#at);
        if (end < 0) throw new CannotTell();
        text += this.#text.slice(this.#at, end);
        this.#at = end + 1;
      } else if (char === '"') {
        quoted = true;
        const inside = this.#doubleQuoted();
        text += inside.text;
        dynamic ||= inside.dynamic;
      } else if (char === '$' || char === '`') {
        if (char === '$' && /['"]/u.test(this.#text[this.#at] ?? '')) throw new CannotTell();
        dynamic = this.#expansion(char) || dynamic;
        if (!dynamic) text += char;
      } else if (char === '{' && /^[^\s;&|()<>]*[,.][^\s;&|()<>]*\}/u.test(this.#text.slice(this.#at).replaceAll('\\\n', ''))) {
        // Braces make several words of one.
        dynamic = true;
      } else {
        if (char === '*' || char === '?' || char === '[') dynamic ||= char !== '[';
        text += char;
      }
    }
  }

  #doubleQuoted(): { text: string; dynamic: boolean } {
    let text = '';
    let dynamic = false;
    for (;;) {
      if (this.#joinsLines()) {
        this.#at += 2;
        continue;
      }
      const char = this.#text[this.#at];
      if (char === undefined) throw new CannotTell();
      this.#at += 1;
      if (char === '"') return { text, dynamic };
      if (char === '\\' && /[$`"\\]/u.test(this.#text[this.#at] ?? '')) {
        text += this.#text[this.#at] ?? '';
        this.#at += 1;
      } else if (char === '$' || char === '`') {
        const moves = this.#expansion(char);
        dynamic ||= moves;
        if (!moves) text += char;
      } else text += char;
    }
  }

  /** Reads what follows `$` or a backtick. False: it was an ordinary character. */
  #expansion(char: string): boolean {
    if (char === '`') {
      const end = this.#text.indexOf('`', this.#at);
      if (end < 0) throw new CannotTell();
      this.#substitute(this.#text.slice(this.#at, end));
      this.#at = end + 1;
      return true;
    }
    const next = this.#text[this.#at] ?? '';
    if (this.#joinsLines()) throw new CannotTell();
    if (next === '(') {
      const arithmetic = this.#text[this.#at + 1] === '(';
      const end = this.#closing();
      const inside = this.#text.slice(this.#at + 1, end);
      if (!arithmetic) this.#substitute(inside);
      else if (/[$`]/u.test(inside)) throw new CannotTell();
      this.#at = end + 1;
      return true;
    }
    if (next === '{') {
      const end = this.#text.indexOf('}', this.#at);
      const inside = this.#text.slice(this.#at + 1, end);
      if (end < 0 || /[$`{]/u.test(inside)) throw new CannotTell();
      this.#at = end + 1;
      return true;
    }
    const name = /^(?:[A-Za-z_]\w*|[\d@*#?$!-])/u.exec(this.#text.slice(this.#at, this.#at + 200))?.[0];
    if (name === undefined) return false;
    this.#at += name.length;
    return true;
  }

  /** The place of the parenthesis that closes the one here. */
  #closing(): number {
    let open = 0;
    for (let at = this.#at; at < this.#text.length; at += 1) {
      const char = this.#text[at];
      if (char === '\\') at += 1;
      else if (char === "'" || char === '"') {
        const end = this.#text.indexOf(char, at + 1);
        if (end < 0) throw new CannotTell();
        // A substitution inside double quotes has quotes of its own.
        if (char === '"' && /[$`\\]/u.test(this.#text.slice(at, end))) throw new CannotTell();
        at = end;
      } else if (char === '#' || (char === '<' && this.#text[at + 1] === '<')) throw new CannotTell();
      else if (char === '(') open += 1;
      else if (char === ')') {
        open -= 1;
        if (open === 0) return at;
      }
    }
    throw new CannotTell();
  }

  #substitute(text: string): void {
    const commands = shellCommands(text, this.#depth + 1);
    if (commands === null) throw new CannotTell();
    this.#inner.push(...commands);
  }

  #hereDocuments(): void {
    for (const { end, quoted, tabs } of this.#waiting) {
      for (;;) {
        if (this.#at >= this.#text.length) throw new CannotTell();
        const stop = this.#text.indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, stop < 0 ? undefined : stop);
        this.#at = stop < 0 ? this.#text.length : stop + 1;
        if ((tabs ? line.replace(/^\t+/u, '') : line) === end) break;
        // An unquoted body is expanded like a text in double quotes, and a line that is joined with the next may hide its end.
        if (!quoted && /\$\(|`|\\$/u.test(line)) throw new CannotTell();
      }
    }
    this.#waiting = [];
  }
}

const assignment = /^[A-Za-z_]\w*\+?=/u;

function simple(words: readonly { word: Word; quoted: boolean }[], redirections: readonly Redirection[]): SimpleCommand | null {
  const first = words.findIndex(({ word }) => !assignment.test(word.text));
  const count = first < 0 ? words.length : first;
  const assignments = words.slice(0, count).map(({ word }) => word.text);
  const rest = words.slice(count).map(({ word }) => word);
  if (rest.length === 0 && assignments.length === 0 && redirections.length === 0) return null;
  return { words: rest, assignments, redirections };
}
