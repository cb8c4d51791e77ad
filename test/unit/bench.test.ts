import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { armNamed, arms } from '../../src/bench/arms.ts';
import { aggregate, renderMarkdown, renderText } from '../../src/bench/report.ts';
import { openResults, type Result, readResults } from '../../src/bench/results.ts';
import { parseShard, takeShard } from '../../src/bench/shard.ts';
import { layHidden, materialise, pathProblem, problemOf, readTasks, suiteOf, type Task } from '../../src/bench/tasks.ts';
import { soloTeam } from '../../src/design/index.ts';
import type { DesignInput } from '../../src/design/types.ts';
import { shippedPrior } from '../../src/learning/index.ts';
import { checkPlan, isError, pricePlan, printPlan } from '../../src/plan/index.ts';
import { leastFacts } from '../../src/plan/price.ts';
import { parseRequest } from '../../src/request/index.ts';
import { emptyBriefing } from '../support/empty-briefing.ts';

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tw bench ü-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const task: Task = {
  id: 'fix-js/0',
  request: 'Fix it.',
  files: { 'src/sum.js': 'module.exports = (a, b) => a - b;\r\n', 'package.json': '{}', 'ünï code.txt': '\uFEFFx' },
  test: 'node --test',
  hiddenFiles: { 'test/hidden.test.js': 'hidden' },
  hiddenTest: 'node --test test/hidden.test.js',
  reference: { 'src/sum.js': 'module.exports = (a, b) => a + b;\n' },
  language: 'javascript',
};

async function all(tasks: AsyncIterable<Task>): Promise<Task[]> {
  const list: Task[] = [];
  for await (const one of tasks) list.push(one);
  return list;
}

async function readAll(text: string): Promise<Task[]> {
  const file = path.join(dir, 'tasks.jsonl');
  fs.writeFileSync(file, text);
  return all(readTasks(file));
}

describe('reading tasks', () => {
  it('takes one a line, with BOM, CRLF, blank lines and no last line break', async () => {
    const other = { ...task, id: 'fix-js/1' };
    expect(await readAll(`\uFEFF${JSON.stringify(task)}\r\n\r\n${JSON.stringify(other)}`)).toEqual([task, other]);
    expect(suiteOf('quixbugs/00-bitcount')).toBe('quixbugs');
  });

  it.each([
    ['{"id":', 'not JSON'],
    [JSON.stringify({ ...task, test: undefined }), '"test"'],
    [JSON.stringify({ ...task, id: 'nosuite' }), '"id"'],
    [JSON.stringify({ ...task, language: 'Visual Basic' }), '"language"'],
    [JSON.stringify({ ...task, language: 3 }), '"language"'],
    [JSON.stringify({ ...task, files: { '../x': '' } }), 'files.../x'],
    [JSON.stringify({ ...task, hiddenFiles: { '.git/hooks/pre-commit': '' } }), '.git'],
    [JSON.stringify({ ...task, files: { a: '', 'a/b': '' } }), 'a file and a folder at once'],
    [JSON.stringify(task), 'line 1 already'],
    ['[]', 'expected object'],
  ])('names file and line of %s', async (line, part) => {
    await expect(readAll(`${JSON.stringify(task)}\n${line}\n`)).rejects.toMatchObject({
      code: 'task-invalid',
      message: expect.stringContaining(part),
      facts: { line: 2 },
    });
  });

  it('knows the forms of one problem by its number, in all languages', () => {
    const of = (ids: string[]) => new Set(ids.map(problemOf)).size;
    expect(of(['fix-js/12', 'fix-py/12', 'make-js/12', 'make-py/12', 'fix-go/12', 'make-rust/12'])).toBe(1);
    expect(of(['parts-js/3', 'parts-py/3'])).toBe(1);
    expect(of(['fix-js/12', 'fix-js/13', 'parts-js/12', 'quixbugs/12-lcs_length', 'class-py/allergies'])).toBe(5);
  });

  it('refuses files that are absent, empty or folders', async () => {
    await expect(readAll('\n \n')).rejects.toMatchObject({ code: 'bench-unusable' });
    await expect(all(readTasks(path.join(dir, 'nowhere.jsonl')))).rejects.toMatchObject({ code: 'bench-unusable' });
    await expect(all(readTasks(dir))).rejects.toMatchObject({ code: 'bench-unusable' });
  });

  it.each([
    '',
    '/etc/passwd',
    'C:/x',
    'c:x',
    'a\\b',
    '..',
    'a/../b',
    './a',
    'a//b',
    'a/',
    'a\0b',
    '.git/config',
    'x/.GIT/config',
    'git~1/x',
    'a./b',
    'a ',
  ])('refuses the path %j', (name) => {
    expect(pathProblem(name)).toBeTypeOf('string');
  });

  it.each(['a', 'a/b.js', '.gitignore', '.github/x', 'über/ä b.py', '...x'])('takes the path %j', (name) => {
    expect(pathProblem(name)).toBeUndefined();
  });
});

