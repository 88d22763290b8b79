/**
 * Several requests as one statement: to begin and end a statement costs the server more than what ours do. What each
 * request has for itself is a row of a relation, and the parts of a chain read it there in place of their parameters.
 */
import type { QueryConfig } from 'pg';
import type { Row, Value } from '../base/engine.ts';
import { chains, claimPlaces, endPlaces, holder, type Chain, type ChainName, type SqlName, type SqlTexts } from '../base/sql.ts';
import { relationsOf, statementOf, withMoved } from '../base/statements.ts';
import { encodeAll, encodeText, listPlaces } from './values.ts';

interface Shape {
  readonly places: readonly string[];
  /** What each request has for itself. */
  readonly own: Readonly<Record<string, 'text' | 'bigint' | 'list'>>;
  /** No two requests of a bundle have the same value here; `column` of a reply's row holds it. */
  readonly by: { readonly place: string; readonly column: string };
  readonly fits: (value: (place: string) => Value) => boolean;
  /** `{requests}` stands for the relation, and `ownIn` puts its columns in place of parameters. */
  readonly text: (texts: SqlTexts, ownIn: (alias: string, text: string) => string) => string;
}

/** A part that reads what a request has of its own finds it in `requests`, beside the row that was changed. */
const besideOwn =
  (texts: SqlTexts, ownIn: (alias: string, text: string) => string, requests: string) =>
  (name: SqlName): string => {
    const part = ownIn('q', texts[name]);
    return part === texts[name] ? part : part.replaceAll('{moved} m', `moved m JOIN ${requests} q ON q.own_session = m.id`);
  };

const ending = (name: 'complete' | 'fail' | 'cancelled'): Shape => ({
  places: endPlaces,
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
  by: { place: 'session', column: 'id' },
  fits: () => true,
  text: (texts, ownIn) => {
    const chain: Chain = chains[name];
    // The list of names keeps the planner at the primary key, however small the table was when it made its plan.
    const first = texts[chain.first]
      .replace(` WHERE ${holder}`, ` FROM asked q WHERE id = ANY(ARRAY(SELECT own_session FROM asked)) AND ${holder}`)
      .replace(/RETURNING \*$/, 'RETURNING session.*');
    const parts = relationsOf(chain, ownIn('q', first), besideOwn(texts, ownIn, 'asked'));
    return `WITH asked AS (SELECT * FROM {requests} u), ${parts}`;
  },
});

const shapes: Readonly<Partial<Record<ChainName, Shape>>> = {
  claim: {
    places: claimPlaces,
    own: { instance: 'text', request: 'text' },
    by: { place: 'instance', column: 'claim_instance_id' },
    fits: (value) => value('most') === 1 && value('place') === 0 && value('session') === null,
    text: (texts, ownIn) => {
      const named = (name: SqlName): string => texts[name].replaceAll('{asked}', 'asked').replaceAll('{turns}', 'turns');
      const parts = relationsOf(chains.claim, named('claimEach'), besideOwn(texts, ownIn, 'turns'));
      return `WITH asked AS (${ownIn('u', texts.claimAsked)}), turns AS MATERIALIZED (${named('claimTurns')}), ${parts}`;
    },
  },
  complete: ending('complete'),
  fail: ending('fail'),
  cancelled: ending('cancelled'),
};

/** What a request of a chain is to others of the same chain. */
export interface Joint {
  /** Those with the same word may be joined, unless they have the same `apart`. */
  readonly like: string;
  readonly apart: Value;
  readonly params: readonly Value[];
  readonly bundle: Bundle;
}

export class Bundle {
  readonly name: string;
  readonly text: string;
  private readonly shape: Shape;
  /** Which of a request's values stand at the places of the statement. */
  private readonly takes: readonly number[];
  private readonly lists: ReadonlySet<number>;

  constructor(name: string, shape: Shape, texts: SqlTexts) {
    const { places, own } = shape;
    const column = (place: string): string => `own_${place.toLowerCase()}`;
    const ownIn = (alias: string, text: string): string =>
      text.replace(/\$(\d+)/g, (parameter, place: string) => {
        const called = places[Number(place) - 1] ?? '';
        return called in own ? `${alias}.${column(called)}` : parameter;
      });
    const arrays = Object.entries(own).map(([place, type]) => `$${places.indexOf(place) + 1}::${type === 'bigint' ? type : 'text'}[]`);
    const requests = `(SELECT * FROM UNNEST(${arrays.join(', ')}) AS r(${Object.keys(own).map(column).join(', ')}))`;
    const { text, takes } = statementOf(shape.text(texts, ownIn).replaceAll('{requests}', requests));
    this.name = name;
    this.text = withMoved(text, 'moved');
    this.shape = shape;
    this.takes = takes;
    this.lists = listPlaces(text);
  }

  /** Null where the request has to go by itself. */
  jointOf(params: readonly Value[]): Joint | null {
    const { places, own, by, fits } = this.shape;
    const value = (place: string): Value => params[places.indexOf(place)] ?? null;
    if (!fits(value)) return null;
    const shared = params.filter((_, index) => !((places[index] ?? '') in own));
    return { like: `${this.name} ${JSON.stringify(shared)}`, apart: value(by.place), params, bundle: this };
  }

  /** One statement for all of them, which are alike. */
  query(joints: readonly Joint[]): QueryConfig {
    const { places, own } = this.shape;
    const values = this.takes.map((taken, place) => {
      const type = own[places[taken] ?? ''];
      const of = ({ params }: Joint): Value => params[taken] ?? null;
      if (type !== undefined) return joints.map((joint) => encodeOwn(of(joint), type));
      return encodeAll(joints.slice(0, 1).map(of), new Set(this.lists.has(place) ? [0] : []))[0];
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
function encodeOwn(value: Value, type: 'text' | 'bigint' | 'list'): Value {
  if (typeof value !== 'string') return value;
  if (type !== 'list') return encodeText(value);
  const words = (JSON.parse(value) as string[]).map((word) => `"${encodeText(word).replaceAll(/["\\]/g, '\\$&')}"`);
  return `{${words.join(',')}}`;
}

export const bundlesOf = (texts: SqlTexts): ReadonlyMap<string, Bundle> =>
  new Map(Object.entries(shapes).map(([name, shape]) => [name, new Bundle(name, shape, texts)]));
