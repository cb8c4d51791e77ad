/** Remembers what was probed, in one JSON file of the folder it is given. A damaged file costs a new probe, nothing else. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { readRecord, replaceFile } from '../process/index.ts';
import { probe, probeImages } from './probe.ts';
import type { Capabilities, ModelClient } from './types.ts';

const version = 2;

const entrySchema = z.object({
  endpoint: z.string(),
  model: z.string(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  capabilities: z.object({
    format: z.enum(['json-schema', 'json-object', 'none']),
    tools: z.boolean(),
    usage: z.boolean(),
    seed: z.boolean(),
    contextTokens: z.number().optional(),
    infill: z.enum(['suffix', 'marks']).optional(),
    weighs: z.boolean().optional(),
    images: z.boolean().optional(),
    strength: z.enum(['weak', 'strong']),
  }),
});
type Entry = z.infer<typeof entrySchema>;
const fileSchema = z.object({ version: z.literal(version), entries: z.array(z.unknown()) });

export interface CapabilityStore {
  get(endpoint: string, model: string): Promise<Capabilities | undefined>;
  set(endpoint: string, model: string, capabilities: Capabilities): Promise<void>;
  /** Forgets one model, so that it is probed again. */
  forget(endpoint: string, model: string): Promise<void>;
}

/** `folder` is made when needed. `clock` gives milliseconds since the epoch. */
export function capabilityStore(folder: string, clock: () => number = Date.now): CapabilityStore {
  const path = join(folder, 'capabilities.json');
  /** Changes of this process wait for each other; of two processes the last one wins. */
  let last: Promise<void> = Promise.resolve();

  const change = (edit: (entries: Entry[]) => Entry[]): Promise<void> => {
    const next = last.then(async () => {
      const entries = edit(await read(path));
      await mkdir(folder, { recursive: true });
      await replaceFile(path, `${JSON.stringify({ version, entries }, null, 2)}\n`);
    });
    last = next.catch(() => undefined);
    return next;
  };

  const others = (entries: Entry[], endpoint: string, model: string): Entry[] =>
    entries.filter((entry) => entry.endpoint !== endpoint || entry.model !== model);

  return {
    get: async (endpoint, model) => {
      await last;
      return (await read(path)).find((entry) => entry.endpoint === endpoint && entry.model === model)?.capabilities;
    },
    set: (endpoint, model, capabilities) =>
      change((entries) => [...others(entries, endpoint, model), { endpoint, model, at: clock(), capabilities }]),
    forget: (endpoint, model) => change((entries) => others(entries, endpoint, model)),
  };
}

/** Entries that can be read; an absent, damaged or newer file has none. */
async function read(path: string): Promise<Entry[]> {
  return ((await readRecord(path, fileSchema))?.entries ?? []).flatMap((entry) => entrySchema.safeParse(entry).data ?? []);
}

/**
 * What was probed before, or a probe now, kept for the next time. `overrides` win over both and are not kept.
 * `endpoint` is the key: the base URL, or a name with the version of what stands behind it.
 */
export async function capabilitiesOf(
  store: CapabilityStore,
  client: ModelClient,
  endpoint: string,
  model: string,
  signal: AbortSignal,
  overrides: Partial<Capabilities> = {},
): Promise<Capabilities> {
  let known = await store.get(endpoint, model);
  if (known === undefined) {
    known = await probe(client, model, signal);
    await store.set(endpoint, model, known);
  }
  return { ...known, ...overrides };
}

/** The same, and whether the model looks at pictures: asked of those models that a request with pictures is sent to, once. Rejects as `probe`. */
export async function withImagesKnown(
  store: CapabilityStore,
  known: Capabilities,
  client: ModelClient,
  endpoint: string,
  model: string,
  signal: AbortSignal,
): Promise<Capabilities> {
  if (known.images !== undefined) return known;
  const images = await probeImages(client, model, signal);
  if (images === undefined) return known;
  await store.set(endpoint, model, { ...known, images });
  return { ...known, images };
}
