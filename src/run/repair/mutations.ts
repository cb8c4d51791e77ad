/** Small changes in the order in which they are tried: of the most suspicious places one each, then the next one of each. None of what is hardly to blame. */
import { mutationsOf } from '../../syntax/index.ts';
import type { Mutation } from '../../syntax/types.ts';
import type { SuspectFile, SuspectPlace } from './localise.ts';

/** Places that are changed without a model: far down the list a passing change is mostly an accident. */
const placesChanged = 12;

export interface SmallChange {
  readonly place: SuspectPlace;
  readonly kind: Mutation['kind'];
  readonly text: string;
}

export async function smallChanges(
  places: readonly SuspectPlace[],
  files: readonly SuspectFile[],
  most: number,
): Promise<readonly SmallChange[]> {
  const blamed = places.filter(({ aside }) => aside !== true);
  const first = (blamed.length > 0 ? blamed : places).slice(0, placesChanged);
  const queues: (readonly SmallChange[])[] = [];
  const byFile = new Map(
    await Promise.all(
      files
        .filter(({ path }) => first.some((place) => place.path === path))
        .map(async ({ path, text, shape }) => [path, { text, mutations: await mutationsOf(path, text, shape.statements) }] as const),
    ),
  );
  for (const place of first) {
    const file = byFile.get(place.path);
    const mutations = file?.mutations.get(place.statement) ?? [];
    queues.push(
      mutations.map(({ start, end, text, kind }) => ({
        place,
        kind,
        text: `${file?.text.slice(0, start) ?? ''}${text}${file?.text.slice(end) ?? ''}`,
      })),
    );
  }
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  const inTurn = Array.from({ length: longest }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? []));
  return inTurn.flat().slice(0, most);
}
