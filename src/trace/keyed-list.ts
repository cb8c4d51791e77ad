/**
 * Finding by key in lists that never change in place. Versions of a list that grow out of each other share one index, so that folding a
 * long run does not search every list at every event. The index is only a memory of the search: results are those of a plain search.
 */
export interface KeyedList<T> {
  /** Place of the last item with this key; -1 when there is none. */
  lastIndex(list: readonly T[], key: string): number;
  /** A new list with the item at its end. */
  append(list: readonly T[], item: T): readonly T[];
  /** A new list with another item of the same key in this place. */
  replace(list: readonly T[], place: number, item: T): readonly T[];
}

export function keyedList<T>(keyOf: (item: T) => string): KeyedList<T> {
  // `length` is that of the newest version that shares the places; only that one may grow with them.
  type Index = { readonly places: Map<string, number>; length: number };
  const indexes = new WeakMap<readonly T[], Index>();

  const indexOf = (list: readonly T[]): Index => {
    const known = indexes.get(list);
    if (known !== undefined) return known;
    const index = { places: new Map(list.map((item, place) => [keyOf(item), place])), length: list.length };
    indexes.set(list, index);
    return index;
  };

  return {
    lastIndex(list, key) {
      const place = indexOf(list).places.get(key);
      if (place === undefined) return -1;
      // A newer version of the list may have the key again, further on.
      return place < list.length ? place : list.findLastIndex((item) => keyOf(item) === key);
    },
    append(list, item) {
      const longer = [...list, item];
      const index = indexOf(list);
      if (index.length === list.length) {
        index.places.set(keyOf(item), list.length);
        index.length += 1;
        indexes.set(longer, index);
      }
      return longer;
    },
    replace(list, place, item) {
      const changed = list.with(place, item);
      indexes.set(changed, indexOf(list));
      return changed;
    },
  };
}
