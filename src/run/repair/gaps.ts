/** Which places are written anew, and in which order: what is worth most for its tokens first. Pure. */
import { estimateTokens } from '../../models/index.ts';
import { isDescribed } from '../../syntax/index.ts';
import type { Body, Statement } from '../../syntax/types.ts';
import { beginsItsLine, type Gap } from './holes.ts';
import type { SuspectFile, SuspectPlace } from './localise.ts';

/** A missing line is far rarer than a wrong one: 6 of 153 repairs in the benchmark's suites put lines between others, 121 put some in place of others. */
const missingShare = 0.3;

/**
 * A body has many right texts, so it is tried more than once: the first time it is what the model finds likeliest, then there is chance in it. In words
 * comes first: who fills a hole pays half of that, but never reads the request, and of bodies that few examples let pass some are wrong, two of nine
 * against none of nine (docs/results.md). Where words in the file say what the function is for, a hole comes next.
 */
const triesInWords: readonly Try[] = [
  { kind: 'function', worth: 1 },
  { kind: 'body', worth: 0.2 },
  { kind: 'function', again: 1, worth: 0.04 },
  { kind: 'function', again: 2, worth: 0.008 },
];
const triesDescribed: readonly Try[] = [
  { kind: 'function', worth: 1 },
  { kind: 'body', worth: 0.4 },
  { kind: 'function', again: 1, worth: 0.3 },
  { kind: 'body', again: 1, worth: 0.2 },
  { kind: 'function', again: 2, worth: 0.1 },
  { kind: 'body', again: 2, worth: 0.04 },
];
type Try = Pick<Gap, 'kind' | 'again'> & { readonly worth: number };

/**
 * Right behind the worst place of a function all that it does is written anew: of 20 bugs one such filling mended 13, at the price of a fill and a fifth
 * of that of a draft (docs/results.md). With chance in it further ones mend some of what the first does not. A longer body does not fit a filling, tokens.
 */
const longestAnew = 200;
const anewAgain: readonly Try[] = [0.6, 0.36, 0.22, 0.13, 0.1, 0.08].map((worth, before) => ({ kind: 'anew', again: before + 1, worth }));

/** What is known of a file. */
type FileOf = (path: string) => Pick<SuspectFile, 'text' | 'shape'> | undefined;
type Worth = Gap & { readonly worth: number };

/** Gaps in the order in which they are worth a try; behind all others the statements that would come back as they are, and what is hardly to blame. */
export function gapsOf(places: readonly SuspectPlace[], fileOf: FileOf): readonly Gap[] {
  const written = places.filter(({ statement }) => !statement.stub);
  const stubs = places.filter(({ statement }) => statement.stub);
  const gaps = [...statementsAndBodies(written, fileOf), ...stubs.flatMap((place) => triesAt(place, fileOf)), ...between(written, fileOf)];
  return gaps.sort((a, b) => Number(isLast(a)) - Number(isLast(b)) || b.worth - a.worth);
}

const isLast = ({ kind, place: { expected, aside } }: Gap): boolean => aside === true || (kind === 'statement' && expected === true);

/** Each statement, and behind the worst of a function all that the function does, later once more. */
function statementsAndBodies(places: readonly SuspectPlace[], fileOf: FileOf): readonly Worth[] {
  const bodies = bodiesAnew(places, fileOf);
  return places.flatMap((place) => {
    const own = { kind: 'statement' as const, place, worth: place.suspicion };
    const body = bodies.get(place);
    if (body === undefined) return [own];
    const whole = { ...place, statement: asOne(body) };
    return [own, { ...own, kind: 'anew' as const, place: whole }, ...anewAgain.map((one) => tryAt(whole, one))];
  });
}

/** Bodies that fit a filling, by the worst place in them: of an outer function before one inside of it. */
function bodiesAnew(places: readonly SuspectPlace[], fileOf: FileOf): ReadonlyMap<SuspectPlace, Body> {
  const worst = new Map<Body, SuspectPlace>();
  for (const [path, own] of Map.groupBy(places, (place) => place.path)) {
    const { text = '', shape } = fileOf(path) ?? {};
    const fitting = shape?.bodies.filter(
      ({ start, end, line, endLine }) => line < endLine && estimateTokens(text.slice(start, end)) <= longestAnew,
    );
    for (const place of own) {
      if (place.statement.role === 'definition' || place.aside) continue;
      const body = fitting?.find(({ start, end }) => start <= place.statement.start && end >= place.statement.end);
      const known = body && worst.get(body);
      if (body && (known === undefined || (known.expected && !place.expected))) worst.set(body, place);
    }
  }
  return new Map([...worst].map(([body, place]) => [place, body]));
}

const asOne = ({ start, end, line, endLine }: Body): Statement => ({ start, end, line, endLine, role: 'plain' });

function triesAt(stub: SuspectPlace, fileOf: FileOf): readonly Worth[] {
  const shape = fileOf(stub.path)?.shape;
  const tries = shape && isDescribed(shape, stub.statement) ? triesDescribed : triesInWords;
  return tries.map((one) => tryAt(stub, one));
}

const tryAt = (place: SuspectPlace, one: Try): Worth => ({ ...one, place, worth: place.suspicion * one.worth });

const between = (places: readonly SuspectPlace[], fileOf: FileOf): readonly Worth[] =>
  places
    .filter(({ path, statement }) => statement.role !== 'definition' && beginsItsLine(fileOf(path)?.text ?? '', statement))
    .map((place) => ({ kind: 'before', place, worth: place.suspicion * missingShare }));
