/** What may stand at a place of a plan's text, and what it means: read from the plan's JSON schema and from the names in the text. Pure. */
import { planJsonSchema, stepKindNamed } from '../../plan/index.ts';
import { english } from '../../text/index.ts';
import { placeInText, type TextPlace } from './plan-text-place.ts';

type Schema = Readonly<Record<string, unknown>>;

export interface Completion {
  readonly label: string;
  readonly insert: string;
  readonly kind: 'key' | 'value';
  readonly detail: string;
  readonly documentation: string;
}

const root: Schema = planJsonSchema();

/** `line` and `character` count from 0. */
export function completionsAt(text: string, line: number, character: number): Completion[] {
  const place = placeInText(text, line, character);
  if (!place) return [];
  if (place.kind === 'value') return valuesAt(place);
  const keys = schemasAt(place.path, place.siblings).flatMap((schema) => keysOf(schema, place));
  const unique = [...new Map(keys.map((one) => [one.label, one])).values()];
  // A word behind a dash may be an item as well.
  return place.path.at(-1) === '[]' && unique.length === 0 ? valuesAt(place) : unique;
}

/** Markdown about the key or value under the position; undefined where there is nothing to say. */
export function hoverAt(text: string, line: number, character: number): string | undefined {
  const current = text.split(/\r?\n/)[line] ?? '';
  const start = current.slice(0, character).search(/(?<![\w-])[\w-]*$/);
  const word = /^[\w-]+/.exec(current.slice(start))?.[0];
  if (word === undefined) return undefined;
  const isKey = /^["']?:(\s|$)/.test(current.slice(start + word.length));
  const place = placeInText(text, line, start);
  if (!place) return undefined;
  if (!isKey) {
    const kind = stepKindNamed(word);
    return place.path.at(-1) === 'do' && kind ? `**${word}** – ${kind.does(english)}` : undefined;
  }
  const schema = schemasAt(place.path, place.siblings)
    .map((one) => propertiesOf(one)[word])
    .find((one) => one !== undefined);
  return schema && [`**${word}**`, detailOf(schema), descriptionOf(schema)].filter((part) => part !== '').join('  \n');
}

// ---- the schema -----------------------------------------------------------------------------------------------------------------

function resolved(schema: Schema): Schema {
  if (typeof schema.$ref !== 'string') return schema;
  let value: unknown = root;
  for (const part of schema.$ref.split('/').slice(1)) value = (value as Record<string, unknown> | undefined)?.[part];
  return (value ?? {}) as Schema;
}

/** The schema, or its branches; those that the mapping's own values rule out are left out. */
function branches(given: Schema, siblings: Readonly<Record<string, string>>): Schema[] {
  const schema = resolved(given);
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (!choices) return [schema];
  const all = choices.flatMap((choice) => branches(choice, {}));
  const fitting = all.filter((one) =>
    Object.entries(propertiesOf(one)).every(([key, property]) => {
      const constant = resolved(property).const;
      return constant === undefined || siblings[key] === undefined || siblings[key] === '' || siblings[key] === constant;
    }),
  );
  return fitting.length > 0 ? fitting : all;
}

const propertiesOf = (schema: Schema): Record<string, Schema> => (schema.properties ?? {}) as Record<string, Schema>;

function schemasAt(path: readonly string[], siblings: Readonly<Record<string, string>>): Schema[] {
  let schemas: Schema[] = [root];
  for (const part of path) {
    schemas = schemas
      .flatMap((schema) => branches(schema, {}))
      .flatMap((schema) => {
        if (part === '[]') return schema.items === undefined ? [] : [schema.items as Schema];
        const own = propertiesOf(schema)[part];
        if (own) return [own];
        return typeof schema.additionalProperties === 'object' && schema.additionalProperties !== null
          ? [schema.additionalProperties as Schema]
          : [];
      });
  }
  return schemas.flatMap((schema) => branches(schema, siblings));
}

function keysOf(schema: Schema, { siblings, key: own }: TextPlace): Completion[] {
  const required = (schema.required ?? []) as string[];
  return Object.entries(propertiesOf(schema))
    .filter(([key]) => siblings[key] === undefined || key === own)
    .map(([key, given]) => {
      const property = resolved(given);
      const holds = property.type === 'object' ? `${key}:\n  ` : property.type === 'array' ? `${key}: []` : `${key}: `;
      const insert = property.const === undefined ? holds : `${key}: ${String(property.const)}`;
      const detail = [detailOf(property), required.includes(key) ? 'required' : ''].filter((part) => part !== '').join(', ');
      return { label: key, insert, kind: 'key' as const, detail, documentation: descriptionOf(property) };
    });
}

function valuesAt({ path, siblings, agents, steps }: TextPlace): Completion[] {
  const last = path.findLast((part) => part !== '[]') ?? '';
  const named = last === 'agent' ? agents : last === 'uses' ? steps : undefined;
  if (named) return named.map((name) => ({ label: name, insert: name, kind: 'value', detail: '', documentation: '' }));
  const owner = path.slice(0, -1);
  // Which kind of step it is, is just being written: all kinds are possible.
  const others = { ...siblings };
  delete others[path.at(-1) ?? ''];
  const schemas = schemasAt(owner, others).flatMap((schema) => {
    const own = path.at(-1) === '[]' ? (schema.items as Schema | undefined) : propertiesOf(schema)[path.at(-1) ?? ''];
    return own ? branches(own, {}) : [];
  });
  const values = schemas.flatMap((schema) => {
    const items = resolved((schema.items ?? {}) as Schema);
    if (schema.type === 'boolean') return ['true', 'false'];
    return [schema.const, ...((schema.enum ?? items.enum ?? []) as unknown[])].filter((value) => value !== undefined).map(String);
  });
  return [...new Set(values)].map((value) => ({
    label: value,
    insert: value,
    kind: 'value',
    detail: '',
    documentation: last === 'do' ? (stepKindNamed(value)?.does(english) ?? '') : '',
  }));
}

function detailOf(given: Schema): string {
  const schema = resolved(given);
  const values = (schema.enum ?? (schema.const === undefined ? undefined : [schema.const])) as unknown[] | undefined;
  const kind = values ? values.map(String).join(' | ') : String(schema.type ?? '');
  const standard = schema.default === undefined || typeof schema.default === 'object' ? '' : `default ${String(schema.default)}`;
  return [kind, standard].filter((part) => part !== '').join(', ');
}

const descriptionOf = (schema: Schema): string => String(resolved(schema).description ?? schema.description ?? '');