describe('laying out a task', () => {
  it('writes the files byte for byte, into an empty folder only', async () => {
    const place = path.join(dir, 'a b', 'c');
    await materialise(task, place);
    for (const [name, text] of Object.entries(task.files)) expect(fs.readFileSync(path.join(place, name), 'utf8')).toBe(text);
    expect(fs.existsSync(path.join(place, '.git'))).toBe(false);
    await expect(materialise(task, place)).rejects.toMatchObject({ code: 'bench-unusable' });
    await layHidden(task, place);
    await layHidden({ ...task, hiddenFiles: task.reference }, place);
    expect(fs.readFileSync(path.join(place, 'test/hidden.test.js'), 'utf8')).toBe('hidden');
    expect(fs.readFileSync(path.join(place, 'src/sum.js'), 'utf8')).toBe(task.reference['src/sum.js']);
  });

  it.skipIf(process.platform === 'win32')('replaces links an agent left behind instead of following them', async () => {
    const outside = path.join(dir, 'outside');
    const place = path.join(dir, 'work');
    fs.mkdirSync(outside);
    fs.writeFileSync(path.join(outside, 'precious'), 'mine');
    await materialise(task, place);
    fs.symlinkSync(outside, path.join(place, 'test'));
    await layHidden(task, place);
    expect(fs.readdirSync(outside)).toEqual(['precious']);
    fs.rmSync(path.join(place, 'test/hidden.test.js'));
    fs.symlinkSync(path.join(outside, 'precious'), path.join(place, 'test/hidden.test.js'));
    await layHidden(task, place);
    fs.rmSync(path.join(place, 'test/hidden.test.js'));
    fs.linkSync(path.join(outside, 'precious'), path.join(place, 'test/hidden.test.js'));
    await layHidden(task, place);
    fs.rmSync(path.join(place, 'test'), { recursive: true });
    fs.writeFileSync(path.join(place, 'test'), 'a file in the way');
    await layHidden(task, place);
    expect(fs.readFileSync(path.join(place, 'test/hidden.test.js'), 'utf8')).toBe('hidden');
    expect(fs.readFileSync(path.join(outside, 'precious'), 'utf8')).toBe('mine');
  });
});

const result = (more: Partial<Result>): Result => ({
  v: 1,
  task: 'fix-js/0',
  suite: 'fix-js',
  arm: 'one-shot',
  seed: 1,
  passHidden: false,
  passVisible: false,
  inputTokens: 900,
  outputTokens: 100,
  cachedInputTokens: 0,
  estimated: false,
  calls: 1,
  seconds: 2,
  ...more,
});

