/** The description of the API, from the schemas that check it. */
import * as z from 'zod';
import { Problem } from '../../protocol/errors.ts';
import { claimTokenHeader } from '../../protocol/exchange.ts';
import { routes, type Route } from '../../protocol/routes.ts';

type Json = Record<string, unknown>;
const input = (schema: z.ZodType): Json => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
const output = (schema: z.ZodType): Json => z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as Json;

function parameters(route: Route): Json[] {
  const inPath = [...route.path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(route.query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: input(schema as z.ZodType),
  }));
  const header = (name: string, required: boolean, description: string): Json => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  const traits = route.traits ?? [];
  return [
    ...inPath,
    ...inQuery,
    ...(traits.includes('claim') ? [header(claimTokenHeader, true, 'The token of the claim')] : []),
    ...(traits.includes('create') ? [header('idempotency-key', false, 'Makes the request repeatable')] : []),
    ...(traits.includes('ifMatch') ? [header('if-match', true, 'The version the change is based on')] : []),
    ...(traits.includes('stream') ? [header('last-event-id', false, 'Continue after this number')] : []),
  ];
}

function operation(name: string, route: Route): Json {
  const streams = route.traits?.includes('stream') ?? false;
  const content = streams
    ? { 'text/event-stream': { schema: { type: 'string' } } }
    : { 'application/json': { schema: output(route.reply) } };
  return {
    operationId: name,
    summary: route.summary,
    parameters: parameters(route),
    ...(route.body && { requestBody: { required: true, content: { 'application/json': { schema: input(route.body) } } } }),
    responses: {
      200: { description: 'Done', content },
      default: { description: 'A problem', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    },
  };
}

let made: Json | undefined;

export function openApi(version: string): Json {
  if (made) return made;
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries(routes as Record<string, Route>)) {
    const path = route.path.replace(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  made = {
    openapi: '3.1.0',
    info: { title: 'Belay', version },
    paths,
    components: { schemas: { Problem: output(Problem) } },
  };
  return made;
}
