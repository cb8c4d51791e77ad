/** The screen and keyboard of one command, handed in so that tests can stand in for a person. */
import { styleText } from 'node:util';
import type { Environment } from '../places.ts';

export type Look = Parameters<typeof styleText>[0];

/** One of stdout and stderr. */
export interface Screen {
  write(text: string): void;
  line(text?: string): void;
  readonly isTerminal: boolean;
  /** Width now; Infinity when it is not a terminal, so that nothing is cut in files and pipes. */
  readonly columns: number;
  readonly rows: number;
  /** Colours the text where colours are shown, gives it back as it is elsewhere. */
  paint(look: Look, text: string): string;
}

export interface Terminal {
  /** Results. */
  readonly out: Screen;
  /** Progress, questions and errors. */
  readonly err: Screen;
  readonly input: NodeJS.ReadStream;
  /** A person sits there and can answer. */
  readonly interactive: boolean;
}

/** Colours only on a terminal that can show them, and never with NO_COLOR (https://no-color.org). */
export function screenOf(stream: NodeJS.WriteStream, env: Environment): Screen {
  const isTerminal = stream.isTTY === true;
  const coloured = isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
  const write = (text: string): void => {
    stream.write(text);
  };
  return {
    write,
    line: (text = '') => write(`${text}\n`),
    isTerminal,
    get columns() {
      return isTerminal ? stream.columns || 80 : Number.POSITIVE_INFINITY;
    },
    get rows() {
      return isTerminal ? stream.rows || 24 : Number.POSITIVE_INFINITY;
    },
    paint: (look, text) => (coloured ? styleText(look, text, { validateStream: false }) : text),
  };
}

export function terminalOf(process: NodeJS.Process): Terminal {
  const out = screenOf(process.stdout, process.env);
  const err = screenOf(process.stderr, process.env);
  return { out, err, input: process.stdin, interactive: process.stdin.isTTY === true && err.isTerminal };
}