describe('the results file', () => {
  it('goes on where it was cut off: done tuples are skipped, failed environments tried again, a torn line kept apart', async () => {
    const file = path.join(dir, 'results.jsonl');
    const first = await openResults(file, false);
    await first.append(result({ passHidden: true }));
    await first.append(result({ task: 'fix-js/1', error: 'server down' }));
    first.close();
    fs.appendFileSync(file, '{"v":1,"task":"fix-js/2","su');

    await expect(openResults(file, false)).rejects.toMatchObject({ code: 'bench-unusable' });
    const again = await openResults(file, true);
    expect(again.problems).toEqual([`${file}:3: the last line is incomplete`]);
    expect(again.doneAs({ task: 'fix-js/0', arm: 'one-shot', seed: 1 })).toBeDefined();
    expect(again.doneAs({ task: 'fix-js/0', arm: 'one-shot', seed: 2 })).toBeUndefined();
    expect(again.doneAs({ task: 'fix-js/0', arm: 'team', seed: 1 })).toBeUndefined();
    expect(again.doneAs({ task: 'fix-js/1', arm: 'one-shot', seed: 1 })).toBeUndefined();
    await again.append(result({ task: 'fix-js/1', passHidden: true }));
    expect(again.doneAs({ task: 'fix-js/1', arm: 'one-shot', seed: 1 })).toBeDefined();
    expect(again.results).toHaveLength(2);
    again.close();

    const { results, problems } = await readResults(file);
    expect(results.map((one) => [one.task, one.passHidden])).toEqual([
      ['fix-js/0', true],
      ['fix-js/1', true],
    ]);
    expect(problems).toHaveLength(1);
  });

  it('is empty when absent and says what is no record', async () => {
    expect(await readResults(path.join(dir, 'none.jsonl'))).toEqual({ results: [], problems: [] });
    fs.writeFileSync(path.join(dir, 'odd.jsonl'), '{"v":2}\n\nnull\n');
    expect((await readResults(path.join(dir, 'odd.jsonl'))).problems).toHaveLength(2);
    await expect(readResults(dir)).rejects.toMatchObject({ code: 'bench-unusable' });
  });
});

describe('shards', () => {
  it('are together the whole list, each item once', () => {
    const items = Array.from({ length: 11 }, (_, item) => item);
    const shards = [1, 2, 3].map((index) => takeShard(items, parseShard(`${index}/3`)));
    expect(shards.flat().sort((a, b) => a - b)).toEqual(items);
    expect(shards.map((shard) => shard.length)).toEqual([4, 4, 3]);
    expect(takeShard(items, parseShard(' 1/1 '))).toEqual(items);
  });

  it.each(['', '0/2', '3/2', '1/0', '1', 'a/b', '-1/2', '1.5/2', '1/2/3'])('refuses %j', (text) => {
    expect(() => parseShard(text)).toThrow(expect.objectContaining({ code: 'bench-unusable' }));
  });
});

