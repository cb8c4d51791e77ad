/**
 * What the fence costs a command of a run: the same command with and without it, in turns. `npm run bench -- fence`, or
 * `node test/bench/fence.bench.ts ROUNDS`. Once with `true`, which does nothing, and once with a test run of Node's runner. The cost is the
 * difference in the same round; what the machine shows is what it shows to a run of this user.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFor, runCommand } from '../../src/process/index.ts';
import { fences, viewHere } from '../support/fences.ts';

const rounds = Number(process.argv[2] ?? 40);
const warmUps = 5;
const goalMs = 30;
const signal = new AbortController().signal;

const copy = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-bench-fence-')));
mkdirSync(join(copy, 'test'));
writeFileSync(join(copy, 'test/one.test.js'), "require('node:test').test('one', () => {});\n");

const commands: Readonly<Record<string, readonly string[]>> = {
  'a program that does nothing': ['/bin/true'],
  'a test run (node --test, one test)': [process.execPath, '--test', 'test/one.test.js'],
};

function quartiles(numbers: readonly number[]): { readonly low: number; readonly middle: number; readonly high: number } {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * sorted.length)] ?? Number.NaN;
  return { low: at(0.25), middle: at(0.5), high: at(0.75) };
}

const shown = (numbers: readonly number[]): string => {
  const { low, middle, high } = quartiles(numbers);
  return `${middle.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
};

const began = performance.now();
const view = viewHere();
console.log(
  `Looking at what the machine shows, once a run: ${(performance.now() - began).toFixed(1)} ms; load ${loadavg()[0]?.toFixed(1)}`,
);
let met = true;
try {
  const table: Record<string, object> = {};
  for (const [name, argv] of Object.entries(commands)) {
    const spec = { argv, cwd: copy, wallMs: 60_000 };
    const ways = { none: {}, ...Object.fromEntries(fences.map((fence) => [fence.by, { fence: { fence, view: openFor(view, [copy]) } }])) };
    const times = Object.fromEntries(Object.keys(ways).map((way) => [way, [] as number[]]));
    for (let round = -warmUps; round < rounds; round += 1) {
      for (const [way, options] of Object.entries(ways)) {
        const { ms, ending, exitCode, stderr } = await runCommand(spec, options, signal);
        if (ending !== 'exited' || exitCode !== 0) throw new Error(`${way}: ${ending} ${exitCode} ${stderr}`);
        if (round >= 0) times[way]?.push(ms);
      }
    }
    for (const [way, all] of Object.entries(times)) {
      const costs = all.map((ms, round) => ms - (times.none?.[round] ?? Number.NaN));
      const cost = quartiles(costs).middle;
      if (cost > goalMs) met = false;
      table[`${name}, fence by ${way}`] = { 'ms, median (quartiles)': shown(all), 'cost, ms': way === 'none' ? '' : shown(costs) };
      console.log(JSON.stringify({ bench: 'fence', command: name, way, rounds, ms: quartiles(all).middle, costMs: cost }));
    }
  }
  console.table(table);
  console.log(`Goal: at most ${goalMs} ms for each command: ${met ? 'met' : 'missed'}. Load at the end ${loadavg()[0]?.toFixed(1)}.`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
