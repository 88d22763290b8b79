/** The served OpenAPI document, and whether a reply is one of those it describes. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { closed, type Json } from '../../platform/api/jsonSchema.ts';
import type { Got, Platform } from '../support/platforms.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Json;
}
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly required: boolean; readonly schema: Json; readonly bytes: number } | null;
  readonly open: boolean;
  readonly responses: Readonly<Record<string, Json>>;
}

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

export class ApiDocument {
  readonly json: Json;
  readonly operations: readonly Operation[];
  private readonly ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false });
  private readonly known = new Map<string, ValidateFunction>();

  constructor(json: Json) {
    this.json = json;
    // Replies may grow; what is not described yet is a fault here.
    this.ajv.addSchema(closed(json), 'openapi');
    const paths = json.paths as Record<string, Record<string, Json>>;
    this.operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const body = operation.requestBody as { required: boolean; description: string; content: Record<string, Json> } | undefined;
        return {
          id: String(operation.operationId),
          method: method.toUpperCase(),
          path,
          parameters: operation.parameters as Parameter[],
          body: body
            ? {
                required: body.required,
                schema: body.content['application/json']?.schema as Json,
                bytes: Number(/\d+/.exec(body.description)?.[0]),
              }
            : null,
          open: Array.isArray(operation.security) && operation.security.length === 0,
          responses: operation.responses as Record<string, Json>,
        };
      }),
    );
  }

  static async of(platform: Platform): Promise<ApiDocument> {
    const { status, body } = await platform.send({ method: 'GET', path: '/v1/openapi.json' });
    if (status !== 200) throw new Error(`The description is not there: ${status} ${body}`);
    return new ApiDocument(JSON.parse(body) as Json);
  }

  operation(id: string): Operation {
    const found = this.operations.find((operation) => operation.id === id);
    if (!found) throw new Error(`The document has no operation "${id}".`);
    return found;
  }

  /** Follows a reference. */
  resolve(schema: Json): Json {
    const { $ref, ...rest } = schema;
    if (typeof $ref !== 'string') return schema;
    const target = $ref
      .slice(2)
      .split('/')
      .reduce<Json>((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')] as Json, this.json);
    return { ...this.resolve(target), ...rest };
  }

  /** What is wrong with a reply to `operation`; null when the document describes it. */
  fault(operation: Operation, got: Got): string | null {
    const documented = operation.responses[String(got.status)];
    if (!documented) return `${operation.id} does not document the status ${got.status}: ${got.body.slice(0, 300)}`;
    const reply = this.resolve(documented) as { headers?: Record<string, Json>; content?: Record<string, { schema: Json }> };
    for (const name of Object.keys(reply.headers ?? {}))
      if (got.headers[name.toLowerCase()] === undefined) return `${operation.id} ${got.status} lacks the header ${name}`;
    const media = String(got.headers['content-type'] ?? '').split(';')[0] ?? '';
    if (!reply.content) return got.body === '' ? null : `${operation.id} ${got.status} has a body`;
    if (!(media in reply.content)) return `${operation.id} ${got.status} came as "${media}"`;
    if (!media.endsWith('json')) return null;
    const base =
      typeof documented.$ref === 'string'
        ? documented.$ref.slice(1)
        : `/paths/${escaped(operation.path)}/${operation.method.toLowerCase()}/responses/${got.status}`;
    return this.mismatch(`${base}/content/${escaped(media)}/schema`, JSON.parse(got.body), `${operation.id} ${got.status}`);
  }

  /** The same for a problem that no operation gave: nothing there, another method. */
  problemFault(got: Got): string | null {
    if (!String(got.headers['content-type']).startsWith('application/problem+json')) return `${got.status} came as no problem`;
    return this.mismatch('/components/schemas/Problem', JSON.parse(got.body), `problem ${got.status}`);
  }

  private mismatch(pointer: string, value: unknown, what: string): string | null {
    let validate = this.known.get(pointer);
    if (!validate)
      this.known.set(pointer, (validate = this.ajv.compile({ $ref: `openapi#${pointer.split('/').map(encodeURIComponent).join('/')}` })));
    return validate(value) ? null : `${what}: ${this.ajv.errorsText(validate.errors).slice(0, 400)}`;
  }
}
