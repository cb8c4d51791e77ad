/**
 * Reading events, forgivingly: a torn last line, garbage in the middle, event types and versions from a newer program, gaps in the numbering
 * and a broken chain are counted and reported, never fatal. Events of older versions come out as if written today.
 */
import * as z from 'zod';
import { errorText, traceUnreadable } from '../errors.ts';
import { chainStart, linkOf } from './chain.ts';
import { endsAsKept, marksOf, type RecordRead, readEnd } from './end.ts';
import { type EventType, eventBodies, eventVersion, type TraceEvent } from './events.ts';
import { eventsFile } from './folder.ts';
import { type Line, readLines } from './lines.ts';
import { createUpgrader, mustChain, type RawEvent } from './upgrade.ts';

/** What a reader met that is not a known event. `raw` keeps the text (of the first hundred), so that nothing is lost. */
export interface Oddity {
  readonly kind: 'garbage' | 'unknown-type' | 'newer-version' | 'bad-body' | 'repeated-seq';
  /** Line number, from 1. */
  readonly line: number;
  readonly detail: string;
  readonly raw: string;
}

export interface Damage {
  readonly garbage: number;
  readonly unknownTypes: number;
  readonly newerVersions: number;
  /** Known events whose body does not have the shape it should. */
  readonly badBodies: number;
  readonly repeatedSeqs: number;
  /** Missing stretches of the numbering, both ends included. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /**
   * Numbers of the lines that do not follow from the line before them: something was changed, taken out or put in there after it was written.
   * The number after the last line stands for the end.
   */
  readonly brokenLinks: readonly number[];
  /** It was written before ends were kept: whether its last lines are as they were written cannot be told. */
  readonly openEnded: boolean;
  /** The last line is not finished: the writer was killed, or is writing now. */
  readonly tornTail: boolean;
  readonly oddities: readonly Oddity[];
}

export interface TraceReading {
  readonly events: readonly TraceEvent[];
  readonly damage: Damage;
}

const keptOddities = 100;
const keptCharacters = 10_000;

export interface EventParser {
  /** The event of one line, or undefined when the line is counted as damage. */
  parse(line: Line): TraceEvent | undefined;
  damage(): Damage;
  /** The number after the highest one met, in events of any kind. */
  nextSeq(): number;
  /** What the next line of the trace names as the line before it. */
  link(): string;
  /** What was read so far. */
  read: RecordRead;
  /** What is known of the end, once all is read. */
  ends(how: 'changed' | 'not-kept'): void;
}

/** `marks`: the lengths at which the record's link is asked for afterwards. */
export function createEventParser(marks: readonly number[] = []): EventParser {
  const counts = { garbage: 0, 'unknown-type': 0, 'newer-version': 0, 'bad-body': 0, 'repeated-seq': 0 };
  const oddities: Oddity[] = [];
  const gaps: { from: number; to: number }[] = [];
  const brokenLinks: number[] = [];
  let link = chainStart;
  let chained = false;
  let tornTail = false;
  let openEnded = false;
  let bytes = 0;
  const links = new Map<number, string>();
  let lineNumber = 0;
  let expected = 0;
  let nextSeq = 0;
  const seen = new Set<number>();
  const upgrade = createUpgrader();

  const odd = (kind: Oddity['kind'], detail: string, text: string): undefined => {
    counts[kind] += 1;
    if (oddities.length < keptOddities) oddities.push({ kind, line: lineNumber, detail, raw: text.slice(0, keptCharacters) });
    return undefined;
  };

  const parse = (line: Line): TraceEvent | undefined => {
    const event = parsed(line);
    bytes = line.offset + line.bytes.length + (line.complete ? 1 : 0);
    if (marks.includes(bytes)) links.set(bytes, link);
    return event;
  };

  const parsed = (line: Line): TraceEvent | undefined => {
    lineNumber += 1;
    if (line.tooLong) return odd('garbage', 'longer than any event', '');
    const text = line.bytes.toString('utf8');
    if (text.trim() === '') return undefined;
    const before = link;
    link = linkOf(line.bytes);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      if (line.complete) return odd('garbage', errorText(error), text);
      tornTail = true;
      return undefined;
    }
    if (!isEnvelope(value)) return odd('garbage', 'not an event', text);
    const { prev, ...raw } = value;
    if (prev === undefined ? chained || mustChain(raw as RawEvent) : prev !== before) brokenLinks.push(lineNumber);
    chained ||= prev !== undefined;
    if (seen.has(value.seq)) return odd('repeated-seq', `number ${value.seq} again`, text);
    seen.add(value.seq);
    if (value.seq > expected) gaps.push({ from: expected, to: value.seq - 1 });
    expected = value.seq + 1;
    nextSeq = Math.max(nextSeq, expected);
    if (value.v > eventVersion) return odd('newer-version', `version ${value.v}`, text);
    const current = upgrade(raw as RawEvent);
    if (current === undefined) return odd('garbage', `version ${value.v} was never written`, text);
    if (!isKnownType(current.type)) return odd('unknown-type', current.type, text);
    const checked = completeEvent(current as RawEvent & { type: EventType });
    return checked.problem === undefined ? checked.event : odd('bad-body', `${current.type}: ${checked.problem}`, text);
  };

  return {
    parse,
    nextSeq: () => nextSeq,
    link: () => link,
    read: {
      get bytes() {
        return bytes;
      },
      linkAt: (at) => links.get(at),
    },
    ends(how) {
      openEnded = how === 'not-kept' && lineNumber > 0;
      if (how === 'changed') brokenLinks.push(lineNumber + 1);
    },
    damage: () => ({
      garbage: counts.garbage,
      unknownTypes: counts['unknown-type'],
      newerVersions: counts['newer-version'],
      badBodies: counts['bad-body'],
      repeatedSeqs: counts['repeated-seq'],
      gaps: [...gaps],
      brokenLinks: [...brokenLinks],
      openEnded,
      tornTail,
      oddities: [...oddities],
    }),
  };
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isEnvelope(value: unknown): value is RawEvent & { readonly prev?: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Partial<RawEvent>;
  return isCount(event.v) && isCount(event.seq) && Number.isFinite(event.at) && typeof event.type === 'string';
}