describe('the report', () => {
  const tasks = Array.from({ length: 8 }, (_, index) => index);
  const results = tasks.flatMap((index) =>
    [1, 2].flatMap((seed) => [
      result({ task: `fix-js/${index}`, seed, passHidden: index < 2, passVisible: index < 3 }),
      result({
        task: `fix-js/${index}`,
        seed,
        arm: 'team',
        passHidden: index < 6,
        passVisible: index < 6,
        inputTokens: 2900,
        calls: 3,
        planValid: index > 0,
        fellBack: index === 0,
      }),
    ]),
  );

  it('counts per suite and arm', () => {
    const [oneShot, team, ...none] = aggregate(results, 1).arms;
    expect(none).toEqual([]);
    expect(oneShot).toMatchObject({
      suite: 'fix-js',
      arm: 'one-shot',
      tasks: 8,
      seeds: 2,
      runs: 16,
      solved: 4,
      rate: 0.25,
      visible: 6,
      visibleOnly: 2,
      errors: 0,
    });
    expect(oneShot?.validPlans).toBeUndefined();
    expect(team).toMatchObject({
      solved: 12,
      tokens: { mean: 3000, max: 3000 },
      calls: { mean: 3 },
      validPlans: { count: 14, of: 16 },
      fellBack: { count: 2, of: 16 },
    });
  });

  it('counts no run as solved that left a visible test red, where one could show something', () => {
    const ends = ['tests-fail', 'budget', 'no-tests', 'unproven', undefined] as const;
    const solvedOf = (outcome: string | undefined, passVisible: boolean) =>
      aggregate([result({ passHidden: true, passVisible, outcome })], 1).arms[0]?.solved;
    expect(ends.map((outcome) => solvedOf(outcome, false))).toEqual([0, 0, 1, 1, 1]);
    expect(solvedOf('solved', true)).toBe(1);
  });

  it('compares arms on the tuples that both have, and seeds of a task do not count twice', () => {
    const [pair, ...none] = aggregate([...results, result({ task: 'fix-js/99', passHidden: true })], 1).comparisons;
    expect(none).toEqual([]);
    expect(pair).toMatchObject({ suite: 'fix-js', arm: 'team', against: 'one-shot', tasks: 8, difference: 0.5 });
    expect(pair?.interval.low).toBeGreaterThan(0);
    const once = results.filter((one) => one.seed === 1);
    expect(aggregate(once, 1).comparisons[0]?.interval).toEqual(pair?.interval);
  });

  it('adds a line over all suites when there are several', () => {
    const mixed = [...results, result({ task: 'fix-py/0', suite: 'fix-py', passHidden: true })];
    expect(aggregate(mixed, 1).arms.map((arm) => [arm.suite, arm.arm, arm.tasks])).toEqual([
      ['fix-js', 'one-shot', 8],
      ['fix-js', 'team', 8],
      ['fix-py', 'one-shot', 1],
      ['all', 'one-shot', 9],
      ['all', 'team', 8],
    ]);
  });

  it('keeps apart what models have read, with a line for each set of several suites', () => {
    const mixed = ['parts-js/0', 'fix-js/0', 'class-py/a', 'parts-py/0', 'quixbugs/a', 'own/1'].map((task) =>
      result({ task, suite: suiteOf(task), passHidden: true }),
    );
    expect(aggregate(mixed, 1).arms.map(({ suite, tasks: of }) => `${suite} ${of}`)).toEqual([
      'fix-js 1',
      'quixbugs 1',
      'all small 2',
      'class-py 1',
      'parts-js 1',
      'parts-py 1',
      'all parts 2',
      'own 1',
      'all 6',
    ]);
    const noted = (suite: string) => renderText(aggregate([result({ task: `${suite}/1`, suite })], 1)).includes('probably read');
    expect(['fix-py', 'quixbugs', 'class-py', 'parts-js', 'own'].map(noted)).toEqual([true, true, true, false, false]);
  });

  it('is the same text for the same results', () => {
    const report = aggregate([...results, result({ task: 'fix-js/9', error: 'server down', estimated: true })], 1);
    expect(renderText(report)).toMatchInlineSnapshot(`
      "suite   arm       solved    rate       95 %  sd over seeds  visible  tokens mean  tokens max   fresh  calls  seconds  in calls  in tests  valid plans  fell back  errors
      fix-js  one-shot    4/17  22.2 %   6.3–54.7            2.0     6/17       ~1,000      ~1,000  ~1,000    1.0      2.0         –         –            –          –       1
      fix-js  team       12/16  75.0 %  40.9–92.9            0.0    12/16        3,000       3,000   3,000    3.0      2.0         –         –        14/16       2/16       0

      fix-js: team − one-shot = +50.0 points, 95 % +12.5 to +87.5, p = 0.008, 8 tasks

      Solved: the hidden tests pass, and no visible one was left red. Intervals: Wilson over problems. Pairs: paired bootstrap over problems, two-sided. Fresh tokens: those that no cache held, and what was written. Seconds: the whole, of them in calls, of them in tests.
      Models have probably read the problems of quixbugs, fix-*, make-* (HumanEval) and class-* (Exercism), with solutions; those of parts-* are put together of them and stand nowhere.
      Errors are failures of the environment; they count as not solved, and are tried again when the benchmark goes on.
      ~ our estimate: the server reported no tokens for some calls.
      "
    `);
    expect(renderMarkdown(report)).toMatchInlineSnapshot(`
      "| suite | arm | solved | rate | 95 % | sd over seeds | visible | tokens mean | tokens max | fresh | calls | seconds | in calls | in tests | valid plans | fell back | errors |
      | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
      | fix-js | one-shot | 4/17 | 22.2 % | 6.3–54.7 | 2.0 | 6/17 | ~1,000 | ~1,000 | ~1,000 | 1.0 | 2.0 | – | – | – | – | 1 |
      | fix-js | team | 12/16 | 75.0 % | 40.9–92.9 | 0.0 | 12/16 | 3,000 | 3,000 | 3,000 | 3.0 | 2.0 | – | – | 14/16 | 2/16 | 0 |

      - fix-js: team − one-shot = +50.0 points, 95 % +12.5 to +87.5, p = 0.008, 8 tasks

      Solved: the hidden tests pass, and no visible one was left red. Intervals: Wilson over problems. Pairs: paired bootstrap over problems, two-sided. Fresh tokens: those that no cache held, and what was written. Seconds: the whole, of them in calls, of them in tests. Models have probably read the problems of quixbugs, fix-*, make-* (HumanEval) and class-* (Exercism), with solutions; those of parts-* are put together of them and stand nowhere. Errors are failures of the environment; they count as not solved, and are tried again when the benchmark goes on. ~ our estimate: the server reported no tokens for some calls.
      "
    `);
    expect(renderText(aggregate([], 1))).toBe('No results.\n');
  });
});

