/** Numbers of placeholders. A value is remembered only as a hash under a random salt, so that what is kept on disk names nobody. */
import { createHmac, randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { PlaceholderKind, RedactionMemory, RedactionReport, Span } from './types.ts';

/** There is only one of each, so it needs no number. */
const single: readonly PlaceholderKind[] = ['user', 'host', 'home', 'workspace', 'data'];

/** Placeholders as they stand in texts; detectors leave them alone. */
export const placeholderPattern = /<(?:(?:secret|email|path|name)-\d+|user|host|home|workspace|data)>/g;

export const redactionMemorySchema = z.strictObject({ salt: z.string(), numbers: z.record(z.string(), z.number().int()) });

export interface Placeholders {
  of(span: Span): string;
  report(): RedactionReport;
  memory(): RedactionMemory;
}

export function createPlaceholders(memory: RedactionMemory | undefined): Placeholders {
  const salt = memory?.salt ?? randomBytes(16).toString('hex');
  const numbers = new Map(Object.entries(memory?.numbers ?? {}));
  const highest = new Map<PlaceholderKind, number>();
  for (const [key, number] of numbers) {
    const kind = key.slice(0, key.indexOf(':')) as PlaceholderKind;
    highest.set(kind, Math.max(highest.get(kind) ?? 0, number));
  }
  const replaced = new Map<PlaceholderKind, number>();
  const secrets = new Map<string, number>();
  const distinct = new Map<PlaceholderKind, Set<string>>();

  const numberOf = (kind: PlaceholderKind, key: string): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const next = (highest.get(kind) ?? 0) + 1;
    highest.set(kind, next);
    numbers.set(key, next);
    return next;
  };

  return {
    of(span) {
      const kind = span.placeholder;
      const key = `${kind}:${createHmac('sha256', salt).update(span.value).digest('base64url').slice(0, 22)}`;
      replaced.set(kind, (replaced.get(kind) ?? 0) + 1);
      if (kind === 'secret') secrets.set(span.kind, (secrets.get(span.kind) ?? 0) + 1);
      distinct.set(kind, (distinct.get(kind) ?? new Set()).add(key));
      return single.includes(kind) ? `<${kind}>` : `<${kind}-${numberOf(kind, key)}>`;
    },
    report: () => ({
      replaced: Object.fromEntries(replaced),
      secrets: Object.fromEntries(secrets),
      distinct: Object.fromEntries([...distinct].map(([kind, keys]) => [kind, keys.size])),
    }),
    memory: () => ({ salt, numbers: Object.fromEntries(numbers) }),
  };
}
