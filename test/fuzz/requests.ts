/** Requests for one operation, each in a manner: as described, almost, or not at all. */
import { claimTokenHeader, type ClaimGrant } from '../../protocol/exchange.ts';
import type { ApiDocument, Operation } from '../api/document.ts';
import type { Sent } from '../support/platforms.ts';
import type { Scene } from '../api/scene.ts';
import { anything, bodyText, nested, spoiled, valid, type Context } from './generate.ts';
import { brokenJson, brokenPaths, goodMediaTypes, hostileTexts, mediaTypes, oddHeaders } from './hostile.ts';
import type { Random } from '../support/random.ts';

export interface Shot {
  readonly operation: Operation;
  readonly manner: Manner;
  readonly sent: Sent;
  /** Must be refused, and leave nothing. */
  readonly refused: boolean;
  /** Another method: not for the operation to answer. */
  readonly stray?: boolean;
}

export const manners = [
  'valid',
  'hostile',
  'almost',
  'types',
  'malformed',
  'oversized',
  'deep',
  'path',
  'query',
  'method',
  'media',
  'headers',
  'credential',
] as const;
export type Manner = (typeof manners)[number];
/** Those that no operation may take. */
export const refusedManners = [
  'malformed',
  'oversized',
  'deep',
  'query',
  'method',
  'media',
  'credential',
] as const satisfies readonly Manner[];

/** What stands in for a manner that needs a body. */
const bodiless: Partial<Record<Manner, Manner>> = {
  almost: 'hostile',
  types: 'headers',
  malformed: 'query',
  oversized: 'query',
  deep: 'query',
  media: 'query',
};
/** Most of what can go wrong inside comes from what is nearly right. */
export const usualManners: readonly Manner[] = [
  ...manners,
  ...(['valid', 'valid', 'valid', 'hostile', 'hostile', 'hostile', 'almost', 'almost', 'almost', 'types', 'headers'] as const),
];

/** What exists and may be named. */
export interface Pools {
  readonly scene: Scene;
  grants: ClaimGrant[];
  sessions: string[];
  inputs: string[];
  handoffs: string[];
  messages: string[];
  items: string[];
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'QUERY'];
/** Above this a body that is too large is announced, not sent. */
const sendable = 1024 * 1024;
/** A poll that is held is no hang. */
const heldMs = 200;

export class Requests {
  private readonly document: ApiDocument;
  private readonly pools: Pools;
  private readonly random: Random;
  private grant: ClaimGrant | undefined;

  constructor(document: ApiDocument, pools: Pools, random: Random) {
    this.document = document;
    this.pools = pools;
    this.random = random;
  }

  /** A request in `manner`, or in the nearest that the operation knows. */
  make(operation: Operation, manner: Manner): Shot {
    const { random } = this;
    this.grant = this.pools.grants.length > 0 ? random.pick(this.pools.grants) : undefined;
    const way = operation.body === null ? (bodiless[manner] ?? manner) : manner;
    const base = this.valid(operation, way === 'hostile');
    const refused = (sent: Sent): Shot => ({ operation, manner: way, sent, refused: true });
    const open = (sent: Sent): Shot => ({ operation, manner: way, sent, refused: false });
    switch (way) {
      case 'valid':
      case 'hostile':
        return open(base);
      case 'almost': {
        const { body, refused: never } = spoiled(this.body(operation, false), random);
        return { ...open({ ...base, body: bodyText(this.short(body)) }), refused: never };
      }
      case 'types':
        return open({ ...base, body: bodyText(this.short(anything(random))) });
      case 'malformed':
        return refused({ ...base, body: random.chance(0.5) ? random.pick(brokenJson) : `${base.body?.toString() ?? ''}}` });
      case 'oversized':
        return refused(this.oversized(operation, base));
      case 'deep':
        return refused({ ...base, body: nested(random, random.pick([33, 100, 1_000, 5_000])) });
      case 'path': {
        if (!operation.path.includes('{'))
          return { ...open({ ...base, path: `${base.path.split('?')[0] ?? ''}/${random.pick(brokenPaths)}` }), stray: true };
        return {
          ...open({ ...base, path: operation.path.replace(/\{\w+\}/, random.pick(brokenPaths)).replace(/\{\w+\}/g, 'x') }),
          stray: true,
        };
      }
      case 'query':
        return refused({ ...base, path: `${base.path}${base.path.includes('?') ? '&' : '?'}${this.oddQuery()}` });
      case 'method': {
        const there = this.document.operations.filter(({ path }) => path === operation.path).map(({ method }) => method);
        return { ...refused({ ...base, method: random.pick(methods.filter((method) => !there.includes(method))) }), stray: true };
      }
      case 'media':
        return refused({ ...base, headers: { ...base.headers, 'content-type': random.pick(mediaTypes) } });
      case 'headers': {
        const odd = Array.from({ length: 1 + random.below(3) }, () => random.pick(Object.keys(oddHeaders)));
        return open({
          ...base,
          headers: { ...base.headers, ...Object.fromEntries(odd.map((name) => [name, random.pick(oddHeaders[name] ?? [])])) },
        });
      }
      case 'credential':
        return this.uncredited(operation, base);
    }
  }

