import { programName } from './runner.ts';

/** How cargo is called for tests. */
export interface CargoCall {
  /** What starts cargo: `cargo`, `cargo +nightly`, `rustup run nightly cargo`. */
  readonly front: readonly string[];
  /** The toolchain that the command names: `nightly`. */
  readonly toolchain?: string;
  readonly runs: 'test' | 'nextest';
  /** Its options, those in front of the subcommand first. */
  readonly rest: readonly string[];
}

const bare = /^(?:-q|--quiet|-v+|--verbose|--locked|--offline|--frozen|--color=.+|--config=.+|-Z.+)$/;
const takesValue = /^(?:--color|--config|-Z)$/;

/** `cargo test`, `cargo +stable --locked t`, `rustup run nightly cargo test`, `cargo nextest run`; undefined for any other words. */
export function cargoCall(words: readonly string[]): CargoCall | undefined {
  let at = 0;
  let toolchain: string | undefined;
  if (programName(words[0]) === 'rustup' && words[1] === 'run') {
    at = 2 + words.slice(2).findIndex((word) => !word.startsWith('-'));
    toolchain = words[at];
    at += 1;
  }
  if (programName(words[at]) !== 'cargo') return undefined;
  at += 1;
  if (words[at]?.startsWith('+')) {
    toolchain = words[at]?.slice(1);
    at += 1;
  }
  const front = words.slice(0, at);
  const options: string[] = [];
  for (let word = words[at] ?? ''; word.startsWith('-'); word = words[at] ?? '') {
    if (!bare.test(word) && !takesValue.test(word)) return undefined;
    const length = takesValue.test(word) ? 2 : 1;
    options.push(...words.slice(at, at + length));
    at += length;
  }
  const isTest = words[at] === 'test' || words[at] === 't';
  if (!isTest && !(words[at] === 'nextest' && (words[at + 1] === 'run' || words[at + 1] === 'r'))) return undefined;
  const rest = [...options, ...words.slice(at + (isTest ? 1 : 2))];
  return { front, ...(toolchain === undefined ? {} : { toolchain }), runs: isTest ? 'test' : 'nextest', rest };
}

/** Settings that would change what is read of cargo. */
export const plainly = {
  CARGO_TERM_COLOR: 'never',
  CARGO_TERM_PROGRESS_WHEN: 'never',
  CARGO_TERM_QUIET: 'false',
  CARGO_TERM_VERBOSE: 'false',
  RUST_BACKTRACE: '0',
};
