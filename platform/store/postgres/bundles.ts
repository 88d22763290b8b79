/**
 * Several requests as one statement: to begin and end a statement costs the server more than what ours do. What each
 * request has for itself is a row of a relation, and the parts of a chain read it there in place of their values.
 */
import type { QueryConfig } from 'pg';
import { claimChains, claimTogether } from '../areas/claims/chains.ts';
import { endChains } from '../areas/holders/chains.ts';
import type { Part, Scope } from '../base/chain.ts';
import { numbered, valuesAt } from '../base/sql.ts';
import type { Row, Value, Values } from '../base/values.ts';
import { postgresDialect } from './dialect.ts';
import { relationsOf } from './texts.ts';
import { encodeAll, encodeText, listPlaces, type Encoded } from './values.ts';

type OwnType = 'text' | 'bigint' | 'list';

interface Shape {
  readonly chain: string;
  /** What each request has for itself. */
  readonly own: Readonly<Record<string, OwnType>>;
  /** No two requests of a bundle have the same value here; `column` of a reply's row holds it. */
  readonly by: { readonly name: string; readonly column: string };
  readonly fits: (values: Values) => boolean;
  /** `requests` is the relation of them all. */
  readonly text: (writer: Writer, requests: string) => string;
}

const columnOf = (name: string): string => `own_${name.toLowerCase()}`;

/** Writes parts so that they read what a request has of its own from a relation, as `q`. */
class Writer {
  private readonly own: Shape['own'];
  private usedOwn = false;

  constructor(own: Shape['own']) {
    this.own = own;
  }

  scope(requests: string, moved = ''): Scope {
    return { at: (name) => this.at(name), moved, requests };
  }

  /** A part that reads what a request has of its own finds it in `requests`, beside the row that was changed. */
  beside(requests: string): (part: Part) => string {
    return (part) => {
      this.usedOwn = false;
      const alone = part(this.scope(requests, 'moved m'), postgresDialect);
      return this.usedOwn ? part(this.scope(requests, `moved m JOIN ${requests} q ON q.own_session = m.id`), postgresDialect) : alone;
    };
  }

  private at(name: string): string {
    if (!(name in this.own)) return `:${name}`;
    this.usedOwn = true;
    return `q.${columnOf(name)}`;
  }
}

const ending = (name: 'complete' | 'fail' | 'cancelled'): Shape => ({
  chain: name,
  own: {
    session: 'text',
    fence: 'bigint',
    instance: 'text',
    saidBody: 'text',
    result: 'text',
    usage: 'text',
    error: 'text',
    toReview: 'list',
  },
  by: { name: 'session', column: 'id' },
  fits: () => true,
  text: (writer, requests) => {
    const chain = endChains[name];
    const first = chain.first(writer.scope('asked'), postgresDialect);
    return `WITH asked AS (SELECT * FROM ${requests} u), ${relationsOf(chain, first, writer.beside('asked'))}`;
  },
});

const shapes: readonly Shape[] = [
  {
    chain: 'claim',
    own: { instance: 'text', request: 'text' },
    by: { name: 'instance', column: 'claim_instance_id' },
    fits: ({ most, place, session }) => most === 1 && place === 0 && session === null,
    text: (writer, requests) => {
      const asked = claimTogether.asked(writer.scope(requests));
      const turns = claimTogether.turns(writer.scope('asked'), postgresDialect, 'asked');
      const first = claimTogether.claim(writer.scope('turns'), postgresDialect, 'turns');
      const parts = relationsOf(claimChains.claim, first, writer.beside('turns'));
      return `WITH asked AS (${asked}), turns AS MATERIALIZED (${turns}), ${parts}`;
    },
  },
  ending('complete'),
  ending('fail'),
  ending('cancelled'),
];

/** What a request of a chain is to others of the same chain. */
export interface Joint {
  /** Those with the same word may be joined, unless they have the same `apart`. */
  readonly like: string;
  readonly apart: Value;
  readonly values: Values;
  readonly bundle: Bundle;
}

export class Bundle {
  readonly name: string;
  readonly text: string;
  private readonly shape: Shape;
  private readonly names: readonly string[];
  private readonly lists: ReadonlySet<number>;

  constructor(shape: Shape) {
    const { own, chain } = shape;
    const arrays = Object.entries(own).map(([name, type]) => `:${name}::${type === 'bigint' ? type : 'text'}[]`);
    const requests = `(SELECT * FROM UNNEST(${arrays.join(', ')}) AS r(${Object.keys(own).map(columnOf).join(', ')}))`;
    const { text, names } = numbered(shape.text(new Writer(own), requests));
    this.name = chain;
    this.text = text;
    this.shape = shape;
    this.names = names;
    this.lists = listPlaces(text);
  }

  /** Null where the request has to go by itself. */
  jointOf(values: Values): Joint | null {
    const { own, by, fits } = this.shape;
    if (!fits(values)) return null;
    const shared = Object.entries(values).filter(([name]) => !(name in own));
    return { like: `${this.name} ${JSON.stringify(shared)}`, apart: values[by.name] ?? null, values, bundle: this };
  }

  /** One statement for all of them, which are alike. */
  query(joints: readonly Joint[]): QueryConfig {
    const { own } = this.shape;
    const shared = joints[0]?.values ?? {};
    const values = this.names.map((name, place): Encoded | Value[] => {
      const type = own[name];
      const of = (given: Values): Value => valuesAt(this.name, [name], given)[0] ?? null;
      if (type !== undefined) return joints.map((joint) => encodeOwn(of(joint.values), type));
      return encodeAll([of(shared)], new Set(this.lists.has(place) ? [0] : []))[0] ?? null;
    });
    return { name: `bundle ${this.name}`, text: this.text, values };
  }

  /** The rows of the reply that are this one's. */
  rowsOf<R extends Row>(joint: Joint, rows: readonly R[]): R[] {
    const { column } = this.shape.by;
    return rows.filter((row) => (row.row as unknown as Row)[column] === joint.apart);
  }
}

/** A list becomes the text of an array, since rows of a relation cannot be arrays of different lengths. */
function encodeOwn(value: Value, type: OwnType): Value {
  if (typeof value !== 'string') return value;
  if (type !== 'list') return encodeText(value);
  const words = (JSON.parse(value) as string[]).map((word) => `"${encodeText(word).replaceAll(/["\\]/g, '\\$&')}"`);
  return `{${words.join(',')}}`;
}

/** By the name of their chain. */
export const bundles: ReadonlyMap<string, Bundle> = new Map(shapes.map((shape) => [shape.chain, new Bundle(shape)]));