describe('arms', () => {
  it.each(arms.map((arm) => [arm.name, arm] as const))('%s is a valid team that the smallest budget pays for', async (name, arm) => {
    if (name === 'team' || name === 'designed') return;
    const input = {
      request: parseRequest('Fix a.js'),
      briefing: emptyBriefing,
      failures: [],
      models: {},
      ask: () => undefined,
    } as unknown as DesignInput;
    const { plan } = await arm.designer().design(input, new AbortController().signal);
    expect(checkPlan(plan).filter(isError)).toEqual([]);
    expect(pricePlan(plan, leastFacts).estimate.calls.least).toBeLessThanOrEqual(2);
  });

  it('may be the team of a file, called like it', async () => {
    const read = (file: string) => fs.promises.readFile(path.join(dir, file), 'utf8');
    fs.writeFileSync(path.join(dir, 'mine.team.yaml'), printPlan(soloTeam(2, 'easy'), 'yaml'));
    expect((await armNamed('mine.team.yaml', read)).name).toBe('mine');
    await expect(armNamed('absent.yaml', read)).rejects.toMatchObject({ code: 'plan-unreadable' });
    await expect(armNamed('magic', read)).rejects.toMatchObject({ code: 'bench-unusable' });
  });

  it.each([
    ['no JSON', '{', /beliefs in bad\.beliefs\.json cannot be read: .*JSON/],
    ['another shape', { learned: { place: { success: {} } } }, /cannot be read: learned\.place\.success\.mean/],
    [
      'another number of features',
      { learned: { place: { ...shippedPrior.learned.place, success: { mean: [1], precision: [[1]] } } } },
      /success\.mean/,
    ],
  ])('of beliefs says why it cannot be read: %s', async (_, content, says) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await expect(armNamed('bad.beliefs.json', async () => text)).rejects.toThrow(says);
    await expect(armNamed('absent.beliefs.json', async () => Promise.reject(new Error('ENOENT')))).rejects.toMatchObject({
      code: 'bench-unusable',
    });
  });
});
