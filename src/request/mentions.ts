/** What a request points at with a word: `#file`, `#folder`, `#problems`, `#changes`. Pure; the words stay in the text. */

export interface Mention {
  /** As written. */
  readonly written: string;
  readonly kind: 'file' | 'folder' | 'problems' | 'changes';
  /** Behind a colon, without quotes: relative to the workspace. Absent: the file in front, or its folder. */
  readonly path?: string;
}

const mention = /(?<![\p{L}\p{N}&#/])#(file|folder|problems|changes)(?![\p{L}\p{N}_-])(?::(?:"([^"\n]{1,500})"|([^\s"'`,;()]{1,500})))?/gu;

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
    };
  });
  return [...new Map(found.map((each) => [each.written, each])).values()];
}
