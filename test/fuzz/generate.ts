/** Values by their JSON Schema, and small ways in which they go wrong. */
import type { Json } from '../../platform/api/jsonSchema.ts';
import { hostileNumbers, hostileTexts } from './hostile.ts';
import type { Random } from '../support/random.ts';

/** Stands for a number that only the text of a body can carry. */
const numberMark = (text: string): string => `\u0001number:${text}\u0001`;
/** The text of a body, marks replaced. */
export const bodyText = (value: unknown): string =>
  (JSON.stringify(value) ?? '').replace(/"\\u0001number:([^"\\]*)\\u0001"/g, (_, text: string) => text);

export interface Context {
  readonly random: Random;
  readonly resolve: (schema: Json) => Json;
  /** A value that exists, for fields that name something. */
  readonly known: (field: string) => unknown;
  /** Texts and numbers that are allowed by type, and nasty. */
  readonly hostile: boolean;
}

const patternSamples = ['a'.repeat(40), 'b'.repeat(64), 'a-b-1', '12', 'x', ''];

function textFor(schema: Json, { random, hostile }: Context): string {
  const least = Number(schema.minLength ?? 0);
  const most = Number(schema.maxLength ?? 60);
  if (typeof schema.pattern === 'string') {
    const pattern = new RegExp(schema.pattern, 'u');
    const samples = hostile ? [...patternSamples, ...hostileTexts] : patternSamples;
    const longest = Number(schema.maxLength ?? Infinity);
    return random.pick(samples.filter((sample) => sample.length >= least && sample.length <= longest && pattern.test(sample)));
  }
  if (schema.format === 'uri') return `https://example.org/${random.below(100)}`;
  if (hostile) return random.pick(hostileTexts.filter((text) => text.length >= least && text.length <= most));
  return random.text(Math.max(least, Math.min(most, 1 + random.below(40))));
}

/** A value that `schema` allows. */
export function valid(schema: Json, field: string, context: Context): unknown {
  const { random, hostile } = context;
  const known = context.known(field);
  if (known !== undefined && (field === 'version' || !random.chance(hostile ? 0.3 : 0.1))) return known;
  const plain = context.resolve(schema);
  if ('const' in plain) return plain.const;
  if (Array.isArray(plain.enum)) return random.pick(plain.enum as unknown[]);
  const choices = (plain.anyOf ?? plain.oneOf) as Json[] | undefined;
  if (choices) return valid(random.pick(choices), field, context);
  switch (plain.type) {
    case 'string':
      return textFor(plain, context);
    case 'integer':
    case 'number': {
      const least = Math.max(Number(plain.minimum ?? plain.exclusiveMinimum ?? -1000), -1e6);
      const most = Math.min(Number(plain.maximum ?? 1000), least + 1000);
      if (hostile && random.chance(0.3)) return Number(plain.maximum ?? 1000);
      return Math.floor(least) + random.below(Math.floor(most - least) + 1) || 1;
    }
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    case 'array': {
      const least = Number(plain.minItems ?? 0);
      const count = Math.min(Number(plain.maxItems ?? 3), least + random.below(3));
      return Array.from({ length: count }, () => valid((plain.items ?? {}) as Json, `${field}[]`, context));
    }
    case 'object': {
      const required = new Set(plain.required as string[] | undefined);
      const fields = Object.entries((plain.properties ?? {}) as Record<string, Json>).filter(
        ([name]) => required.has(name) || random.chance(0.5),
      );
      return Object.fromEntries(fields.map(([name, part]) => [name, valid(part, name, context)]));
    }
    default:
      return random.pick([1, 'x', null, true, [], {}]);
  }
}

export function anything(random: Random, depth = 3): unknown {
  const flat = [
    () => random.pick(hostileTexts),
    () => numberMark(random.pick(hostileNumbers)),
    () => random.pick([null, true, false, 0, 1, -1]),
    () => random.text(10),
  ];
  if (depth === 0 || random.chance(0.5)) return random.pick(flat)();
  if (random.chance(0.5)) return Array.from({ length: random.below(4) }, () => anything(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [
      random.chance(0.3) ? random.pick(hostileTexts) : random.text(5),
      anything(random, depth - 1),
    ]),
  );
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly name: string;
}

function places(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...places(holder[name])]);
}

/** Changes `body` at one place. `refused`: no schema of ours allows the outcome. */
export function spoiled(body: unknown, random: Random): { readonly body: unknown; readonly refused: boolean } {
  const copy = structuredClone(body);
  const all = places(copy);
  if (all.length === 0 || random.chance(0.15)) {
    if (typeof copy !== 'object' || copy === null) return { body: copy, refused: false };
    return { body: { ...copy, [random.pick(['colour', '__proto_', 'id2', 'Title', ''])]: anything(random, 1) }, refused: true };
  }
  const { holder, name } = random.pick(all);
  const put = (value: unknown): void => {
    holder[name] = value;
  };
  const ways: (() => void)[] = [
    () => {
      if (!Array.isArray(holder)) Reflect.deleteProperty(holder, name);
    },
    () => put(numberMark(random.pick(hostileNumbers))),
    () => put(random.pick(hostileTexts)),
    () => put('x'.repeat(random.pick([81, 501, 2001, 70_000]))),
    () => put(anything(random)),
    () => put(null),
    () => put([holder[name]]),
    () => put({ value: holder[name] }),
    () => put(Array.from({ length: 1001 }, () => holder[name])),
  ];
  random.pick(ways)();
  return { body: copy, refused: false };
}

export function nested(random: Random, depth: number): string {
  return random.chance(0.5) ? '['.repeat(depth) + ']'.repeat(depth) : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
}
