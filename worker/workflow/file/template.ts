/**
 * The body of `WORKFLOW.md`: strict Liquid. What people wrote into an item is not available to it, since the rendered
 * body is trusted text: it can only refer to the context that stands in its fence.
 */
import { Liquid, LiquidError, type Template } from 'liquidjs';
import type { Place } from './diagnostics.ts';

/** Sections that a body includes with `{% render 'name' %}`, by name. */
export type Sections = Readonly<Record<string, string>>;

export interface TemplateValues {
  readonly item: {
    readonly key: string;
    readonly kind: string;
    readonly status: string;
    readonly priority: string;
    readonly labels: readonly string[];
  };
  readonly session: { readonly id: string; readonly mode: string };
  /** 1 for the first try. */
  readonly attempt: number;
  readonly repository: { readonly name: string; readonly default_branch: string };
}
export interface TemplateProblem {
  readonly code: 'template_parse_error' | 'template_render_error';
  readonly message: string;
  /** In the body, from 1. */
  readonly place: Place;
}

const fenced = (what: string): string => `(the ${what} stands in the context below)`;
const sample: TemplateValues = {
  item: { key: 'BUG-1', kind: 'bug', status: 'open', priority: 'high', labels: ['area/web'] },
  session: { id: 'ses_1', mode: 'code' },
  attempt: 1,
  repository: { name: 'app', default_branch: 'main' },
};

/** Everything a body may name. `issue` is Symphony's word for the item. */
function scope({ item, session, attempt, repository }: TemplateValues): Record<string, unknown> {
  const words = { ...item, identifier: item.key, title: fenced('title'), description: fenced('description'), state: item.status };
  return { item: words, issue: words, session, mode: session.mode, attempt, repository };
}
export const templateVariables: readonly string[] = Object.entries(scope(sample)).flatMap(([name, value]) =>
  typeof value === 'object' && value !== null ? Object.keys(value).map((key) => `${name}.${key}`) : [name],
);

const limits = { parseLimit: 400_000, renderLimit: 2000, memoryLimit: 10_000_000 };

function engine(sections: Sections): Liquid {
  return new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    templates: { ...sections },
    relativeReference: false,
    ...limits,
  });
}

/** Throws an error with liquid's words. */
export function renderBody(body: string, sections: Sections, values: TemplateValues): string {
  return (engine(sections).parseAndRenderSync(body, scope(values)) as string).trim();
}

/** What is wrong with a body, found without an item: syntax, unknown filters, sections and variables. */
export function checkBody(body: string, sections: Sections): TemplateProblem[] {
  const liquid = engine(sections);
  let parsed: Template[];
  try {
    parsed = liquid.parse(body);
  } catch (error) {
    return [problemOf('template_parse_error', error)];
  }
  const unknown: TemplateProblem[] = [];
  try {
    const { globals } = liquid.analyzeSync(parsed, { partials: false });
    for (const variables of Object.values(globals))
      for (const variable of variables) {
        const name = variable.segments.filter((segment) => typeof segment === 'string' || typeof segment === 'number').join('.');
        const known =
          templateVariables.includes(name) ||
          templateVariables.some((entry) => entry.startsWith(`${name}.`) || name.startsWith(`${entry}.`));
        if (known) continue;
        const { row, col } = variable.location;
        unknown.push({
          code: 'template_render_error',
          message: `There is no variable "${name}".`,
          place: { line: row, column: col, length: name.length },
        });
      }
    if (unknown.length > 0) return unknown;
    renderBody(body, sections, sample);
    return [];
  } catch (error) {
    return [problemOf('template_render_error', error)];
  }
}

function problemOf(code: TemplateProblem['code'], error: unknown): TemplateProblem {
  const text = error instanceof Error ? error.message : String(error);
  const found = /, (?:file:[^,]*, )?line:(\d+), col:(\d+)/u.exec(text);
  const message = (found ? text.slice(0, found.index) : text).slice(0, 500);
  const place = { line: Number(found?.[1] ?? 1), column: Number(found?.[2] ?? 1), length: 1 };
  return { code, message: error instanceof LiquidError || found ? message : text.slice(0, 500), place };
}
