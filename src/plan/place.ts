/** Places inside a plan: `steps[2].agent`. */
export type Place = readonly (string | number)[];

/** A place as people and editors read it; keys that are no plain names are quoted. The plan itself is ''. */
export function formatPlace(place: Place): string {
  let text = '';
  for (const part of place) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** What stands at a place; undefined where nothing does. */
export function valueAt(whole: unknown, place: Place): unknown {
  let value = whole;
  for (const part of place) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
