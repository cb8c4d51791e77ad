/** What a request points at with a word: `#file`, `#folder`, `#problems`, `#changes`, `#picture`. Pure; the words stay in the text. */

export interface Mention {
  /** As written. */
  readonly written: string;
  readonly kind: 'file' | 'folder' | 'problems' | 'changes' | 'picture';
  /** Behind a colon, without quotes: relative to the workspace, or a picture's name. Absent: the file in front, or its folder. */
  readonly path?: string;
}

const mention =
  /(?<![\p{L}\p{N}&#/])#(file|folder|problems|changes|picture)(?![\p{L}\p{N}_-])(?::(?:"([^"\n]{1,500})"|([^\s"'`,;()]{1,500})))?/gu;

/** In order, each once. */
export function mentionsIn(text: string): readonly Mention[] {
  const found = [...text.matchAll(mention)].map(([all, kind, quoted, bare]): Mention => {
    // The end of a sentence is no part of a path.
    const path = quoted ?? bare?.replace(/(?<!\.)\.$|(?<![!?:])[!?:]+$/, '');
    return {
      written:
        quoted === undefined && bare !== undefined && path !== undefined ? all.slice(0, all.length - bare.length + path.length) : all,
      kind: kind as Mention['kind'],
      ...(path && (kind === 'file' || kind === 'folder') && { path: path.replaceAll('\\', '/').replace(/(?<!\/)\/+$/, '') }),
      ...(path && kind === 'picture' && { path }),
    };
  });
  // A picture has a name; the word alone is a word.
  const meant = found.filter(({ kind, path }) => kind !== 'picture' || path !== undefined);
  return [...new Map(meant.map((each) => [each.written, each])).values()];
}

/** The word that points at it. What no word can hold (a quotation mark, a line break) stands there as it is, and points at nothing. */
export function mentionOf(kind: 'file' | 'folder' | 'picture', path: string): string {
  const words = [`#${kind}:${path}`, `#${kind}:"${path}"`];
  return words.find((word) => mentionsIn(word).some((each) => each.written === word && each.path === path)) ?? path;
}
