/**
 * Draws what a terminal showed as an SVG: `node scripts/picture.ts < recorded.txt > media/run.svg`. Understands the colours, styles
 * and redrawn lines of the command line. Record with `script -qec 'teamwright run …' recorded.txt`.
 */
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const characterWidth = 8.4;
const lineHeight = 19;
const padding = 18;
const colours: Readonly<Record<number, string>> = {
  31: '#f47067',
  32: '#57ab5a',
  33: '#c69026',
  34: '#539bf5',
  35: '#b083f0',
  36: '#39c5cf',
  90: '#768390',
};

const escapeCharacter = String.fromCharCode(27);
const styleCode = new RegExp(`${escapeCharacter}\\[([\\d;]*)m`);
const redraw = new RegExp(`^${escapeCharacter}\\[(\\d+)A${escapeCharacter}\\[J`);
const cursorShown = new RegExp(`${escapeCharacter}\\[\\?25[hl]`, 'g');

interface Style {
  colour?: string;
  bold?: boolean;
  dim?: boolean;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function restyle(style: Style, codes: string): Style {
  let next = style;
  for (const code of codes.split(';').map(Number)) {
    if (code === 0) next = {};
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, dim: true };
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 39) next = { ...next, colour: undefined };
    else if (colours[code]) next = { ...next, colour: colours[code] };
  }
  return next;
}

function drawLine(line: string, index: number, start: Style): { svg: string; style: Style } {
  let style = start;
  let column = 0;
  let spans = '';
  // Text and style codes take turns.
  for (const [place, part] of line.split(styleCode).entries()) {
    if (place % 2 === 1) {
      style = restyle(style, part);
      continue;
    }
    if (part === '') continue;
    const attributes = [`x="${(padding + column * characterWidth).toFixed(1)}"`];
    if (style.colour) attributes.push(`fill="${style.colour}"`);
    if (style.bold) attributes.push('font-weight="bold"');
    if (style.dim) attributes.push('opacity="0.65"');
    spans += `<tspan ${attributes.join(' ')}>${escapeXml(part)}</tspan>`;
    column += [...part].length;
  }
  return { svg: `<text y="${padding + lineHeight * (index + 0.8)}">${spans}</text>`, style };
}

/** What was left on the screen: redrawn lines (cursor up, clear below) are gone, as is what `script` itself said. */
function settled(recorded: string): string[] {
  const kept: string[] = [];
  for (const line of recorded.replaceAll('\r', '').replaceAll(cursorShown, '').split('\n')) {
    if (/^Script (started|done)/.test(line)) continue;
    const redrawn = redraw.exec(line);
    if (redrawn) kept.splice(kept.length - Number(redrawn[1]));
    kept.push(redrawn ? line.slice(redrawn[0].length) : line);
  }
  return kept;
}

const lines = settled(readFileSync(0, 'utf8').trimEnd());
while (lines.at(-1)?.trim() === '') lines.pop();
const columns = Math.max(...lines.map((line) => [...stripVTControlCharacters(line)].length));
const width = Math.ceil(columns * characterWidth + 2 * padding);
const height = Math.ceil(lines.length * lineHeight + 2 * padding);
let style: Style = {};
const drawn = lines.map((line, index) => {
  const result = drawLine(line, index, style);
  style = result.style;
  return result.svg;
});
process.stdout.write(
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A run of Teamwright in a terminal">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#1c2128"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#adbac7" xml:space="preserve">`,
    ...drawn,
    '</g></svg>',
    '',
  ].join('\n'),
);
