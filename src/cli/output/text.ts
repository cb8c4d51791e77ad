/** Text on a terminal: widths, cutting, tables. Pure. */
import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../text/index.ts';
import type { Screen } from './terminal.ts';

/** Text of others in one line, safe to print. */
export const oneLine = (text: string): string => printable(text).replace(/\s+/g, ' ').trim();

/** A document for a program or a file, letter by letter; for a person at a terminal without what that would not show. */
export function writeDocument(screen: Pick<Screen, 'write' | 'isTerminal'>, text: string): void {
  screen.write(screen.isTerminal ? printable(text) : text);
}

/** Columns the text takes, colours not counted; wide characters (East Asian, emoji) take two, combining marks none. */
export function width(text: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(text)) columns += columnsOf(character);
  return columns;
}

function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** Cuts plain text (no colours) to at most so many columns; what was cut shows as `…`. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns - 1) break;
    kept += character;
  }
  return columns > 0 ? `${kept}…` : '';
}

export const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)));
export const padStart = (text: string, columns: number): string => ' '.repeat(Math.max(0, columns - width(text))) + text;

/** `███████░░░`: a share from 0 to 1 on so many columns. */
export function bar(share: number, columns: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * columns);
  return '█'.repeat(full) + '░'.repeat(columns - full);
}

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** The one column that gives way when the table is wider than the screen. */
  readonly gives?: boolean;
  /** Colours the finished, padded cell. */
  readonly paint?: (cell: string, row: Row) => string;
}

/** Lines of a table, title first. `columns` is the width of the screen; Infinity: no limit. */
export function table<Row>(rows: readonly Row[], layout: readonly Column<Row>[], columns: number): string[] {
  const cells = rows.map((row) => layout.map((column) => oneLine(column.text(row))));
  const widths = layout.map((column, at) => Math.max(width(column.title), ...cells.map((row) => width(row[at] ?? ''))));
  const giving = layout.findIndex((column) => column.gives);
  const total = widths.reduce((sum, each) => sum + each, 0) + 2 * (layout.length - 1);
  if (giving >= 0 && total > columns) widths[giving] = Math.max(8, (widths[giving] ?? 0) - (total - columns));

  const line = (texts: readonly string[], row: Row | undefined): string =>
    layout
      .map((column, at) => {
        const last = at === layout.length - 1 && column.align !== 'right';
        const text = cut(texts[at] ?? '', widths[at] ?? 0);
        const cell = column.align === 'right' ? padStart(text, widths[at] ?? 0) : last ? text : pad(text, widths[at] ?? 0);
        return row !== undefined && column.paint ? column.paint(cell, row) : cell;
      })
      .join('  ')
      .trimEnd();
  return [
    line(
      layout.map((column) => column.title),
      undefined,
    ),
    ...cells.map((texts, at) => line(texts, rows[at])),
  ];
}
