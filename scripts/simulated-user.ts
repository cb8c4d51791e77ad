/**
 * A user whose workspace holds requests of one kind, simulated on recorded outcomes: `node scripts/simulated-user.ts docs/results/weighed/bank.jsonl …` writes
 * docs/pictures/simulated-user.svg and prints its numbers. The kind: bugs that no recorded place mends and a recorded draft does. Each run is planned by what
 * is believed, its recorded outcomes teach, and after the twentieth everything learned is forgotten. The same banks give the same picture.
 */
import { writeFileSync } from 'node:fs';
import { readBank } from '../src/bench/bank.ts';
import { type DrawnTask, drawnTasks } from '../src/bench/draws.ts';
import { learnedFrom, learnedPlan } from '../src/bench/policies.ts';
import { replay } from '../src/bench/replay.ts';
import {
  afterRun,
  believedIn,
  type Experience,
  expectedOf,
  type Learned,
  type Lesson,
  nothingExperienced,
  operatorsOf,
  rewardWeights,
  scheduleFor,
} from '../src/learning/index.ts';
import { lessonOf } from '../src/lessons/index.ts';
import { nMax } from '../src/plan/index.ts';

const runs = 20;
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('Name outcome banks: node scripts/simulated-user.ts docs/results/places-first/bank.jsonl docs/results/weighed/bank.jsonl');
  process.exit(2);
}
const recorded = (await Promise.all(files.map((file) => readBank(file)))).flatMap((reading) => reading.attempts);
const all = drawnTasks(recorded);
const ends = (task: DrawnTask, operator: string): boolean => task.series.get(operator)?.some(({ visible }) => visible) ?? false;
const kind = all.filter((task) => task.series.has('place') && !ends(task, 'place') && ends(task, 'draft'));
// What ships is taught by other problems, as it would be for a user's own.
const problems = new Set(kind.map(({ problem }) => problem));
const prior = learnedFrom(all.filter(({ problem }) => !problems.has(problem)));
if (kind.length === 0) {
  console.error('These banks hold no bug that a draft mends and a place does not.');
  process.exit(1);
}

/** Of all tasks of the kind. */
interface Point {
  readonly label: string;
  /** Mean chance of the first try. */
  readonly place: number;
  readonly draft: number;
  /** Tasks whose plan asks a model for a draft before a place. Small changes cost no tokens, so they may come before either. */
  readonly draftFirst: number;
  readonly tokens: number;
  readonly solved: number;
}

const termsOf = ({ budget, difficulty }: DrawnTask) => ({ budget, usualCalls: nMax[difficulty], weights: rewardWeights });

const firstAsked = (learned: Learned, task: DrawnTask): string | undefined =>
  scheduleFor(operatorsOf(learned), task.start, termsOf(task)).steps.find(({ operator }) => operator !== 'changes')?.operator;

const chanceOf = (learned: Learned, task: DrawnTask, operator: string): number =>
  expectedOf(operatorsOf(learned), task.start, [operator]).chance;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function pointAt(label: string, learned: Learned): Point {
  const outcomes = kind.map((task) => replay(task, learnedPlan(learned)));
  return {
    label,
    place: mean(kind.map((task) => chanceOf(learned, task, 'place'))),
    draft: mean(kind.map((task) => chanceOf(learned, task, 'draft'))),
    draftFirst: kind.filter((task) => firstAsked(learned, task) === 'draft').length,
    tokens: Math.round(mean(outcomes.map(({ tokens }) => tokens))),
    solved: outcomes.filter(({ solved }) => solved).length,
  };
}

/** What a run on this task teaches: the draws that its plan asked for. */
function lessonsOf(learned: Learned, task: DrawnTask): readonly Lesson[] {
  const lessons: Lesson[] = [];
  const plan = learnedPlan(learned);
  replay(task, (seen) => {
    const operator = plan(seen);
    const draw = operator === undefined ? undefined : task.series.get(operator)?.[seen.tries.get(operator) ?? 0];
    if (operator !== undefined && draw !== undefined) {
      const { attempts, tries, bestShare } = seen.at(operator);
      lessons.push(lessonOf({ ...draw, before: { ...draw.before, attempts, tries, bestShare } }));
    }
    return operator;
  });
  return lessons;
}

