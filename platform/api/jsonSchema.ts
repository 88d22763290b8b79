/** Whether an object may have fields that its schema does not name. */
export type Json = Record<string, unknown>;

const isSchema = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `schema` with `change` made to each schema in it, the inner ones first. */
function mapped(schema: unknown, change: (schema: Json) => Json): unknown {
  if (Array.isArray(schema)) return schema.map((one) => mapped(one, change));
  if (!isSchema(schema)) return schema;
  const parts = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === 'properties' && isSchema(value))
      return [key, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mapped(part, change)]))];
    return [key, key === 'const' || key === 'enum' || key === 'default' ? value : mapped(value, change)];
  });
  return change(Object.fromEntries(parts));
}

/** Objects may have more fields than the schema names: readers leave alone what they do not know. */
export const opened = (schema: Json): Json =>
  mapped(schema, ({ additionalProperties, ...rest }) => ({
    ...rest,
    ...(additionalProperties !== undefined && additionalProperties !== false && { additionalProperties }),
  })) as Json;

/** Objects have the named fields and no others. */
export const closed = (schema: Json): Json =>
  mapped(schema, (one) =>
    one.properties !== undefined && one.$ref === undefined && one.additionalProperties === undefined
      ? { ...one, additionalProperties: false }
      : one,
  ) as Json;
