/**
 * A run of every kind of step, killed at so many random points and resumed: `npm run bench -- crash`, or `node test/bench/crash.bench.ts 200 1` (points,
 * seed of the first). Each seed is a run of its own that is killed one to six times before it is led to its end. One line of JSON a seed, and a last one
 * for all; ends with 1 where anything was wrong.
 */
import { crashed, type Led, pointFrom, undisturbed } from '../support/crash-points.ts';
import { numbersFrom } from '../support/numbers.ts';

const points = Number(process.argv[2] ?? 200);
const mostKills = 6;
const firstSeed = Number(process.argv[3] ?? 1);

async function within<Value>(work: (cleanUps: (() => unknown)[]) => Promise<Value>): Promise<Value> {
  const cleanUps: (() => unknown)[] = [];
  try {
    return await work(cleanUps);
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

const reference: Led = await within(undisturbed);
let killed = 0;
let late = 0;
let wrongSeeds = 0;
let seed = firstSeed;
for (; killed < points; seed += 1) {
  const random = numbersFrom(seed);
  const times = Math.min(points - killed, 1 + Math.floor(random() * mostKills));
  const list = Array.from({ length: times }, () => pointFrom(random, reference));
  const { kills, wrong } = await within((cleanUps) => crashed(cleanUps, list, reference));
  const hit = kills.filter((kill) => !kill.late);
  killed += hit.length;
  late += kills.length - hit.length;
  if (wrong.length > 0) wrongSeeds += 1;
  const told = kills.map(
    (kill) =>
      `${kill.point.ms} ms after ${kill.point.event < 0 ? 'the start' : `event ${kill.point.event}`} (${kill.late ? 'late' : kill.after})`,
  );
  process.stdout.write(`${JSON.stringify({ seed, kills: told, wrong })}\n`);
}
process.stdout.write(`${JSON.stringify({ name: 'crash', seeds: [firstSeed, seed - 1], killed, late, wrong: wrongSeeds })}\n`);
process.exitCode = wrongSeeds === 0 ? 0 : 1;
