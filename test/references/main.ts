/**
 * `npm run references [-- RUNNER|ID …] [--tasks DIR] [--from DIR|URL] [--work DIR] [--most N] [--again]`: gives Teamwright right changes that are known
 * to be right, and counts what it says against them: the table of docs/security.md. What was judged before is not judged again.
 *
 * --tasks: a folder of tasks of the bench (docs/bench.md); without it only the public tracks of Exercism are asked.
 * --from: where their repositories are (a folder with clones or bare repositories, or the beginning of an address); GitHub otherwise.
 * --work: where they are laid, and kept for the next time.
 * --most: so many references of each runner, from all over them; all otherwise.
 * --again: also those that are on record.
 * What is not solved plainly is tried by hand: a change whose tests were green before, or are red with it, is no reference in that runner, and left out.
 * jest and mocha are asked once `node scripts/test-runners.ts` has installed them.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installedNodeRunners } from '../../scripts/test-runners.ts';
import { type RunnerName, runnerNames } from '../../src/feedback/types.ts';
import { benchReferences } from './bench-tasks.ts';
import { noReference } from './by-hand.ts';
import { exercismReferences } from './exercism.ts';
import { judge } from './judge.ts';
import { addRecord, isAlarm, keyOf, readRecords, wordsOf, writeRecords } from './record.ts';
import type { Reference } from './reference.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tasks: { type: 'string' },
    from: { type: 'string' },
    work: { type: 'string' },
    most: { type: 'string' },
    again: { type: 'boolean' },
  },
});
const work = resolve(values.work ?? join(tmpdir(), 'teamwright-references'));
const known = new Set(values.again ? [] : readRecords().map(keyOf));

/** Of the packages a project of this runner needs: where they are installed; undefined where it needs none; a sentence where they are missing. */
function modulesFor(runner: RunnerName): { folder?: string; missing?: string } {
  if (runner !== 'vitest' && runner !== 'jest' && runner !== 'mocha') return {};
  const places = [installedNodeRunners() ?? '', '.'].map((place) => resolve(place, 'node_modules'));
  const folder = places.find((place) => existsSync(join(place, runner)));
  return folder === undefined ? { missing: `${runner} is not installed: its references were left out.` } : { folder };
}

/** So many, from all over them. */
function spread<T>(all: readonly T[], most: number): T[] {
  return all.filter(
    (_one, index) => Math.floor((index * most) / all.length) !== Math.floor(((index - 1) * most) / all.length) || most >= all.length,
  );
}

/** One of each runner in turn, so that what was stopped early says something of each. */
function inTurns(all: readonly Reference[]): Reference[] {
  const queues = runnerNames.map((name) => {
    const own = all.filter(({ runner }) => runner === name);
    return spread(own, Number(values.most ?? own.length));
  });
  return Array.from({ length: Math.max(...queues.map(({ length }) => length)) }, (_one, index) =>
    queues.flatMap((queue) => queue[index] ?? []),
  ).flat();
}

const all = [...(values.tasks === undefined ? [] : await benchReferences(resolve(values.tasks))), ...exercismReferences(work, values.from)];
const wanted = positionals.length === 0 ? all : all.filter(({ id, runner }) => positionals.some((word) => word === runner || word === id));
for (const missing of new Set(wanted.flatMap(({ runner }) => modulesFor(runner).missing ?? []))) console.log(missing);
const chosen = inTurns(wanted.filter(({ runner }) => modulesFor(runner).missing === undefined));
const open = chosen.filter((one) => !known.has(keyOf(one)));
console.log(`${chosen.length} references, ${chosen.length - open.length} of them on record.`);
for (const [index, one] of open.entries()) {
  const { folder } = modulesFor(one.runner);
  const judged = await judge(one, folder);
  const none = isAlarm(judged) ? noReference(one, folder) : undefined;
  if (none === undefined) addRecord({ id: one.id, runner: one.runner, ...judged });
  const came = none !== undefined ? `left out, it is no reference: ${none}` : isAlarm(judged) ? `! ${wordsOf(judged)}` : 'solved';
  console.log(`${index + 1}/${open.length} ${judged.seconds} s  ${keyOf(one)}  ${came}`);
}
console.log(`\n${writeRecords()}`);
process.exitCode = readRecords().some(isAlarm) ? 1 : 0;
