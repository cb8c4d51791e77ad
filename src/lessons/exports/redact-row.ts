/**
 * The gate every row passes before it is written or sent. Strings are redacted; names of columns, roles of messages and what the format calls
 * facts are ours and stay. One gate serves one export: the same value has the same placeholder in all its rows, also after a crash.
 */
import { createRedaction } from '../../redaction/index.ts';
import type { Redaction, RedactionMemory, RedactionOptions } from '../../redaction/types.ts';
import type { Sample } from './types.ts';

export type Privacy = Omit<RedactionOptions, 'workspace' | 'memory'>;

export interface RowGate {
  /** Texts of a workspace without what must not leave. */
  redact(sample: Pick<Sample, 'from' | 'alsoFrom' | 'texts'>): Promise<Readonly<Record<string, unknown>>>;
  /** The whole sample: names among its facts (agents, roles, weights) come from models and servers, and are looked at like its texts. */
  clean(sample: Sample): Promise<Sample>;
  memory(): RedactionMemory;
  /** Occurrences replaced since this gate was made, by kind of placeholder. */
  replaced(): Readonly<Record<string, number>>;
}

export function createRowGate(privacy: Privacy, memory: RedactionMemory | undefined): RowGate {
  let current: { readonly workspace: string; readonly redaction: Redaction } | undefined;
  const earlier: Record<string, number> = {};
  const counted = (redaction: Redaction | undefined): Record<string, number> => {
    const sum = { ...earlier };
    for (const [kind, times] of Object.entries(redaction?.report().replaced ?? {})) sum[kind] = (sum[kind] ?? 0) + times;
    return sum;
  };
  /** A redaction knows one workspace; the numbers of its placeholders go on in the next. */
  const forWorkspace = (workspace: string): Redaction => {
    if (current?.workspace !== workspace) {
      Object.assign(earlier, counted(current?.redaction));
      current = { workspace, redaction: createRedaction({ ...privacy, workspace, memory: current?.redaction.memory() ?? memory }) };
    }
    return current.redaction;
  };
  const redact: RowGate['redact'] = async ({ from, alsoFrom = [], texts }) => {
    let row = texts;
    for (const workspace of new Set([from.workspace, ...alsoFrom])) row = await redactStrings(row, forWorkspace(workspace));
    return row;
  };
  return {
    redact,
    clean: async (sample) => {
      const { facts, from } = sample;
      const { weights, ...row } = await redact({ ...sample, texts: { texts: sample.texts, facts, weights: from.generations.weights } });
      return {
        ...sample,
        ...(row as Pick<Sample, 'texts' | 'facts'>),
        from: { ...from, generations: { ...from.generations, weights: String(weights) } },
      };
    },
    memory: () => current?.redaction.memory() ?? memory ?? createRedaction(privacy).memory(),
    replaced: () => counted(current?.redaction),
  };
}

/** Columns whose objects come from a model, names and all: they go through as they are, so that a value under `password` goes as a whole. */
const foreign = 'arguments';
const roles: readonly unknown[] = ['system', 'developer', 'user', 'assistant', 'tool', 'agent'];
const isRole = (key: string, value: unknown): boolean => (key === 'role' || key === 'source') && roles.includes(value);

async function redactStrings<T>(row: T, redaction: Redaction): Promise<T> {
  const found: unknown[] = [];
  visit(row, '', (value) => {
    found.push(value);
    return value;
  });
  const clean = await redaction.value(found);
  let next = 0;
  return visit(row, '', () => clean[next++]) as T;
}

/** The value with every text in it replaced by what `change` gives for it, in a fixed order. */
function visit(value: unknown, key: string, change: (text: unknown) => unknown): unknown {
  if (typeof value === 'string') return isRole(key, value) ? value : change(value);
  if (Array.isArray(value)) return value.map((item) => visit(item, key, change));
  if (typeof value !== 'object' || value === null) return value;
  if (key === foreign) return change(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, visit(item, name, change)]));
}
