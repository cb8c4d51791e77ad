/**
 * How long a briefing takes on a large repository: `node test/bench/briefing.bench.ts [--files 100000] [--runs 5]`.
 * Makes a repository in the temporary folder, measures, removes it. One JSON line per figure, then a table.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BriefingInput } from '../../src/briefing/brief.ts';
import { brief, gitState } from '../../src/briefing/index.ts';
import { deadlineIn, defaultLimits } from '../../src/briefing/limits.ts';
import { takeSurvey } from '../../src/briefing/survey.ts';
import type { TestReport } from '../../src/feedback/types.ts';
import { parseRequest } from '../../src/request/index.ts';

const { values } = parseArgs({ options: { files: { type: 'string', default: '100000' }, runs: { type: 'string', default: '5' } } });
const files = Number(values.files);
const runs = Number(values.runs);

/** A small generator with a seed, so that every machine measures the same tree. */
let state = 42;
const random = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state % below;
};
const words =
  'user order cart price total invoice payment token session cache queue worker report export import filter parser render widget audit'.split(
    ' ',
  );
const word = (): string => words[random(words.length)] ?? 'user';
const title = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function makeTree(root: string): void {
  const folders = new Set<string>();
  for (let n = 0; n < files; n += 1) {
    const folder = `packages/p${Math.floor(n / 500)}/src/${word()}/${word()}`;
    const kind = n % 10;
    const ending = kind < 7 ? 'ts' : kind < 9 ? 'py' : 'md';
    const path = join(root, folder, `${word()}-${word()}-${n}.${ending}`);
    if (!folders.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    folders.add(dirname(path));
    const lines = [`import { ${word()} } from '../${word()}/${word()}.ts';`];
    for (let line = 0; line < 10 + random(60); line += 1)
      lines.push(`export function ${word()}${title(word())}${random(2000)}(${word()}) { return ${word()}; }`);
    writeFileSync(path, `${lines.join('\n')}\n`);
  }
  mkdirSync(join(root, 'packages/money/src'), { recursive: true });
  mkdirSync(join(root, 'packages/money/test'), { recursive: true });
  writeFileSync(
    join(root, 'packages/money/src/rounding.ts'),
    'export function roundHalfEven(value: number): number {\n  return Math.round(value);\n}\n',
  );
  writeFileSync(
    join(root, 'packages/money/test/rounding.test.ts'),
    "import { test } from 'node:test';\nimport { roundHalfEven } from '../src/rounding.ts';\ntest('rounds half to even', () => roundHalfEven(2.5));\n",
  );
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@example.org', '-c', 'gc.auto=0', ...args], { cwd: root });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '-m', 'start');
}

const baseline: TestReport = {
  ending: 'finished',
  exitCode: 1,
  cases: [
    {
      id: 'packages/money/test/rounding.test.ts > rounds half to even',
      name: 'rounds half to even',
      file: 'packages/money/test/rounding.test.ts',
      outcome: 'failed',
      message: 'AssertionError: 3 !== 2\n    at TestContext.<anonymous> (packages/money/test/rounding.test.ts:3:30)',
    },
  ],
  passed: 0,
  failed: 1,
  skipped: 0,
  green: false,
  guard: 'records',
  breaches: [],
  doubts: [],
  output: '',
  ms: 1,
};

async function measure(name: string, work: () => Promise<unknown>): Promise<{ name: string; ms: number }> {
  const times: number[] = [];
  for (let run = 0; run < runs + 1; run += 1) {
    const start = performance.now();
    await work();
    if (run > 0) times.push(performance.now() - start); // the first warms the file cache
  }
  const ms = Math.round(times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0);
  console.log(JSON.stringify({ bench: 'briefing', name, files, ms, runs }));
  return { name, ms };
}

const root = mkdtempSync(join(tmpdir(), 'teamwright-bench-'));
try {
  makeTree(root);
  const signal = new AbortController().signal;
  const inputs: Readonly<Record<string, BriefingInput>> = {
    'briefing, a failing test': { root, request: parseRequest('Make the failing test pass'), tests: { baseline } },
    'briefing, a name': { root, request: parseRequest('`roundHalfEven` rounds halves up, it should round them to even') },
    'briefing, common words': { root, request: parseRequest('The total price of the cart ignores the payment token of the user session') },
  };
  const survey = () =>
    takeSurvey(
      root,
      defaultLimits,
      deadlineIn(defaultLimits.ms, () => performance.now()),
      signal,
    );
  const rows = [await measure('survey', survey), await measure('git state', () => gitState(root, signal))];
  for (const [name, input] of Object.entries(inputs)) {
    rows.push(await measure(name, () => brief(input, signal)));
    const { files: chosen, leftOut } = await brief(input, signal);
    console.error(
      `  ${chosen
        .slice(0, 3)
        .map(({ path, score }) => `${path} (${score})`)
        .join(', ')}\n  ${leftOut.join(' ')}`,
    );
  }
  console.table(rows);
} finally {
  rmSync(root, { recursive: true, force: true });
}