const learnedBy = (experience: Experience): Learned => believedIn(experience, prior, 'simulated', 'recorded').learned;
const points: Point[] = [];
let experience = nothingExperienced;
for (let run = 0; run < runs; run += 1) {
  const learned = learnedBy(experience);
  points.push(pointAt(String(run), learned));
  const lessons = lessonsOf(learned, kind[run % kind.length] as DrawnTask);
  experience = afterRun(experience, prior, { workspace: 'simulated', model: 'recorded', lessons });
}
points.push(pointAt(String(runs), learnedBy(experience)), pointAt('reset', learnedBy(nothingExperienced)));

const hundredths = (value: number): number => Math.round(value * 100) / 100;
console.log('runs\tplace\tdraft\tdraft first\ttokens\tsolved');
for (const { label, place, draft, draftFirst, tokens, solved } of points)
  console.log([label, hundredths(place), hundredths(draft), `${draftFirst}/${kind.length}`, tokens, `${solved}/${kind.length}`].join('\t'));
console.log(`${kind.length} tasks: ${kind.map(({ task }) => task).join(', ')}`);

// ---- the picture ------------------------------------------------------------------------------------------------------------------------

const size = { width: 760, height: 380, left: 56, right: 24, top: 56, bottom: 96 };
const x = (at: number): number => Math.round(size.left + (at / (points.length - 1)) * (size.width - size.left - size.right));
const y = (share: number): number => Math.round(size.height - size.bottom - share * (size.height - size.top - size.bottom));
const text = (at: readonly [number, number], words: string, more = ''): string => `<text x="${at[0]}" y="${at[1]}" ${more}>${words}</text>`;
const line = (of: (point: Point) => number, colour: string): string =>
  [points.slice(0, -1), points.slice(-1)]
    .map((some, part) => some.map((point, at) => `${x(part === 0 ? at : points.length - 1)},${y(of(point))}`))
    .map((coordinates) =>
      coordinates.length > 1
        ? `<polyline points="${coordinates.join(' ')}" fill="none" stroke="${colour}" stroke-width="2.5"/>`
        : `<circle cx="${coordinates[0]?.split(',')[0]}" cy="${coordinates[0]?.split(',')[1]}" r="5" fill="${colour}"/>`,
    )
    .join('');
const colours = { place: '#b35900', draft: '#0b62c4' };
const grid = [0, 0.25, 0.5, 0.75, 1].map(
  (share) =>
    `<line x1="${size.left}" x2="${size.width - size.right}" y1="${y(share)}" y2="${y(share)}" stroke="#dddddd"/>${text([size.left - 8, y(share) + 4], `${share * 100} %`, 'text-anchor="end"')}`,
);
const below = points.map(({ label, draftFirst }, at) => [
  text([x(at), size.height - size.bottom + 20], label, 'text-anchor="middle"'),
  text([x(at), size.height - size.bottom + 44], `${draftFirst}`, `text-anchor="middle" fill="${colours.draft}"`),
]);
const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="12" fill="#222222" role="img">
<title>A simulated user: what is believed after each of ${runs} runs of one kind, and after it is forgotten</title>
<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>
${text([size.left, 24], `Bugs that no place mends: what is believed after each run (${kind.length} recorded tasks)`, 'font-size="14" font-weight="bold"')}
${text([size.left, 44], 'chance that a place mends', `fill="${colours.place}"`)}${text([size.left + 180, 44], 'chance that a draft mends', `fill="${colours.draft}"`)}
${grid.join('\n')}
${line(({ place }) => place, colours.place)}
${line(({ draft }) => draft, colours.draft)}
${below.flat().join('\n')}
${text([size.left, size.height - size.bottom + 64], `Above: runs so far. Below: of ${kind.length} tasks, those whose plan asks for a draft first.`)}
${text([size.left, size.height - size.bottom + 82], `Tokens a task: ${points[0]?.tokens} before the first run, ${points[runs]?.tokens} after the ${runs}th; solved ${points[0]?.solved} and ${points[runs]?.solved}.`)}
</svg>
`;
writeFileSync(new URL('../docs/pictures/simulated-user.svg', import.meta.url), picture);
