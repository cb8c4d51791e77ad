/**
 * JSON Schema (draft 7 and newer) in the dialect of node-llama-cpp's grammars. What the dialect cannot say is widened, never narrowed:
 * the grammar keeps the reply parseable and shaped, the caller's own validation decides.
 */
type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Larger repetition counts make grammars slow. */
const largestCount = 64;

const anyJson = {};

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value <= largestCount ? value : undefined;
}

function convertAll(schemas: Schema): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, convert(schema)]));
}

function convert(value: unknown): unknown {
  if (!isSchema(value)) return anyJson;
  const { $ref, anyOf, oneOf, allOf, type } = value;
  if (typeof $ref === 'string') return { $ref: $ref.replace(/^#\/definitions\//, '#/$defs/') };
  const alternatives = oneOf ?? anyOf;
  if (Array.isArray(alternatives)) return { oneOf: alternatives.map(convert) };
  if (Array.isArray(allOf)) return allOf.length === 1 ? convert(allOf[0]) : anyJson;
  if ('const' in value) return { const: value.const };
  if (Array.isArray(value.enum)) return { enum: value.enum };
  if (Array.isArray(type)) return { oneOf: type.map((each) => convert({ ...value, type: each })) };
  if (type === 'object' || isSchema(value.properties)) return convertObject(value);
  if (type === 'array' || isSchema(value.items)) return convertArray(value);
  return typeof type === 'string' ? { type } : anyJson;
}

function convertObject(value: Schema): unknown {
  const properties = isSchema(value.properties) ? convertAll(value.properties) : {};
  const more = value.additionalProperties;
  const open = Object.keys(properties).length === 0 && more !== false;
  return {
    type: 'object',
    properties,
    ...(isSchema(more) ? { additionalProperties: convert(more) } : open ? { additionalProperties: true } : {}),
  };
}

function convertArray(value: Schema): unknown {
  const minItems = count(value.minItems);
  const maxItems = count(value.maxItems);
  return {
    type: 'array',
    items: convert(value.items),
    ...(minItems === undefined ? {} : { minItems }),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
}

/** Definitions must hang at the root, which must be of a kind that can carry them. */
export function grammarSchema(schema: unknown): unknown {
  if (!isSchema(schema)) return anyJson;
  const definitions = { ...(isSchema(schema.definitions) ? schema.definitions : {}), ...(isSchema(schema.$defs) ? schema.$defs : {}) };
  const root = convert(schema);
  return Object.keys(definitions).length === 0 ? root : { ...(root as object), $defs: convertAll(definitions) };
}

/** Any JSON object. */
export const anyObject = { type: 'object', additionalProperties: true };
