/**
 * What our own events need before they are stored. Their types are checked when the program is built, and every trace is checked when it is
 * read; a schema over each of them again would be most of what writing one costs. Only defaults must still be filled in.
 */
import type * as z from 'zod';
import { type EventType, eventBodies } from './events.ts';
import { completeEvent } from './reader.ts';
import type { RawEvent } from './upgrade.ts';

interface Needs {
  /** The body itself has a field with a default. */
  readonly always: boolean;
  /** Fields with a default somewhere inside. */
  readonly when: readonly string[];
}

const needs = Object.fromEntries(Object.entries(eventBodies).map(([type, body]) => [type, needsOf(body)])) as Readonly<
  Record<EventType, Needs>
>;

/** The event with its defaults. The same object when it needs none. */
export function withDefaults(raw: RawEvent & { type: EventType }): ReturnType<typeof completeEvent>['event'] {
  const { always, when } = needs[raw.type];
  const needed = always || when.some((field) => raw[field] !== undefined);
  return needed ? completeEvent(raw).event : (raw as unknown as ReturnType<typeof completeEvent>['event']);
}

function needsOf(body: z.ZodObject): Needs {
  const fields = Object.entries(body.shape as Record<string, z.core.$ZodType>);
  return {
    always: fields.some(([, schema]) => isDefault(schema)),
    when: fields.filter(([, schema]) => hasDefault(schema)).map(([name]) => name),
  };
}

function isDefault(schema: z.core.$ZodType): boolean {
  const { type } = schema._zod.def;
  return type === 'default' || type === 'prefault';
}

/** Whether parsing could add something anywhere inside. */
function hasDefault(schema: z.core.$ZodType): boolean {
  if (isDefault(schema)) return true;
  const def = schema._zod.def as unknown as Record<string, unknown>;
  return Object.values(def).flatMap(schemasIn).some(hasDefault);
}

/** Schemas that stand in a part of a definition: itself, a list, or the fields of an object. */
function schemasIn(part: unknown): readonly z.core.$ZodType[] {
  if (typeof part !== 'object' || part === null) return [];
  if ('_zod' in part) return [part as z.core.$ZodType];
  return (Array.isArray(part) ? part : Object.values(part)).filter(
    (inner): inner is z.core.$ZodType => typeof inner === 'object' && inner !== null && '_zod' in inner,
  );
}
