import type { Request } from './types.ts';

/** One line of at most `longest` characters for lists: the first sentence or line, cut at a word. */
export function requestTitle(request: Pick<Request, 'text'>, longest = 72): string {
  const line = request.text.split('\n').find((part) => /[\p{L}\p{N}]/u.test(part)) ?? request.text;
  const flat = line
    .replace(/^[\s#>*-]+/, '')
    .replace(/\s+/g, ' ')
    .trim();
  const sentence = /^(.{8,}?[.!?])\s/.exec(flat)?.[1] ?? flat;
  const title = sentence.replace(/[.:]$/, '');
  const characters = [...title];
  if (characters.length <= longest) return title;
  const cut = characters.slice(0, Math.max(1, longest - 1)).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > cut.length / 2 ? cut.slice(0, space) : cut}…`;
}
