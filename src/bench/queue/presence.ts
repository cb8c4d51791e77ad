/** Who is at the queue: every bench and worker keeps a card there while it runs, so that each can say why the other does not suit. */
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { type Link, prefix } from './link.ts';

const cardSchema = z.object({
  v: z.literal(1),
  /** Machine and process. */
  who: z.string(),
  /** Name and version. */
  program: z.string(),
  suites: z.array(z.object({ name: z.string(), hash: z.string() })),
});
export type Card = z.infer<typeof cardSchema>;

type Kind = 'bench' | 'worker';

/** A card that is not renewed for so long is gone: its program has ended without a word. Seconds. */
const goneAfter = 30;
const renewMs = 5000;

const keyOf = (kind: Kind, who: string): string => `${prefix}:present:${kind}:${who}`;

/** Keeps the card there, and hands over the cards of the other kind again and again; both until the signal fires, and then takes its own away. */
export async function attend(
  { redis, trouble }: Link,
  kind: Kind,
  card: Card,
  onOthers: (others: readonly Card[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const own = keyOf(kind, card.who);
  while (!signal.aborted) {
    try {
      await redis.set(own, JSON.stringify(card), 'EX', goneAfter);
      const others = await present(redis, kind === 'bench' ? 'worker' : 'bench');
      if (!signal.aborted) onOthers(others);
    } catch (error) {
      trouble(error as Error);
    }
    await wait(renewMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
  if (redis.status === 'ready') await redis.del(own).catch(trouble);
}

async function present(redis: Link['redis'], kind: Kind): Promise<readonly Card[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, some] = await redis.scan(cursor, 'MATCH', keyOf(kind, '*'), 'COUNT', 1000);
    keys.push(...some);
    cursor = next;
  } while (cursor !== '0');
  if (keys.length === 0) return [];
  return (await redis.mget(keys)).flatMap((text) => readCard(text ?? ''));
}

/** A card of another form is of another version, or no card of ours. */
function readCard(text: string): Card[] {
  try {
    const parsed = cardSchema.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Why the two do not work together, from the worker's side; undefined: they do. */
export function mismatch(bench: Card, worker: Card): 'version' | 'tasks' | undefined {
  if (bench.program !== worker.program) return 'version';
  return bench.suites.every(({ hash }) => worker.suites.some((suite) => suite.hash === hash)) ? undefined : 'tasks';
}
