/** The description of the API in OpenAPI 3.1, from the routes and the schemas that check them. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Activity, LateActivity, PlanStep } from '../../protocol/activities.ts';
import { errorStatus, type ErrorCode } from '../../protocol/errors.ts';
import { WorkspaceEvent } from '../../protocol/events.ts';
import { ClaimGrant, claimTokenHeader, Holder } from '../../protocol/exchange.ts';
import { Problem } from '../../protocol/problem.ts';
import * as r from '../../protocol/records.ts';
import { bodyBytesOf, hasTrait, needsClaim, isPublic, paramsOf, problemsOf, successOf } from '../../protocol/route.ts';
import { routes, type About, type Route } from '../../protocol/routes.ts';
import { closed, opened, type Json } from './jsonSchema.ts';

/** Schemas that get a name of their own. */
const records = {
  Problem,
  WorkItem: r.WorkItem,
  Comment: r.Comment,
  Document: r.Document,
  Repository: r.Repository,
  Agent: r.Agent,
  Instance: r.Instance,
  PromptSection: r.PromptSection,
  SessionResult: r.SessionResult,
  SessionUsage: r.SessionUsage,
  SessionError: r.SessionError,
  PlanStep,
  Session: r.Session,
  SessionDetail: r.SessionDetail,
  Input: r.Input,
  Message: r.Message,
  Review: r.Review,
  Handoff: r.Handoff,
  Activity,
  LateActivity,
  WorkspaceEvent,
  ClaimGrant,
  Holder,
};
const names = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(records)) names.add(schema, { id });

/** Gathers what schemas refer to. A schema has two forms: what is sent is closed, what is given may grow. */
class Components {
  readonly schemas: Record<string, Json> = {};
  readonly responses: Record<string, Json> = {};

  /** What a caller sends. */
  input(schema: z.ZodType): Json {
    return this.hoist(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', metadata: names }), 'Input', closed);
  }

  /** What the platform gives. */
  output(schema: z.ZodType): Json {
    return this.hoist(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any', metadata: names }), '', opened);
  }

  private hoist(made: object, suffix: string, form: (schema: Json) => Json): Json {
    const {
      $defs = {},
      id,
      ...own
    } = JSON.parse(
      JSON.stringify(made, (key, value: unknown) =>
        key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', '#/components/schemas/') + suffix : value,
      ),
    ) as Json & { readonly $defs?: Record<string, Json>; readonly id?: string };
    for (const [name, schema] of Object.entries($defs)) this.schemas[name + suffix] ??= form(without(schema, 'id'));
    const schema = form(without(own, '$schema'));
    if (id === undefined) return schema;
    this.schemas[id + suffix] ??= schema;
    return { $ref: `#/components/schemas/${id}${suffix}` };
  }
}

const without = (schema: Json, key: string): Json => Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));

interface Parameter {
  readonly parameter?: { readonly schema: Json; readonly style?: string; readonly explode?: boolean };
}

function parameters(route: Route, components: Components): Json[] {
  const inPath = Object.entries(paramsOf(route).shape).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema: components.input(schema as z.ZodType),
  }));
  const inQuery = Object.entries(route.query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: components.input(schema as z.ZodType),
    ...((schema as z.ZodType).meta() as Parameter | undefined)?.parameter,
  }));
  const header = (when: boolean, name: string, required: boolean, description: string, schema: Json): Json[] =>
    when ? [{ name, in: 'header', required, description, schema }] : [];
  return [
    ...inPath,
    ...inQuery,
    ...header(needsClaim(route), claimTokenHeader, true, 'The token of the claim', { type: 'string' }),
    ...header(hasTrait(route, 'create'), 'idempotency-key', false, 'Makes the request repeatable for a day', {
      type: 'string',
      minLength: 1,
      maxLength: 200,
    }),
    ...header(hasTrait(route, 'ifMatch'), 'if-match', true, 'The ETag of the version the change is based on', { type: 'string' }),
    ...header(route.method === 'GET' && hasTrait(route, 'versioned'), 'if-none-match', false, 'The ETag of what is known already', {
      type: 'string',
    }),
    ...header(hasTrait(route, 'stream'), 'last-event-id', false, 'Continue after this number', { type: 'string', pattern: '^\\d{1,15}$' }),
    ...header(true, 'x-request-id', false, 'Names the request in the log; one that is unfit for it is replaced', { type: 'string' }),
  ];
}

