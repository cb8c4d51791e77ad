/** A few lines at the bottom of a terminal that are drawn again and again; finished lines go above them and stay. */
import type { Screen } from './terminal.ts';
import { width } from './text.ts';

export interface Live {
  /** Prints lines that stay. */
  print(lines: readonly string[]): void;
  /** Takes the moving lines off the screen until `resume`, so that a question can be asked. */
  pause(): void;
  resume(): void;
  /** Takes them off for good. */
  stop(): void;
}

const frameMs = 200;

/** `draw` gives the moving lines, already cut to the screen. On anything but a terminal only `print` does something. */
export function startLive(screen: Screen, draw: () => readonly string[]): Live {
  let shown = 0;
  let timer: NodeJS.Timeout | undefined;
  const erase = (): string => (shown === 0 ? '' : `\r\u001b[${shown}A\u001b[J`);
  const frame = (above: readonly string[]): void => {
    // Never taller than the screen: what has scrolled off could not be erased.
    const moving = timer === undefined ? [] : draw().slice(-Math.max(1, screen.rows - 2));
    const text = erase() + [...above, ...moving].map((line) => `${line}\n`).join('');
    shown = moving.reduce((rows, line) => rows + Math.max(1, Math.ceil(width(line) / screen.columns)), 0);
    if (text !== '') screen.write(text);
  };
  const pause = (): void => {
    clearInterval(timer);
    timer = undefined;
    if (shown > 0) frame([]);
  };
  const resume = (): void => {
    if (!screen.isTerminal || timer !== undefined) return;
    timer = setInterval(() => frame([]), frameMs);
    timer.unref();
  };
  resume();
  return { print: (lines) => (lines.length > 0 ? frame(lines) : undefined), pause, resume, stop: pause };
}
