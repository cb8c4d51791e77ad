/**
 * Fields of an assistant's message that the protocol does not know and that some servers want back with the next request, as they were: thoughts
 * before a tool call (`reasoning_content`, `reasoning`, `reasoning_details`), signatures of thoughts (`extra_content`), whatever stands beside a call.
 */
export type ExtraFields = Readonly<Record<string, unknown>>;

/** Of a message only what belongs to its thoughts goes back. */
const ofMessage = /reason|think|thought|signature|extra_content|provider_specific/i;
const knownOfCall = new Set(['index', 'id', 'type', 'function']);

export const extraOfMessage = (delta: ExtraFields): ExtraFields => chosen(delta, (name) => ofMessage.test(name));
export const extraOfCall = (call: ExtraFields): ExtraFields => chosen(call, (name) => !knownOfCall.has(name));

const chosen = (fields: ExtraFields, wanted: (name: string) => boolean): ExtraFields =>
  Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => wanted(name) && value !== null && value !== undefined && value !== ''),
  );

/** What has come so far with what comes now: texts grow, entries of a list go together by their index, everything else is told anew. */
export function withMore(known: ExtraFields, more: ExtraFields): ExtraFields {
  const merged: Record<string, unknown> = { ...known };
  for (const [name, value] of Object.entries(more)) merged[name] = joined(name, merged[name], value);
  return merged;
}

/** Texts that come in pieces, by the names of the well-known servers; a signature or an id comes whole. */
const growing = /reasoning|thinking|text|summary|content|data/i;

function joined(name: string, known: unknown, more: unknown): unknown {
  if (more === null || more === undefined) return known;
  if (typeof known === 'string' && typeof more === 'string') return growing.test(name) ? known + more : more;
  if (Array.isArray(known) && Array.isArray(more)) return more.reduce<unknown[]>(withEntry, known);
  return isFields(known) && isFields(more) ? withMore(known, more) : more;
}

function withEntry(known: unknown[], entry: unknown): unknown[] {
  const at = isFields(entry)
    ? known.findIndex((one) => isFields(one) && entry.index !== undefined && one.index === entry.index && one.type === entry.type)
    : -1;
  return at < 0 ? [...known, entry] : known.with(at, joined('', known[at], entry));
}

const isFields = (value: unknown): value is ExtraFields => typeof value === 'object' && value !== null && !Array.isArray(value);

const isRefusal =
  /extra|unknown|unexpected|unrecogni[sz]ed|additional|not (?:permitted|allowed|supported|a valid)|unsupported|invalid (?:field|property|parameter)|must not|should not|cannot (?:be|include|contain)|remove|no such field|cannot find field/i;
const isDemand = /missing|must be (?:passed|provided|included|present|sent)|is required|required (?:field|in)/i;

/** The field of thoughts that a server misses, where it says so. */
export function demanded(detail: string): string | undefined {
  return isDemand.test(detail) ? /\breasoning(?:_content|_details)?\b/.exec(detail)?.[0] : undefined;
}

/** Names among those sent that a refusal does not want: those it names, or all of them where it speaks of foreign fields of messages. */
export function unwanted(detail: string, sent: readonly string[]): readonly string[] {
  if (isDemand.test(detail) || !isRefusal.test(detail)) return [];
  const words = new Set(detail.split(/\W+/));
  const named = sent.filter((name) => words.has(name));
  if (named.length > 0) return named;
  return /messages?\b|tool_calls|assistant/i.test(detail) && /field|input|propert|key|parameter|name/i.test(detail) ? sent : [];
}
