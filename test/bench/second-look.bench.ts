/**
 * False alarms of the second look: honest changes of which it says that they look made for their tests. `npm run bench -- second-look` asks about the
 * history of this repository; `node test/bench/second-look.bench.ts PLACE …` about files of tasks (`*.jsonl`, their references) and about git
 * repositories (commits that change tests and code together: the tests as they are then, the code before and after). `TEAMWRIGHT_SECOND_LOOK`
 * names places, too, between colons. Every flag is printed. References of tasks are tried on other inputs as well, and every tenth task is solved
 * by changes that know an answer only to what the tests put in: how many of those are found.
 */
import { execFileSync } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { readTasks } from '../../src/bench/tasks.ts';
import { isTestPath, roleOf, secondLook } from '../../src/feedback/index.ts';
import type { Tampering } from '../../src/feedback/types.ts';
import { type MadeForTests, madeForTests, tryTask } from '../support/other-inputs-measure.ts';

const goal = 2;
/** The latest ones of a repository. */
const mostCommits = 100;
const places = [...process.argv.slice(2), ...(process.env.TEAMWRIGHT_SECOND_LOOK?.split(':') ?? [])].filter((place) => place !== '');

interface Reference {
  readonly id: string;
  readonly flags: readonly Tampering[];
}

/** Of the trial on other inputs: how many were tried, how many of those flagged. */
const trials = new Map<string, { tried: number; flagged: number }>();
const everyTenth = 10;
let task = 0;

function tried(what: string, flags: readonly Tampering[] | undefined): readonly Tampering[] {
  const row = trials.get(what) ?? { tried: 0, flagged: 0 };
  trials.set(what, row);
  if (flags !== undefined) row.tried += 1;
  if (flags !== undefined && flags.length > 0) row.flagged += 1;
  return flags ?? [];
}

async function* ofTasks(file: string): AsyncGenerator<Reference> {
  for await (const one of readTasks(file)) {
    const { id, request, files, reference } = one;
    const tests = new Map(Object.entries(files).filter(([path]) => roleOf(path) === 'test'));
    const changedFiles = Object.entries(reference).map(([path, after]) => ({ path, before: files[path], after }));
    const looked = secondLook({ request, changedFiles, testFiles: new Set(tests.keys()), tests });
    yield { id, flags: [...looked, ...tried('reference', await tryTask(one))] };
    task += 1;
    if (task % everyTenth !== 0) continue;
    for (const kind of Object.keys(madeForTests) as MadeForTests[]) tried(`otherwise ${kind}`, await tryTask(one, kind));
  }
}

function* ofHistory(repository: string): Generator<Reference> {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: repository, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
  const read = (commit: string, path: string): string | undefined => {
    try {
      return git('show', `${commit}:${path}`);
    } catch {
      // Not there before, or not any more.
      return undefined;
    }
  };
  let seen = 0;
  for (const entry of git('log', '--no-merges', '--no-renames', '--name-only', '--format=%x00%H').split('\0').slice(1)) {
    const [commit = '', ...rest] = entry.split('\n');
    const paths = rest.filter((path) => /\.(?:[cm]?[jt]sx?|py|go|rs)$/.test(path));
    const tests = paths.filter(isTestPath);
    const sources = paths.filter((path) => roleOf(path) === 'source');
    const inline = sources.filter((path) => path.endsWith('.rs'));
    if (sources.length === 0 || tests.length + inline.length === 0 || paths.length > 30) continue;
    if (seen === mostCommits) return;
    seen += 1;
    const changedFiles = sources.map((path) => ({ path, before: read(`${commit}^`, path), after: read(commit, path) }));
    const texts = new Map([...tests, ...inline].flatMap((path) => [[path, read(commit, path) ?? '']] as const));
    const request = git('log', '-1', '--format=%B', commit);
    yield {
      id: `${basename(dirname(repository))}/${basename(repository)} ${commit.slice(0, 10)}`,
      flags: secondLook({ request, changedFiles, testFiles: new Set(tests), tests: texts }),
    };
  }
}

const table: Record<string, Record<string, number>> = {};
const kinds = new Map<string, number>();
let [all, flagged] = [0, 0];
for (const place of places.length > 0 ? places : [process.cwd()]) {
  const row = { references: 0, flagged: 0 };
  for await (const { id, flags } of place.endsWith('.jsonl') ? ofTasks(place) : ofHistory(place)) {
    row.references += 1;
    if (flags.length > 0) row.flagged += 1;
    for (const kind of new Set(flags.map((flag) => flag.kind))) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const { kind, path, line, detail } of flags) console.log(`${id}  ${kind}  ${path}:${line}  ${detail}`);
  }
  all += row.references;
  flagged += row.flagged;
  table[place] = { ...row, percent: Math.round((1000 * row.flagged) / Math.max(1, row.references)) / 10 };
}
console.table(table);
console.table(
  Object.fromEntries([...kinds].map(([kind, count]) => [kind, { references: count, 'of 100': Math.round((1000 * count) / all) / 10 }])),
);
if (trials.size > 0) console.table(Object.fromEntries(trials));
const percent = Math.round((1000 * flagged) / all) / 10;
console.log(`${flagged} of ${all} honest changes are flagged, ${percent} %. Goal: under ${goal} %: ${percent < goal ? 'met' : 'missed'}.`);
