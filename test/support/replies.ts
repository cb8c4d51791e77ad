import type { EditFormat } from '../../src/workspace/edit-types.ts';
import { parseEdits as parse, replyForm } from '../../src/workspace/index.ts';

/** Reads a reply about files of which only the names are known. */
export const parseEdits = (reply: string, format: EditFormat, known: readonly string[], only?: string) =>
  parse(
    reply,
    { ...replyForm(format, []), only },
    known.map((path) => ({ path })),
  );
