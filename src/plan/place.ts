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
