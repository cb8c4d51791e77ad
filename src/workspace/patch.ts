/** One change of a unified diff as a block: what the file has, what it shall have, and the line (from 0) where the patch says it stands. */
export interface PatchBlock {
  readonly search: string;
  readonly replace: string;
  readonly line?: number;
  /** Whether the file ends in a newline afterwards; said by `\ No newline at end of file`. */
  readonly finalNewline?: boolean;
}

/**
 * Reads the hunks of one file's unified diff. Line counts and numbers may be wrong, and context lines may lack their leading space: models
 * often write them so. Hunks are told apart by their `@@` lines alone.
 */
export function readPatch(patch: string): PatchBlock[] {
  const blocks: PatchBlock[] = [];
  let have: string[] = [];
  let want: string[] = [];
  let line: number | undefined;
  let inside = false;
  /** Kind of the line above, and the sides that end without a newline. */
  let above = '';
  let bare = '';
  const finish = () => {
    while (have.length > 0 && want.length > 0 && have.at(-1) === '' && want.at(-1) === '') {
      have.pop();
      want.pop();
    }
    const changes = have.join('\n') !== want.join('\n');
    const ends = bare === '' ? {} : { finalNewline: !/[+ ]/.test(bare) };
    if (changes || bare === '-' || bare === '+') {
      const replace = bare.includes('+') && have.length === 0 ? joined(want).slice(0, -1) : joined(want);
      blocks.push({ search: joined(have), replace, ...(line === undefined ? {} : { line }), ...ends });
    }
    have = [];
    want = [];
    bare = '';
  };
  for (const text of patch.replaceAll('\r\n', '\n').split('\n')) {
    const header = /^@@+(?:\s*-(\d+)(?:,\d+)?\s+\+\d+(?:,\d+)?)?/.exec(text);
    if (header !== null) {
      finish();
      inside = true;
      line = header[1] === undefined || header[1] === '0' ? undefined : Number(header[1]) - 1;
    } else if (!inside && /^(--- |\+\+\+ |diff |index |new file|deleted file|old mode|new mode|similarity|rename )/.test(text)) continue;
    else if (text.startsWith('\\')) bare += above;
    else if (text.startsWith('+')) {
      inside = true;
      above = '+';
      want.push(text.slice(1));
    } else if (text.startsWith('-')) {
      inside = true;
      above = '-';
      have.push(text.slice(1));
    } else if (inside) {
      above = ' ';
      const context = text.startsWith(' ') ? text.slice(1) : text;
      have.push(context);
      want.push(context);
    }
  }
  finish();
  return blocks;
}

const joined = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`);
