/** One change of a unified diff as a block: what the file has, what it shall have, and the line (from 0) where the patch says it stands. */
export interface PatchBlock {
  readonly search: string;
  readonly replace: string;
  readonly line?: number;
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
  const finish = () => {
    while (have.length > 0 && want.length > 0 && have.at(-1) === '' && want.at(-1) === '') {
      have.pop();
      want.pop();
    }
    const changes = have.join('\n') !== want.join('\n');
    if (changes) blocks.push({ search: joined(have), replace: joined(want), ...(line === undefined ? {} : { line }) });
    have = [];
    want = [];
  };
  for (const text of patch.replaceAll('\r\n', '\n').split('\n')) {
    const header = /^@@+(?:\s*-(\d+)(?:,\d+)?\s+\+\d+(?:,\d+)?)?/.exec(text);
    if (header !== null) {
      finish();
      inside = true;
      line = header[1] === undefined || header[1] === '0' ? undefined : Number(header[1]) - 1;
    } else if (!inside && /^(--- |\+\+\+ |diff |index |new file|deleted file|old mode|new mode|similarity|rename )/.test(text)) continue;
    else if (text.startsWith('\\')) continue;
    else if (text.startsWith('+')) {
      inside = true;
      want.push(text.slice(1));
    } else if (text.startsWith('-')) {
      inside = true;
      have.push(text.slice(1));
    } else if (inside) {
      const context = text.startsWith(' ') ? text.slice(1) : text;
      have.push(context);
      want.push(context);
    }
  }
  finish();
  return blocks;
}

const joined = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`);