const isKnownType = (type: string): type is EventType => Object.hasOwn(eventBodies, type);

/** Envelope and body in one schema, so that checking an event is one pass without copies. */
const wholeEvents = Object.fromEntries(
  Object.entries(eventBodies).map(([type, body]) => [
    type,
    z.strictObject({ v: z.number(), seq: z.number(), at: z.number(), type: z.literal(type), ...body.shape }),
  ]),
) as unknown as Readonly<Record<EventType, z.ZodType<TraceEvent>>>;

/**
 * Fills in defaults and checks the body. Fields this program does not know are no problem (a newer program of the same version may
 * write them); the event then stays as it is. A few microseconds.
 */
export function completeEvent(raw: RawEvent & { type: EventType }): { event: TraceEvent; problem?: string } {
  const checked = wholeEvents[raw.type].safeParse(raw);
  if (checked.success) return { event: checked.data };
  const event = raw as unknown as TraceEvent;
  const real = checked.error.issues.find((issue) => issue.code !== 'unrecognized_keys');
  return real === undefined ? { event } : { event, problem: `${real.path.join('.')} ${real.message}` };
}

/** The events of a run in batches, as they are read; `parser` then tells the damage. Rejects with `trace-unreadable`. */
export async function* streamTrace(dir: string, parser: EventParser = createEventParser()): AsyncGenerator<readonly TraceEvent[]> {
  const file = eventsFile(dir);
  try {
    for await (const lines of readLines(file)) yield lines.map((line) => parser.parse(line)).filter((event) => event !== undefined);
  } catch (error) {
    throw traceUnreadable(file, errorText(error), error);
  }
}

/** The same to the end, which is checked: `damage` says whether it is the one that was kept. `take` gets each batch. Gives the parser. */
export async function readWhole(dir: string, take: (batch: readonly TraceEvent[]) => void): Promise<EventParser> {
  const before = readEnd(dir);
  const parser = createEventParser(marksOf(before));
  for await (const batch of streamTrace(dir, parser)) take(batch);
  const after = readEnd(dir);
  if (!endsAsKept(parser.read, before, after)) parser.ends('changed');
  else if (after.kept === 'not-kept') parser.ends('not-kept');
  return parser;
}

/** All events of a run. `dir` is the run's folder. Rejects with `trace-unreadable` when there is no such file; damage is no error. */
export async function readTrace(dir: string): Promise<TraceReading> {
  const events: TraceEvent[] = [];
  const parser = await readWhole(dir, (batch) => {
    for (const event of batch) events.push(event);
  });
  return { events, damage: parser.damage() };
}

/**
 * The number of the line before which a record was changed after it was written, undefined for one that is as it was written. What such a run
 * says may not be what happened: nothing is applied, gone on from, replayed, graded, exported or shared by its word.
 */
export const changedBefore = ({ brokenLinks: [line] }: Pick<Damage, 'brokenLinks'>): number | undefined => line;

/** One sentence per kind of damage, for people; empty when the trace is whole. */
export function describeDamage(damage: Damage): string[] {
  const lines = [
    damage.garbage > 0 && `${damage.garbage} unreadable line(s) were skipped`,
    damage.badBodies > 0 && `${damage.badBodies} malformed event(s) were skipped`,
    damage.repeatedSeqs > 0 && `${damage.repeatedSeqs} event(s) that stood there twice were skipped`,
    damage.unknownTypes > 0 && `${damage.unknownTypes} event(s) of a kind this version does not know were skipped`,
    damage.newerVersions > 0 && `${damage.newerVersions} event(s) written by a newer version were skipped`,
    damage.gaps.length > 0 &&
      `events ${damage.gaps.map((gap) => (gap.from === gap.to ? gap.from : `${gap.from}–${gap.to}`)).join(', ')} are missing`,
    damage.brokenLinks.length > 0 && `the record was changed after it was written (${places(damage.brokenLinks)})`,
    damage.openEnded && 'it is old: whether its last lines were changed cannot be told',
    damage.tornTail && 'the last line is incomplete',
  ];
  return lines.filter((line) => line !== false);
}

const namedPlaces = 5;

function places(lines: readonly number[]): string {
  const more = lines.length > namedPlaces ? ` and ${lines.length - namedPlaces} more` : '';
  return `before line ${lines.slice(0, namedPlaces).join(', ')}${more}`;
}
