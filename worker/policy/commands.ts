/** From one command, as a shell text or as arguments, to everything it does that a rule can speak of. Pure. */
import { shellCommands, type Redirection, type SimpleCommand, type Word } from './shell.ts';

export interface RunFact {
  readonly words: readonly Word[];
  readonly assignments: readonly string[];
  /** It stands inside another command (`env`, `sh -c`), which is a fact of its own. */
  readonly inside: boolean;
}
export interface FileFact extends Redirection {
  /** The folder its path is relative to; null when the command changes folders in a way that cannot be told. */
  readonly cwd: string | null;
}
export interface CommandFacts {
  readonly runs: readonly RunFact[];
  readonly files: readonly FileFact[];
  /** Some of it can only be told by running it. */
  readonly opaque: boolean;
}

/** Programs that start another one, named among their arguments. */
const wrappers = new Set([
  ...['env', 'sudo', 'doas', 'nice', 'ionice', 'nohup', 'time', 'timeout', 'watch', 'setsid', 'stdbuf', 'xargs', 'command'],
  ...[
    'exec',
    'builtin',
    'busybox',
    'toybox',
    'flock',
    'script',
    'chroot',
    'unshare',
    'nsenter',
    'strace',
    'ltrace',
    'taskset',
    'chrt',
    'parallel',
  ],
]);
const shells = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'fish', 'rbash']);
const mostInside = 40;

/** A program's own name, without its folder and what Windows adds. */
export const programName = (word: string): string =>
  (word.split(/[\\/]/u).at(-1) ?? '').toLowerCase().replace(/\.(?:exe|cmd|bat|com|ps1)$/u, '');

/** `cwd`: where the command starts. */
export function factsOf(command: string | readonly string[], cwd: string, join: (folder: string, path: string) => string): CommandFacts {
  const commands =
    typeof command === 'string'
      ? shellCommands(command)
      : [{ words: command.map((text) => ({ text, dynamic: false })), assignments: [], redirections: [] }];
  if (commands === null) return { runs: [], files: [], opaque: true };
  const gathered: { runs: RunFact[]; files: FileFact[]; opaque: boolean } = { runs: [], files: [], opaque: false };
  let folder: string | null = cwd;
  for (const one of commands) {
    gather(one, false, folder, gathered);
    folder = folderAfter(one, folder, join);
  }
  if (gathered.runs.length > mostInside * 10) gathered.opaque = true;
  return gathered;
}

function gather(
  { words, assignments, redirections }: SimpleCommand,
  inside: boolean,
  cwd: string | null,
  into: { runs: RunFact[]; files: FileFact[]; opaque: boolean },
): void {
  into.files.push(...redirections.map((redirection) => ({ ...redirection, cwd })));
  if (words.length === 0 && assignments.length === 0) return;
  into.runs.push({ words, assignments, inside });
  const [program] = words;
  if (program === undefined) return;
  // Which program it is, is known only when it runs.
  if (program.dynamic) into.opaque = true;
  const name = programName(program.text);
  if (shells.has(name)) shellText(words, cwd, into);
  else if (name === 'eval') nested(words.slice(1), cwd, into);
  else if (name === 'find') found(words, cwd, into);
  else if (wrappers.has(name)) wrapped(words, cwd, into);
}

/** `sh -c TEXT`, also as `-lc`. */
function shellText(words: readonly Word[], cwd: string | null, into: { runs: RunFact[]; files: FileFact[]; opaque: boolean }): void {
  const flag = words.findIndex((word, index) => index > 0 && /^-[a-z]*c[a-z]*$/iu.test(word.text));
  const text = flag < 0 ? undefined : words.slice(flag + 1).find((word) => !word.text.startsWith('-') || word.dynamic);
  if (text) nested([text], cwd, into);
}

function nested(words: readonly Word[], cwd: string | null, into: { runs: RunFact[]; files: FileFact[]; opaque: boolean }): void {
  const commands = words.some((word) => word.dynamic) ? null : shellCommands(words.map((word) => word.text).join(' '), 1);
  if (commands === null) into.opaque = true;
  else for (const command of commands) gather(command, true, cwd, into);
}

/** Which of a wrapper's words the inner command begins with depends on its options, so each may be it. */
function wrapped(words: readonly Word[], cwd: string | null, into: { runs: RunFact[]; files: FileFact[]; opaque: boolean }): void {
  if (words.length > mostInside) into.opaque = true;
  const assignments: string[] = [];
  for (let index = 1; index < Math.min(words.length, mostInside); index += 1) {
    const word = words[index];
    if (word === undefined || word.text.startsWith('-')) continue;
    if (/^[A-Za-z_]\w*=/u.test(word.text)) {
      assignments.push(word.text);
      continue;
    }
    const rest = words.slice(index);
    const name = programName(word.text);
    into.runs.push({ words: rest, assignments: [...assignments], inside: true });
    if (shells.has(name)) shellText(rest, cwd, into);
    else if (name === 'eval') nested(rest.slice(1), cwd, into);
    else if (name === 'find') found(rest, cwd, into);
  }
}

/** `find … -exec COMMAND ;` */
function found(words: readonly Word[], cwd: string | null, into: { runs: RunFact[]; files: FileFact[]; opaque: boolean }): void {
  for (const [index, word] of words.entries()) {
    if (!/^-(?:exec|execdir|ok|okdir)$/u.test(word.text)) continue;
    const rest = words.slice(index + 1);
    const end = rest.findIndex((entry) => entry.text === ';' || entry.text === '+');
    // Where it ends is plain, so it stands for itself: who allowed a search allowed no other program.
    gather({ words: end < 0 ? rest : rest.slice(0, end), assignments: [], redirections: [] }, false, cwd, into);
  }
}

function folderAfter({ words }: SimpleCommand, folder: string | null, join: (folder: string, path: string) => string): string | null {
  const [program, target] = words;
  if (program === undefined || !['cd', 'pushd', 'popd', 'chdir'].includes(program.text)) return folder;
  if (folder === null || target === undefined || target.dynamic || target.text.startsWith('-') || words.length > 2) return null;
  return join(folder, target.text);
}
