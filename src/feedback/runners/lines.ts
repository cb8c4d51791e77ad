/** Longest line looked at, characters; the rest of a longer one is skipped. */
const longestLine = 256 * 1024;

/** Cuts chunks into lines, in bounded memory. `end` gives the last, unfinished one. */
export function lineReader(onLine: (line: string) => void): { add(chunk: string): void; end(): void } {
  let rest = '';
  let skipping = false;
  return {
    add(chunk) {
      const lines = chunk.split('\n');
      for (const [index, piece] of lines.entries()) {
        const last = index === lines.length - 1;
        if (!skipping) rest += piece;
        if (rest.length > longestLine) {
          rest = rest.slice(0, longestLine);
          skipping = true;
        }
        if (last) break;
        onLine(rest.endsWith('\r') ? rest.slice(0, -1) : rest);
        rest = '';
        skipping = false;
      }
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
