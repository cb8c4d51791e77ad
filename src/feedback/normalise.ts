import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** About 2 kB of UTF-16 units: what a failure's message may take in a prompt. */
export const messageLimit = 2000;

/**
 * Makes text equal for equal failures: paths relative to the workspace, no colours, no timings, no addresses, no frames inside the runtime.
 * Numbers in assertions are left alone: only timings in the runners' own phrases go.
 */
export type Normalise = (text: string) => string;

export function normaliserFor(root: string, hiddenFolders: readonly string[]): Normalise {
  const places = [...new Set([root, realpathSync(root)])];
  const prefixes = places.flatMap((place) => [
    `${pathToFileURL(place).href}/`,
    `${place}/`,
    `${place}\\`,
    `${place.replaceAll('\\', '/')}/`,
  ]);
  return (text) => {
    let clean = stripVTControlCharacters(bounded(text)).replaceAll('\r\n', '\n');
    for (const prefix of prefixes) clean = clean.replaceAll(prefix, '');
    for (const place of places) clean = clean.replaceAll(place, '.');
    for (const folder of hiddenFolders) clean = clean.replaceAll(folder, '<reports>');
    clean = clean.replace(pythonLibraryFrame, '').replace(/\b0x[0-9a-fA-F]{6,}\b/g, '0x…');
    return withoutRuntimeHeads(clean.split('\n'))
      .filter((line) => !noise.test(line))
      .map(withoutTimings)
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
  };
}

/** Longer lines lose their middle: what the patterns below cost grows faster than a line. */
const longestLine = 2000;

function bounded(text: string): string {
  if (text.length <= longestLine) return text;
  return text
    .split('\n')
    .map((line) =>
      line.length <= longestLine ? line : `${line.slice(0, longestLine / 2)}…${line.slice(line.length - longestLine / 2)}`.toWellFormed(),
    )
    .join('\n');
}

/** Without the source lines that Node prints above an error of its own: from `node:internal/…` to the next blank line. */
function withoutRuntimeHeads(lines: readonly string[]): string[] {
  const kept: string[] = [];
  const lastBlank = lines.lastIndexOf('', lines.length - 2);
  for (let at = 0; at < lines.length; at++) {
    if (at < lastBlank && (lines[at] as string).startsWith('node:internal/')) at = lines.indexOf('', at);
    else kept.push(lines[at] as string);
  }
  return kept;
}

/** A frame in Python's own library or in pytest, with the source lines below it; also of a fatal error, which has none. */
const pythonLibraryFrame =
  /^ +File "(?:[^"\n]*(?:\/lib\/python[\d.]+\/|\\[Ll]ib\\)(?:unittest|importlib|runpy|site-packages\/(?:_?pytest|pluggy))|<frozen )[^\n]*(?:\n(?: {4}[^\n]*\n)*|$)/gm;

/** Lines that say nothing about the failure and differ between versions and runs. */
const noise = new RegExp(
  [
    String.raw`^\s+at .*(?:\(|\s)(?:node:|<reports>|<anonymous>\)$)`,
    String.raw`^\s+at .*\bnode_modules[\\/]`,
    String.raw`^\s*at new Promise \(<anonymous>\)`,
    String.raw`^Node\.js v\d`,
    String.raw`^ *(?:Start at|Duration) +\d`,
    '^ℹ duration_ms',
    String.raw`^Time: +[\d.]+`,
    '^npm (?:notice|warn)',
    String.raw`^goroutine \d+ \[`,
    '^note: run with .RUST_BACKTRACE',
    String.raw`^\s*File "<frozen `,
  ].join('|'),
);

/** Only in lines of the runners' own: a test may well compare "5ms" with "6ms". */
function withoutTimings(line: string): string {
  if (/^\s*(?:[✓✔✗✘✖×❯√↓﹣▶ℹ]|PASS|FAIL|--- |ok\b|not ok\b|\? )/.test(line)) {
    return line
      .trimEnd()
      .replace(/(?<!\s)\s{1,40}\(?(?:\d+(?:\.\d+)?\s?(?:ns|µs|ms|s|m)|cached)\)?$/, '')
      .replace(/\b(duration_ms) [\d.]+/g, '$1')
      .replace(/\b(\d+(?:\.\d+)?)\s?ms$/, '');
  }
  if (
    /^=+ .* =+$|^\d+ (?:passed|failed|skipped|error|warning|deselected|xfailed|xpassed)|^no tests ran|^Ran \d+ tests? in|^test result: /.test(
      line,
    )
  ) {
    return line.replace(/; finished in \d+(?:\.\d+)?s/, '').replace(/ in \d+(?:\.\d+)?s(?: \([\d:]+\))?/, '');
  }
  return line;
}

/** Keeps the first and the last part, cut at line ends where that costs little. */
export function shorten(text: string, limit: number = messageLimit): string {
  if (text.length <= limit) return text;
  const half = Math.floor((limit - 20) / 2);
  const head = text.slice(0, half);
  const tail = text.slice(text.length - half);
  const headEnd = head.lastIndexOf('\n');
  const tailStart = tail.indexOf('\n');
  return `${headEnd > half / 2 ? head.slice(0, headEnd) : head}\n[…]\n${tailStart >= 0 && tailStart < half / 2 ? tail.slice(tailStart + 1) : tail}`.toWellFormed();
}
