/** The body of `WORKFLOW.md`: strict Liquid, with sections from the same commit and nothing else. Pure. */
import { Liquid, Token, type LiquidError } from 'liquidjs';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { docOf } from './variables.ts';

/** Sections by name. */
export type Sections = Readonly<Record<string, string>>;
export interface TemplateProblem {
  readonly code: 'template_parse_error' | 'unknown_variable' | 'unknown_filter' | 'unknown_section';
  readonly message: string;
  /** The section it is in; null: in the text itself. */
  readonly section: string | null;
  /** From 0, of where it begins. */
  readonly line: number;
  readonly character: number;
  readonly length: number;
}

const ownName = 'the template';
/** Whole files, layouts and blocks have no place in a prompt; `include` would share more than `render`. */
const closedTags = ['include', 'layout', 'block'];
const renderLimitMs = 1000;

/**
 * Liquid counts lines from the top for each variable it finds: in a long file most of a check's time. The same
 * answer from a table of line starts, kept for the text that was asked about last.
 */
function countLinesOnce(): void {
  let known = '';
  let starts: number[] = [0];
  Token.prototype.getPosition = function (this: Token) {
    if (this.input !== known) {
      known = this.input;
      starts = [0, ...[...known.matchAll(/\n/gu)].map((match) => match.index + 1)];
    }
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= this.begin) low = middle;
      else high = middle - 1;
    }
    return [low + 1, this.begin - (starts[low] ?? 0) + 1];
  };
}
countLinesOnce();

function engineFor(sections: Sections): Liquid {
  const text = (name: string): string => {
    const found = Object.hasOwn(sections, name) ? sections[name] : undefined;
    if (found === undefined) throw new Error(`There is no section "${name}".`);
    return found;
  };
  const has = (name: string): boolean => Object.hasOwn(sections, name);
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    extname: '',
    relativeReference: false,
    renderLimit: renderLimitMs,
    parseLimit: 2_000_000,
    memoryLimit: 20_000_000,
    fs: {
      readFileSync: text,
      readFile: (name: string) => Promise.resolve(text(name)),
      existsSync: has,
      exists: (name: string) => Promise.resolve(has(name)),
      resolve: (_folder: string, name: string) => name,
      contains: () => Promise.resolve(true),
      containsSync: () => true,
    },
  });
  for (const name of closedTags) Reflect.deleteProperty(engine.tags, name);
  return engine;
}

export const filterNames: readonly string[] = Object.keys(new Liquid().filters).sort();
export const tagNames: readonly string[] = Object.keys(engineFor({}).tags).sort();

export interface SectionUse {
  readonly name: string;
  /** Offsets of the name without its quotes. */
  readonly start: number;
  readonly end: number;
}

/** Where a text includes sections. */
export function sectionsIn(text: string): SectionUse[] {
  return [...text.matchAll(/\{%-?\s*render\s+(["'])([^"'\n]*)\1/gu)].map((match) => {
    const name = match[2] ?? '';
    const end = match.index + match[0].length - 1;
    return { name, start: end - name.length, end };
  });
}

/** Every problem that can be found without rendering, those of included sections among them. */
export function checkTemplate(text: string, sections: Sections): TemplateProblem[] {
  const reached = new Set<string>();
  const engine = engineFor(sections);
  const walk = (source: string, section: string | null): TemplateProblem[] => {
    const problems = checkOne(engine, source, section);
    for (const use of sectionsIn(source)) {
      if (Object.hasOwn(sections, use.name)) {
        if (reached.has(use.name)) continue;
        reached.add(use.name);
        problems.push(...walk(sections[use.name] ?? '', use.name));
      } else
        problems.push({
          code: 'unknown_section',
          message: `There is no section "${use.name}".`,
          section,
          ...placeAt(source, use.start),
          length: use.name.length,
        });
    }
    return problems;
  };
  return walk(text, null);
}

function checkOne(engine: Liquid, text: string, section: string | null): TemplateProblem[] {
  try {
    const { globals } = engine.analyzeSync(engine.parse(text, section ?? ownName), { partials: false });
    return Object.values(globals)
      .flat()
      .flatMap((variable) => {
        const segments = variable.segments as readonly unknown[];
        if (docOf(segments) !== null) return [];
        const name = segments.filter((entry) => typeof entry === 'string').join('.');
        const { row, col } = variable.location;
        return [
          {
            code: 'unknown_variable' as const,
            message: `There is no variable "${name}".`,
            section,
            line: row - 1,
            character: col - 1,
            length: name.length,
          },
        ];
      });
  } catch (error) {
    const { token } = error as Partial<LiquidError>;
    const filter = /undefined filter: (.+?), /u.exec(messageOf(error))?.[1];
    const message = filter === undefined ? messageOf(error).replace(/, (?:file|line):.*$/u, '') : `There is no filter "${filter}".`;
    const begin = token?.begin ?? 0;
    const at = filter === undefined ? begin : Math.max(begin, text.indexOf(filter, begin));
    const length = filter?.length ?? Math.max(1, Math.min((token?.end ?? begin + 1) - begin, text.length - begin));
    return [{ code: filter === undefined ? 'template_parse_error' : 'unknown_filter', message, section, ...placeAt(text, at), length }];
  }
}

function placeAt(text: string, offset: number): { line: number; character: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length - 1, character: offset - (before.lastIndexOf('\n') + 1) };
}

/** Renders it. Throws `bad_request` with the name `template_render_error`. */
export function renderTemplate(text: string, sections: Sections, values: Readonly<Record<string, unknown>>): string {
  const engine = engineFor(sections);
  try {
    // As globals they are there in included sections, too.
    return String(engine.renderSync(engine.parse(text, ownName), {}, { globals: { ...values } })).trim();
  } catch (error) {
    throw new BelayError('bad_request', `template_render_error: ${messageOf(error).slice(0, 1000)}`, {
      hint: '"belay workflow check" shows the place.',
    });
  }
}
