/** Files that lose most of their text although nobody asked for it. */

import type { ChangedFile } from '../steering-changes.ts';
import { codeTextOf } from './code-text.ts';

/** Words of a request that may well mean less text in a file. */
const asksForLess =
  /\b(?:delet|remov|drop|clean|simplif|short|trim|strip|split|mov(?:e|ed|es|ing)\b|extract|refactor|restructur|reorgani|rewrit|rework|reduc|dead\b|unused|obsolete|legacy|deprecat|empt|clear|reset|revert|roll ?back|undo|minif|dedup|consolidat|slim|prun|get rid|lösch|entfern|kürz|vereinfach|verschieb|supprim|elimin)/i;

/** Fewer lines may be written anew for a reason; lines without text do not count. */
const leastLines = 12;
/** Share of its lines that a file keeps at most, to be told. */
const mostKept = 0.4;

/** What became of the file, in words; undefined where it keeps enough, or where the request or another changed file says why not. */
export function shrinking(file: ChangedFile, changed: readonly ChangedFile[], request: string): string | undefined {
  const { path, before = '', after } = file;
  if (after === undefined || asksForLess.test(request)) return undefined;
  const old = told(path, before);
  const left = told(path, after).length;
  const emptied = left === 0 && old.length > 0;
  if (!emptied && (old.length < leastLines || left > old.length * mostKept)) return undefined;
  const elsewhere = new Set(changed.flatMap((other) => (other.path === path ? [] : told(other.path, other.after ?? ''))));
  const moved = old.filter((line) => elsewhere.has(line)).length;
  if (moved > old.length / 2) return undefined;
  return `it keeps ${left} of ${old.length} lines`;
}

/** Lines that say something, of source files those with code. */
const told = (path: string, text: string): string[] =>
  (codeTextOf(path, text)?.code ?? text).split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
