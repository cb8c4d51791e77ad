/** What the project tells agents: AGENTS.md at the top and the one nearest above the files that matter, or a file that stands for it. */
import { cutToBytes } from './excerpt.ts';
import type { SourceReader } from './source.ts';
import { folderOf } from './tree.ts';
import type { Briefing } from './types.ts';

/** In order of preference; the first that exists in a folder speaks for it. */
const names = ['AGENTS.md', 'CLAUDE.md', '.github/copilot-instructions.md'];

/** @param files the files that matter, best first */
export function readInstructions(reader: SourceReader, files: readonly string[], bytes: number): Briefing['instructions'] {
  const top = firstOf(reader, '');
  const near = nearest(reader, files.slice(0, 3));
  const found = [top, near].filter((file) => file !== undefined);
  if (found.length === 0) return undefined;
  // The nearer one is the more specific: it keeps at least half of the room.
  const only = found[0];
  if (found.length === 1 && only !== undefined) return limited(only.path, only.text, bytes);
  const nearText = cutToBytes(near?.text ?? '', Math.max(Math.floor(bytes / 2), bytes - Buffer.byteLength(top?.text ?? '')));
  const topText = cutToBytes(top?.text ?? '', Math.max(0, bytes - Buffer.byteLength(nearText)));
  return {
    path: `${top?.path}, ${near?.path}`,
    text: `<!-- ${top?.path} -->\n${topText}\n<!-- ${near?.path} -->\n${nearText}`,
    truncated: topText !== top?.text || nearText !== near?.text,
  };
}

function limited(path: string, text: string, bytes: number): NonNullable<Briefing['instructions']> {
  const cut = cutToBytes(text, bytes);
  return { path, text: cut, truncated: cut !== text };
}

function firstOf(reader: SourceReader, folder: string): { path: string; text: string } | undefined {
  for (const name of folder === '' ? names : names.slice(0, 2)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const source = reader.readThroughLink(path);
    if (source.ok && source.text.trim() !== '') return { path, text: source.text.trim() };
  }
  return undefined;
}

function nearest(reader: SourceReader, files: readonly string[]): { path: string; text: string } | undefined {
  for (const file of files) {
    for (let folder = folderOf(file); folder !== ''; folder = folderOf(folder)) {
      const found = firstOf(reader, folder);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