const text = (description: string): Json => ({ description, schema: { type: 'string' } });
const requestIdHeader = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } };

const named = (code: ErrorCode): string => code.replace(/(?:^|_)(.)/g, (_, first: string) => first.toUpperCase());

/** One reply per status; it says which codes it may carry. Routes that share one refer to the same. */
function problemReplies(route: Route, components: Components): Record<string, Json> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of problemsOf(route)) byStatus.set(errorStatus[code], [...(byStatus.get(errorStatus[code]) ?? []), code]);
  const refer = ([status, codes]: [number, ErrorCode[]]): [number, Json] => {
    const name = codes.map(named).join('Or');
    components.responses[name] ??= problemReply(status, codes);
    return [status, { $ref: `#/components/responses/${name}` }];
  };
  return Object.fromEntries([...byStatus].map(refer));
}

const problemReply = (status: number, codes: readonly ErrorCode[]): Json => ({
  description: codes.join(', '),
  headers: {
    ...requestIdHeader,
    ...((status === 429 || status === 503) && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }),
    ...(status === 401 && { 'WWW-Authenticate': text('Bearer') }),
  },
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem', properties: { status: { const: status }, code: { enum: codes } } },
    },
  },
});

function operation(name: string, route: Route, components: Components, secured: boolean): Json {
  const media = hasTrait(route, 'stream') ? 'text/event-stream' : hasTrait(route, 'text') ? 'text/plain' : 'application/json';
  const etag = hasTrait(route, 'versioned') ? { ETag: text('Names the version of what the reply holds') } : {};
  const schema = hasTrait(route, 'stream') ? { type: 'string' } : components.output(route.reply);
  const bodyOptional = route.body?.safeParse({}).success === true;
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.path.split('/')[2] ?? 'health'],
    parameters: parameters(route, components),
    ...(route.body && {
      requestBody: {
        required: !bodyOptional,
        description: `At most ${bodyBytesOf(route)} bytes.`,
        content: { 'application/json': { schema: components.input(route.body) } },
      },
    }),
    responses: {
      [successOf(route)]: { description: 'Done', headers: { ...requestIdHeader, ...etag }, content: { [media]: { schema } } },
      ...(route.method === 'GET' &&
        hasTrait(route, 'versioned') && {
          304: { description: 'Nothing newer than If-None-Match', headers: { ...requestIdHeader, ...etag } },
        }),
      ...problemReplies(route, components),
    },
    ...(secured && isPublic(route) && { security: [] }),
  };
}

export function openApi({ version, mode }: Pick<About, 'version' | 'mode'>): Json {
  const components = new Components();
  const secured = mode === 'team';
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries(routes as Record<string, Route>)) {
    const path = route.path.replace(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route, components, secured) };
  }
  // What streams carry stands in no JSON reply.
  components.output(WorkspaceEvent);
  components.output(Problem);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Belay',
      version,
      summary: 'Items, sessions, claims and activities.',
      description:
        'Replies may get more fields; requests with fields or query parameters that are not described here are refused. ' +
        'Every problem has a stable `code`. A path that exists by another method only answers 405 with `Allow`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    ...(secured && { security: [{ bearer: [] }] }),
    paths,
    components: {
      schemas: components.schemas,
      responses: components.responses,
      headers: {
        RequestId: text('Names the request in the log'),
        RetryAfter: { description: 'Seconds to wait before the next try', schema: { type: 'integer', minimum: 1 } },
      },
      ...(secured && { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } }),
    },
  };
}

let made: { readonly text: string; readonly etag: string } | undefined;

/** The description as it is sent, with the ETag of that text. */
export function openApiText(about: Pick<About, 'version' | 'mode'>): { readonly text: string; readonly etag: string } {
  if (made) return made;
  const description = JSON.stringify(openApi(about));
  made = { text: description, etag: `"${createHash('sha256').update(description).digest('base64url').slice(0, 22)}"` };
  return made;
}
