import type { EditFormat } from './edit-types.ts';

/** The form a reply is asked for in, chosen so that no line of the files in play can be taken for one of its marks. */
export interface ReplyForm {
  readonly format: EditFormat;
  /** Backticks of a fence: more than any run of them in the files. */
  readonly fence: number;
  /** Characters of the marks of a search and replace block: no line of the files is such a mark. */
  readonly marks: number;
  /** The one file whose whole text is asked for: a block without a path means it. */
  readonly only?: string;
  /** The function or class of `only` that is asked for in place of the whole text: its name, for the words of the form. */
  readonly part?: string;
  /** A block without a path means no file at all: nobody asked for edits in this form. */
  readonly named?: boolean;
}

/** A file in play: `text` as it is now, in lines that end in `\n`; absent where it is not known. */
export interface KnownFile {
  readonly path: string;
  readonly text?: string;
}

/** The form for files with these texts. Same texts, same form: the reader of the reply finds it again. */
export function replyForm(format: EditFormat, files: readonly KnownFile[]): ReplyForm {
  const texts = files.map(({ text = '' }) => text);
  const fences = texts.flatMap((text) => [...text.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const taken = new Set(
    texts.flatMap((text) => [...text.matchAll(/^[ \t]*(<{7,}|={7,}|>{7,})(?![<=>])/gm)].map((match) => match[1]?.length)),
  );
  let marks = 7;
  while (taken.has(marks)) marks++;
  return { format, fence: fences.reduce((most, run) => Math.max(most, run + 1), 3), marks };
}

/** Stands in the form as told, for the path of a file. */
export const examplePath = 'path/of/the/file';

/** The three marks of a block, each a line of its own. */
export const blockMarks = (count: number) => ({
  search: `${'<'.repeat(count)} SEARCH`,
  middle: '='.repeat(count),
  replace: `${'>'.repeat(count)} REPLACE`,
});
