/** Plants an omission into a copy of the tree and lets `npm run check` look for it there. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { root } from '../support/planted.ts';
import type { Edit, Omission } from './omission.ts';

export interface Finding {
  readonly found: boolean;
  /** The line that names the file, or why there is none. */
  readonly what: string;
  readonly seconds: number;
}

/** A copy of the tree as it is now, with the packages of this one. */
export class ScratchTree {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'belay-omission-'));
  /** What the check says where nothing was planted. */
  #known = new Set<string>();
  readonly #parts: readonly string[];

  /** `parts`: those of the check that are run, by their names; none are all. */
  constructor(parts: readonly string[] = []) {
    this.#parts = parts;
    const files = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split('\0');
    for (const file of files.filter((name) => name !== '' && existsSync(path.join(root, name)))) {
      mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
      cpSync(path.join(root, file), path.join(this.folder, file));
    }
    const packages = [
      'node_modules',
      ...files.filter((file) => /^test\/.*package\.json$/u.test(file)).map((file) => path.join(path.dirname(file), 'node_modules')),
    ];
    for (const name of packages)
      if (existsSync(path.join(root, name))) symlinkSync(path.join(root, name), path.join(this.folder, name), 'junction');
    // The check asks git which files there are.
    execFileSync('git', ['init', '-q'], { cwd: this.folder });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Checks the tree as it is, so that later checks need only look at what changed. What is wrong by itself is told. */
  async warmUp(): Promise<string[]> {
    const lines = await this.#check();
    this.#known = new Set(lines);
    return lines.some((line) => line.startsWith('not well: ')) ? lines.filter((line) => !line.includes('✔')) : [];
  }

  async tryOmission({ edits, says }: Omission): Promise<Finding> {
    const before = new Map(edits.map(({ file }) => [file, this.#read(file)]));
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1_000;
    try {
      for (const edit of edits) this.#plant(edit);
      const names = (line: string): boolean => !this.#known.has(line) && line.includes(says);
      const lines = await this.#check((part) => part.some(names));
      const line = lines.find(names);
      const what = line?.trim() ?? `nothing names ${says}:\n${lines.filter((text) => !this.#known.has(text)).join('\n')}`;
      return { found: line !== undefined, what, seconds: seconds() };
    } catch (error) {
      return { found: false, what: String(error), seconds: seconds() };
    } finally {
      for (const [file, text] of before)
        if (text === null) rmSync(path.join(this.folder, file), { force: true });
        else writeFileSync(path.join(this.folder, file), text);
    }
  }

  #read(file: string): string | null {
    const place = path.join(this.folder, file);
    return existsSync(place) ? readFileSync(place, 'utf8') : null;
  }

  #plant(edit: Edit): void {
    const place = path.join(this.folder, edit.file);
    if ('write' in edit) {
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, edit.write);
      return;
    }
    const pieces = (this.#read(edit.file) ?? '').split(edit.find);
    if (pieces.length !== 2) throw new Error(`${edit.file} has ${pieces.length - 1} times: ${edit.find}`);
    writeFileSync(place, pieces.join(edit.replace));
  }

  /**
   * What the check says, but for the part that only looks at the form of files, and without what differs from run to run. Part by
   * part: what follows the first with which it `isEnough` is not waited for.
   */
  async #check(isEnough: (part: readonly string[]) => boolean = () => false): Promise<string[]> {
    // A group of its own, to be ended with all that it started.
    const child = spawn(process.execPath, ['scripts/check.ts', ...this.#parts], {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    let said = '';
    const lines = (): string[] =>
      said
        .split(/^(?=[a-z ]+: (?:well, )?[\d.]+ s$)/mu)
        .filter((part) => !part.startsWith('format: '))
        .flatMap((part) => part.split('\n'))
        .filter((line) => line.trim() !== '' && !/\d s$|\(\d+ms\)$/u.test(line));
    for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      said += chunk;
      if (!isEnough(lines())) continue;
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      break;
    }
    await ended;
    return lines();
  }
}