  private uncredited(operation: Operation, base: Sent): Shot {
    const { random } = this;
    const claim = { ...base.headers, [claimTokenHeader]: random.pick(['', 'x', 'x'.repeat(43)]) };
    if (this.isHeld(operation)) return { operation, manner: 'credential', sent: { ...base, headers: claim }, refused: true };
    const needed = this.pools.scene.platform.kind === 'team' && !operation.open;
    const headers = {
      ...base.headers,
      ...(random.chance(0.5) && { authorization: random.pick(['Bearer', 'Bearer x', 'Basic eA==', `Bearer ${'x'.repeat(3_000)}`]) }),
    };
    return { operation, manner: 'credential', sent: { ...base, headers, bare: true }, refused: needed };
  }

  private isHeld = (operation: Operation): boolean => operation.parameters.some(({ name }) => name === claimTokenHeader);

  private valid(operation: Operation, hostile: boolean): Sent {
    const { random } = this;
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(this.idFor(operation, name)));
    const query = operation.parameters
      .filter((parameter) => parameter.in === 'query' && random.chance(0.3))
      .map(({ name, schema }) => {
        const value = name === 'cursor' ? this.cursor() : valid(schema, name, this.context(hostile));
        return `${name}=${encodeURIComponent((Array.isArray(value) ? value.join(',') : String(value)).toWellFormed())}`;
      });
    const headers: Record<string, string> = {};
    if (this.isHeld(operation)) headers[claimTokenHeader] = this.grant?.claimToken ?? 'x';
    if (operation.parameters.some(({ name }) => name === 'if-match')) headers['if-match'] = `"${1 + random.below(4)}"`;
    if (operation.parameters.some(({ name }) => name === 'idempotency-key') && random.chance(0.5))
      headers['idempotency-key'] = `k${random.below(500)}`;
    if (operation.body) headers['content-type'] = random.chance(0.8) ? 'application/json' : random.pick(goodMediaTypes);
    return {
      method: operation.method,
      path: query.length > 0 ? `${path}?${query.join('&')}` : path,
      headers,
      ...(operation.body && { body: bodyText(this.short(this.body(operation, hostile))) }),
    };
  }

  private body = (operation: Operation, hostile: boolean): unknown =>
    operation.body ? valid(operation.body.schema, '', this.context(hostile)) : undefined;

  /** Polls answer soon. */
  private short(body: unknown): unknown {
    if (typeof body !== 'object' || body === null || !('waitMs' in body)) return body;
    return typeof body.waitMs === 'number' && body.waitMs > heldMs ? { ...body, waitMs: heldMs } : body;
  }

  private oversized(operation: Operation, base: Sent): Sent {
    const bytes = (operation.body?.bytes ?? 0) + 1;
    if (bytes > sendable) return { ...base, headers: { ...base.headers, 'content-length': String(bytes), connection: 'close' }, body: '{' };
    return { ...base, body: `"${'x'.repeat(bytes)}"` };
  }

  private cursor(): string {
    const { random, pools } = this;
    const key = random.pick([
      [0, ''],
      [1_000, ''],
      [Number.MAX_SAFE_INTEGER, random.pick(pools.items)],
      ['', ''],
      [random.pick(hostileTexts), 'x'],
    ]);
    return random.chance(0.8) ? Buffer.from(JSON.stringify(key)).toString('base64url') : random.text(8);
  }

  private oddQuery(): string {
    const { random } = this;
    const value = encodeURIComponent(random.pick(hostileTexts).toWellFormed());
    return random.pick([`colour=${value}`, '__proto__=1', 'colour[]=1', 'constructor[x]=1', '%zz=1', 'toString=%ff', `${value || 'x'}x=1`]);
  }

  private context(hostile: boolean): Context {
    return { random: this.random, resolve: (schema) => this.document.resolve(schema), known: (field) => this.known(field), hostile };
  }

  private idFor(operation: Operation, name: string): string {
    const { random, pools, grant } = this;
    const some = (list: readonly string[]): string => (list.length > 0 && random.chance(0.9) ? random.pick(list) : 'nowhere');
    if (name === 'inputId') return some(pools.inputs);
    if (name === 'messageId') return some(pools.messages);
    if (operation.path.startsWith('/v1/items')) return some(pools.items);
    if (operation.path.startsWith('/v1/handoffs')) return some(pools.handoffs);
    if (operation.path.startsWith('/v1/inputs')) return some(pools.inputs);
    return this.isHeld(operation) && grant ? grant.session.id : some(pools.sessions);
  }

  private known(field: string): unknown {
    const { random, pools, grant } = this;
    const { scene } = pools;
    const nullable = <T>(value: T): T | null => (random.chance(0.5) ? value : null);
    switch (field) {
      case 'holder':
        return { instanceId: scene.instanceId, fence: grant?.fence ?? 1 };
      case 'instanceId':
        return scene.instanceId;
      case 'workerId':
        return scene.workerId;
      case 'agentId':
      case 'agentIds[]':
        return scene.agentId;
      case 'itemId':
        return nullable(random.pick(pools.items));
      case 'parentId':
        return nullable(random.pick(pools.items));
      case 'repositoryId':
        return nullable(scene.repositoryId);
      case 'repositoryIds[]':
        return scene.repositoryId;
      case 'parentSessionId':
        return nullable(random.pick(pools.sessions));
      case 'sessionId':
        return random.pick(pools.sessions);
      case 'version':
        // A newer one would end the platform, as it should.
        return '0.0.0';
      case 'actionHash':
        return 'h';
      case 'item':
        return random.pick(pools.items);
      case 'session':
      case 'line':
        return random.pick(pools.sessions);
      case 'waitMs':
        return random.below(heldMs);
      case 'context':
        return random.chance(0.7) ? [] : undefined;
      default:
        return undefined;
    }
  }
}
