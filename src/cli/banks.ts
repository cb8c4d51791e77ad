/** Outcome banks that a command names. */
import path from 'node:path';
import { type BankLine, readBank } from '../bench/index.ts';
import { benchUnusable } from '../errors.ts';
import type { Cli } from './context.ts';
import { oneLine } from './output/text.ts';

/** The attempts of all of them; what counts for nothing is warned of. Rejects with `bench-unusable` where nothing is left. */
export async function attemptsIn(cli: Cli, files: readonly string[]): Promise<readonly BankLine[]> {
  const { err } = cli.terminal;
  const readings = await Promise.all(files.map((file) => readBank(path.resolve(cli.cwd, file))));
  for (const problem of readings.flatMap(({ problems }) => problems)) err.line(`${err.paint('yellow', 'warning:')} ${oneLine(problem)}`);
  const attempts = readings.flatMap((reading) => reading.attempts);
  if (attempts.length === 0) throw benchUnusable({ why: 'bank-empty', files });
  return attempts;
}
