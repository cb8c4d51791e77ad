/** The repair of one place, on real workspaces with real tests. Only the model is scripted: what it shows is plumbing, never quality. */
import { expect, test } from 'vitest';
import { designerByName, fileDesigner } from '../../src/design/index.ts';
import type { StepOf } from '../../src/plan/schema.ts';
import { planSchema } from '../../src/plan/schema.ts';
import { replayRun } from '../../src/run/index.ts';
import { copiesLeft, start } from '../support/run-scene.ts';
import { brokenSum } from '../support/workspaces.ts';

const team = (step: Partial<StepOf<'repair'>> = {}, steps?: readonly object[]) =>
  fileDesigner(
    planSchema.parse({
      teamwright: 1,
      name: 'one-place',
      difficulty: 'easy',
      agents: {
        fixer: { role: 'coder', tier: 'worker', tools: [], write: ['**'], output: 'edits', instructions: 'Mend the mistake in one place.' },
      },
      steps: steps ?? [
        { id: 'mend', do: 'repair', agent: 'fixer', ...step },
        { id: 'check', do: 'test' },
      ],
    }),
  );

const longer = {
  ...brokenSum,
  'sum.js': [
    'function clean(n) {',
    '  return Number(n);',
    '}',
    '',
    'function sum(a, b) {',
    '  const left = clean(a);',
    '  return left - clean(b);',
    '}',
    '',
    'module.exports = { sum };',
    '',
  ].join('\n'),
};

const fills = { infill: 'suffix', weighs: true } as const;

test('the place that surprises the model is left out and filled first, and the filling is spliced into the file', async () => {
  const wrong = longer['sum.js'].indexOf('left -');
  const { workspace, server, log, before, run } = await start({
    files: longer,
    capabilities: fills,
    designer: team({ mutations: 0 }),
    script: (body) =>
      body.suffix === undefined ? { weights: (_, at) => (at >= wrong && at < wrong + 6 ? -4 : -0.1) } : 'return left + clean(b);',
  });
  const result = await run();
  expect(result).toMatchObject({ outcome: 'solved', after: { passed: 2, failed: 0 } });
  expect(result.diff?.patch).toContain('-  return left - clean(b);\n+  return left + clean(b);');
  expect(log.of('places.ranked')[0]?.places[0]).toMatchObject({ path: 'sum.js', line: 7, because: ['surprise', 'spectrum'] });
  expect(server.requests).toHaveLength(2);
  const [weighing, filling] = server.requests.map(({ body }) => body);
  expect(weighing).toMatchObject({ prompt: longer['sum.js'], echo: true, max_tokens: 0 });
  expect(filling?.prompt).toMatch(/const left = clean\(a\);\n {2}$/);
  expect(filling?.suffix).toBe('\n}\n\nmodule.exports = { sum };\n');
  expect(filling?.stop).toEqual(['\n']);
  expect(log.of('place.tried')).toMatchObject([{ file: 'sum.js', line: 7, how: 'fill', passed: 2, failed: 0 }]);
  expect(workspace.contents()).toEqual(before);
  expect(copiesLeft(workspace)).toEqual([]);

  const again = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
  expect(again).toMatchObject({ same: true });
});

test('the order that recorded attempts speak for is a plan like any other: it runs, mends the place and is replayed', async () => {
  const { workspace, log, run } = await start({
    files: longer,
    capabilities: fills,
    designer: designerByName('learned'),
    request: 'Fix the bug in sum.js: the tests fail.',
    script: (body) => (body.suffix === undefined ? { weights: () => -0.1 } : 'return left * clean(b);'),
  });
  const result = await run();
  expect(result).toMatchObject({ outcome: 'solved', after: { passed: 2, failed: 0 } });
  expect(log.of('plan.proposed')).toMatchObject([{ name: 'learned', origin: 'library' }]);
  // The model's own text is wrong, and a change without it is right.
  expect(log.of('place.tried').at(-1)).toMatchObject({ passed: 2, failed: 0 });
  expect(log.of('place.tried').at(-1)?.how).not.toBe('fill');
  const again = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
  expect(again).toMatchObject({ same: true });
});

test('without a model that fills, a small change mends it for no token at all, and the end says that no model vouches for it', async () => {
  const { server, log, run } = await start({
    files: longer,
    capabilities: fills,
    designer: team({ samples: 1 }),
    script: (body) => (body.suffix === undefined ? { status: 400, body: { error: { message: 'no logprobs here' } } } : 'return 0;'),
  });
  expect(await run()).toMatchObject({ outcome: 'solved', unlikely: true });
  expect(server.requests.filter(({ body }) => body.prompt === undefined)).toEqual([]);
  expect(log.of('place.tried').at(-1)).toMatchObject({ line: 7, how: 'operator', failed: 0 });
});

test('a small change that passes and that the model finds unlikely waits for a draft; alone it is handed over, and said to be unlikely', async () => {
  // One weak test: 2 + 2 and 2 * 2 are the same.
  const files = {
    'sum.js': 'function sum(a, b) {\n  return a - b;\n}\n\nmodule.exports = { sum };\n',
    'sum.test.js':
      "const test = require('node:test');\nconst assert = require('node:assert');\nconst { sum } = require('./sum.js');\ntest('adds', () => assert.equal(sum(2, 2), 4));\n",
  };
  const original = files['sum.js'];
  const plan = (draft: boolean) =>
    fileDesigner(
      planSchema.parse({
        teamwright: 1,
        name: 'one-place',
        difficulty: 'easy',
        agents: {
          fixer: {
            role: 'coder',
            tier: 'worker',
            tools: [],
            write: ['**'],
            output: 'edits',
            instructions: 'Mend the mistake in one place.',
          },
        },
        steps: [
          { id: 'mend', do: 'repair', agent: 'fixer', samples: 1, mutations: 30 },
          ...(draft
            ? [{ id: 'if-red', do: 'when', if: 'tests-fail', steps: [{ id: 'draft', do: 'generate', agent: 'fixer', samples: 1 }] }]
            : []),
          { id: 'check', do: 'test' },
        ],
      }),
    );
  const scene = (draft: boolean, dislikes: boolean) =>
    start({
      files,
      capabilities: fills,
      designer: plan(draft),
      script: (body) => {
        if (body.suffix !== undefined) return 'return a - b;';
        // What is not the original is less likely to it, or more.
        if (body.prompt !== undefined) return { weights: () => (body.prompt === original ? -0.2 : dislikes ? -0.5 : -0.1) };
        return '```js sum.js\nfunction sum(a, b) {\n  return a + b + 0;\n}\n\nmodule.exports = { sum };\n```';
      },
    });

  const liked = await scene(true, false);
  const first = await liked.run();
  expect(first).toMatchObject({ outcome: 'solved' });
  expect(first.unlikely).toBeUndefined();
  expect(liked.log.of('candidate.made')).toHaveLength(1);

  const drafted = await scene(true, true);
  const second = await drafted.run();
  expect(second).toMatchObject({ outcome: 'solved' });
  expect(second.unlikely).toBeUndefined();
  expect(second.diff?.patch).toContain('+  return a + b + 0;');
  expect(drafted.log.of('candidate.made').filter(({ unlikely }) => unlikely).length).toBeGreaterThan(0);

  const alone = await scene(false, true);
  const third = await alone.run();
  expect(third).toMatchObject({ outcome: 'solved', unlikely: true });
  const again = await replayRun({ dataDir: alone.workspace.dataDir, runId: third.runId }, new AbortController().signal);
  expect(again).toMatchObject({ same: true });
});

test('a model that only chats names the lines that it writes anew', async () => {
  const { server, run } = await start({
    files: longer,
    designer: team({ samples: 3, mutations: 0 }),
    script: [
      JSON.stringify({ path: 'sum.js', from: 70, to: 70, text: 'x' }),
      JSON.stringify({ path: 'sum.js', from: 7, to: 7, text: '  return left + clean(b);' }),
    ],
  });
  const result = await run();
  expect(result).toMatchObject({ outcome: 'solved' });
  expect(result.diff?.patch).toContain('+  return left + clean(b);');
  expect(server.requests[0]?.body.messages.at(-1)?.content).toContain('7 |   return left - clean(b);');
});

test('a model that only chats is told what it answered before, and a place that it names again is not tried again', async () => {
  const wrong = { path: 'sum.js', from: 7, to: 7, text: '  return left * clean(b);' };
  const { server, log, run } = await start({
    files: longer,
    designer: team({ samples: 3, mutations: 0 }),
    script: [
      JSON.stringify(wrong),
      JSON.stringify(wrong),
      JSON.stringify({ path: 'sum.js', from: 7, to: 7, text: '  return left + clean(b);' }),
    ],
  });
  expect(await run()).toMatchObject({ outcome: 'solved' });
  const asked = server.requests.map(({ body }) => body.messages.map(({ content }) => content).join('\n'));
  expect(asked[0]).not.toContain('Tried already');
  expect(asked[1]).toContain('sum.js, lines 7 to 7: return left * clean(b);');
  // The same prompt once more: with chance in it.
  expect(server.requests.map(({ body }) => body.temperature === 0)).toEqual([true, true, false]);
  expect(log.of('place.tried').map(({ failed }) => failed)).toEqual([2, undefined, 0]);
});

test('where the budget allows no further place, small changes are tried all the same, since they cost nothing', async () => {
  const scene = async (mutations: number) => {
    const { log, run } = await start({
      files: longer,
      capabilities: { infill: 'suffix' },
      designer: team({ samples: 8, mutations }),
      script: () => ({ text: 'return 0;', usage: { input: 300, output: 10 } }),
      settings: { budget: { tokens: 700 }, replans: 0 },
    });
    return { result: await run(), tried: log.of('place.tried').map(({ how }) => how) };
  };
  const mended = await scene(60);
  expect(mended.result).toMatchObject({ outcome: 'solved', after: { failed: 0 } });
  expect(mended.tried.slice(0, 2)).toEqual(['fill', 'fill']);
  expect(mended.tried.at(-1)).toBe('operator');
  expect(await scene(0)).toMatchObject({ result: { outcome: 'budget' }, tried: ['fill', 'fill'] });
});

test('a try that never ends is given up soon, and the next one is not hindered by it', async () => {
  const { log, run } = await start({
    files: longer,
    capabilities: { infill: 'suffix' },
    designer: team({ samples: 8, mutations: 0 }),
    script: ({ prompt = '' }) => (prompt.endsWith('const left = clean(a);\n  ') ? 'return left + clean(b);' : 'for (;;);'),
  });
  expect(await run()).toMatchObject({ outcome: 'solved' });
  const tried = log.of('place.tried');
  expect(tried.length).toBeGreaterThan(1);
  expect(tried.at(-1)).toMatchObject({ line: 7, failed: 0 });
}, 60_000);

test('tests are never a place, and nothing is done where no test is red', async () => {
  const { log, run } = await start({
    files: { ...brokenSum, 'sum.js': brokenSum['sum.js'].replace('a - b', 'a + b') },
    capabilities: fills,
    designer: team(),
    script: [],
    settings: { replans: 0 },
  });
  await run();
  expect(log.of('step.done').find(({ step }) => step === 'mend')).toMatchObject({ skipped: 'no test is red that could show a repair' });
  const red = await start({
    capabilities: { infill: 'suffix' },
    designer: team({ samples: 20, mutations: 0 }),
    script: () => 'return 0;',
    settings: { replans: 0 },
  });
  await red.run();
  expect(red.log.of('places.ranked')[0]?.places.map(({ path }) => path)).not.toContain('sum.test.js');
});

/** Two mistakes, each shown by a test of its own. */
const twoMistakes = {
  'shape.js': [
    'function area(w, h) {',
    '  return w + h;',
    '}',
    '',
    'function edge(w, h) {',
    '  return 2 * w - 2 * h;',
    '}',
    '',
    'module.exports = { area, edge };',
    '',
  ].join('\n'),
  'shape.test.js': [
    "const assert = require('node:assert');",
    "const test = require('node:test');",
    "const { area, edge } = require('./shape.js');",
    "test('area', () => assert.equal(area(3, 4), 12));",
    "test('edge', () => assert.equal(edge(3, 4), 14));",
    '',
  ].join('\n'),
  'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
};

test('a text that makes one of the failing tests pass is kept, and the rest of the tries begins from it', async () => {
  const { log, run, workspace } = await start({
    files: twoMistakes,
    request: 'The tests fail. Make them pass.',
    capabilities: { infill: 'suffix' },
    designer: team({ samples: 8, mutations: 0 }),
    script: ({ prompt = '' }) => (prompt.includes('function edge') ? 'return 2 * w + 2 * h;' : 'return w * h;'),
  });
  const result = await run();
  expect(result).toMatchObject({ outcome: 'solved', after: { passed: 2, failed: 0 } });
  expect(log.of('places.ranked').map(({ places }) => places.length)).toEqual([5, 5]);
  expect(log.of('candidate.made').map(({ from }) => from)).toContain('c1');
  const again = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
  expect(again).toMatchObject({ same: true });
});

test('where the user points is tried next, whatever is thought of it, and a replay does the same', async () => {
  const { log, run, workspace } = await start({
    files: longer,
    capabilities: { infill: 'suffix' },
    designer: team({ samples: 6, mutations: 0 }),
    script: ({ prompt = '' }) => (prompt.endsWith('const left = clean(a);\n  ') ? 'return left + clean(b);' : 'return 0;'),
    onEvent: (event, controls) => {
      if (event.type !== 'places.ranked') return;
      controls.point('sum.test.js', 1);
      controls.point('sum.js', 7);
    },
  });
  const result = await run();
  expect(result).toMatchObject({ outcome: 'solved' });
  expect(log.of('control.used')).toMatchObject([
    { action: 'point', file: 'sum.test.js', line: 1 },
    { action: 'point', file: 'sum.js', line: 7 },
  ]);
  const tried = log.of('place.tried');
  expect(tried.filter(({ pointed }) => pointed)).toMatchObject([{ file: 'sum.js', line: 7, failed: 0 }]);
  expect(tried.findIndex(({ pointed }) => pointed)).toBeLessThanOrEqual(1);
  const again = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
  expect(again).toMatchObject({ same: true });
});

test('lines that the failing test ran over are tried first, also in files that the briefing does not name', async () => {
  const many = Array.from({ length: 60 }, (_, index) => [
    `lib/part-${index}.js`,
    `exports.part${index} = (n) => {\n  if (n > ${index}) return n;\n  return n + ${index};\n};\n`,
  ]);
  const files = {
    ...Object.fromEntries(many),
    'index.js': many.map(([path], index) => `exports.part${index} = require('./${path}').part${index};`).join('\n'),
    'all.test.js': [
      "const assert = require('node:assert');",
      "const test = require('node:test');",
      "const all = require('./index.js');",
      ...many.map(
        (_, index) => `test('part ${index}', () => assert.equal(all.part${index}(1), ${index === 0 ? 1 : index === 42 ? 85 : index + 1}));`,
      ),
    ].join('\n'),
    'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
  };
  const { log, run } = await start({
    files,
    request: 'A test fails. Make it pass.',
    capabilities: { infill: 'suffix' },
    designer: team({ samples: 4, mutations: 0 }),
    script: () => 'return 2 * n + 83;',
  });
  expect(await run()).toMatchObject({ outcome: 'solved' });
  expect(log.of('places.ranked')[0]?.places[0]).toMatchObject({ path: 'lib/part-42.js', because: ['spectrum'] });
  expect(log.of('place.tried').length).toBeLessThanOrEqual(3);
});

test('where nothing could be loaded, what the failure names is looked at first, and changed without a model before anything else', async () => {
  const files = {
    'other.js': 'exports.twice = (n) => {\n  const all = n + n;\n  return all;\n};\n',
    'sum.js':
      "const { twice } = require('./other.js');\nconst start = [1, 2].lenth.toFixed(0);\nexports.sum = (a, b) => twice(a + b) / 2;\n",
    'sum.test.js': "const { sum } = require('./sum.js');\nrequire('node:test')('sum', () => require('node:assert').equal(sum(1, 2), 3));\n",
    'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
  };
  const { log, run } = await start({
    files,
    request: 'The tests fail. Make them pass.',
    capabilities: fills,
    designer: team({ samples: 1, mutations: 30 }),
    // All of the other file surprises.
    script: ({ prompt = '', suffix }) =>
      suffix === undefined ? { weights: () => (prompt.includes('exports.twice') ? -5 : -0.1) } : 'start();',
  });
  expect(await run()).toMatchObject({ outcome: 'solved' });
  expect(log.of('places.ranked')[0]?.places[0]).toMatchObject({ path: 'sum.js', line: 2 });
  expect(new Set(log.of('place.tried').map(({ file }) => file))).toEqual(new Set(['sum.js']));
});

test('a line that opens a block is no text to try: what belongs to it is asked for next, also by a later step', async () => {
  const most = (line: string) =>
    `exports.most = (list) => {\n  let most = list[0];\n  for (const n of list) {\n    ${line}\n  }\n  return most;\n};\n`;
  const files = {
    'most.js': most('most = n;'),
    'most.test.js':
      "const { most } = require('./most.js');\nrequire('node:test')('most', () => require('node:assert').equal(most([1, 3, 2]), 3));\n",
    'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
  };
  const script = ({ prompt = '', suffix }: { prompt?: string; suffix?: string }) => {
    if (suffix === undefined)
      return { weights: (_: string, at: number) => (files['most.js'].slice(at).startsWith('most = n') ? -5 : -0.1) };
    return prompt.endsWith('if (n > most) {\n') ? '      most = n;\n    }\n  }\n  return most;' : 'if (n > most) {';
  };
  const plan = team({ mutations: 0, samples: 2 });
  const { log, run, workspace } = await start({ files, request: 'The test fails.', capabilities: fills, designer: plan, script });
  const result = await run();
  expect(result).toMatchObject({ outcome: 'solved' });
  expect(result.diff?.patch).toContain('+    if (n > most) {\n+      most = n;\n+    }\n');
  expect(log.of('place.tried').map(({ line, passed }) => [line, passed])).toEqual([
    [4, undefined],
    [4, 1],
  ]);
  const again = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
  expect(again).toMatchObject({ same: true });

  const once = { do: 'repair', agent: 'fixer', mutations: 0, samples: 1 } as const;
  const inSteps = await start({
    files,
    request: 'The test fails.',
    capabilities: fills,
    designer: team({}, [
      { id: 'mend-1', ...once },
      { id: 'mend-2', ...once },
      { id: 'check', do: 'test' },
    ]),
    script,
  });
  expect(await inSteps.run()).toMatchObject({ outcome: 'solved' });
  expect(inSteps.log.of('place.tried').map(({ step, passed }) => [step, passed])).toEqual([
    ['mend-1', undefined],
    ['mend-2', 1],
  ]);
});

test('helpers of tests that lie among the sources are looked at last', async () => {
  const files = {
    ...longer,
    'check.js':
      "const test = require('node:test');\nconst assert = require('node:assert');\nexports.same = (name, a, b) => test(name, () => {\n  const said = String(a);\n  assert.equal(said, String(b));\n});\n",
    'sum.test.js': "const { same } = require('./check.js');\nconst { sum } = require('./sum.js');\nsame('sum', sum(1, 2), 3);\n",
  };
  const { log, run } = await start({
    files,
    capabilities: fills,
    designer: team({ samples: 1, mutations: 30 }),
    script: ({ prompt = '', suffix }) =>
      suffix === undefined ? { weights: () => (prompt.includes('exports.same') ? -5 : -0.1) } : 'return 0;',
  });
  expect(await run()).toMatchObject({ outcome: 'solved' });
  expect(new Set(log.of('place.tried').map(({ file }) => file))).toEqual(new Set(['sum.js']));
});

/** Two modules, each with a test of its own: one not written yet, one wrong. */
const twoModules = {
  'double.js':
    "// Gives the number twice: 3 becomes 6, and 0 stays 0, whatever its sign.\nexports.double = (n) => {\n  throw new Error('not implemented');\n};\n",
  'double.test.js':
    "const { double } = require('./double.js');\nrequire('node:test')('double', () => require('node:assert').equal(double(3), 6));\n",
  'half.js': 'exports.half = (n) => {\n  return n * 2;\n};\n',
  'half.test.js': "const { half } = require('./half.js');\nrequire('node:test')('half', () => require('node:assert').equal(half(6), 3));\n",
  'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
};

test('of several modules each is mended by itself, and what was asked of one is not asked again when another is done', async () => {
  const { log, run, server, workspace } = await start({
    files: twoModules,
    request: 'Finish the modules, their tests fail:\n- double.js: write `double`\n- half.js: mend `half`',
    capabilities: fills,
    designer: team({ samples: 8, mutations: 0 }),
    script: ({ suffix, prompt }) => {
      if (prompt === undefined) return '```js\nexports.double = (n) => {\n  return 2 * n;\n};\n```';
      if (suffix === undefined) return { weights: () => -1 };
      return 'return n / 2;';
    },
  });
  const result = await run();
  expect(result).toMatchObject({ outcome: 'solved', after: { passed: 2, failed: 0 } });
  expect(log.of('place.tried').filter(({ file }) => file === 'double.js')).toMatchObject([{ how: 'new-function' }]);
  expect(log.of('candidate.made').map(({ from }) => from)).toEqual(['start', 'c1']);
  const asked = server.requests.map(({ body }) => `${body.prompt}|${body.suffix}`);
  expect(new Set(asked).size).toBe(asked.length);
  // What the request says of the other module is none of its business.
  const [inWords] = server.requests.flatMap(({ body: { messages = [] } }) => messages.filter(({ role }) => role === 'user'));
  expect(inWords?.content).toContain(
    '# Request\nFinish the modules, their tests fail:\n- double.js: write `double`\n\n# Your part\nWrite the function double as its description says.',
  );
  const again = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
  expect(again).toMatchObject({ same: true });
});

test.each<[string, object]>([
  ['with a model that fills holes', fills],
  ['with one that does not', {}],
])('a function that is not written yet is asked for in words, with the request and its own file alone, %s', async (_name, capabilities) => {
  const { log, run, server } = await start({
    files: {
      ...twoModules,
      'half.js': 'exports.half = (n) => {\n  return n / 2;\n};\n',
      'double.js': "const sign = 1;\nexports.double = (n) => {\n  throw new Error('not implemented');\n};\n",
    },
    request: 'Write double: its test fails.',
    capabilities,
    designer: team({ samples: 1, mutations: 0 }),
    script: ({ messages = [] }) =>
      messages.length > 0 ? '```js\nexports.double = (n) => {\n  return 2 * n;\n};\n```\nThat is all.' : { weights: () => -1 },
  });
  expect(await run()).toMatchObject({ outcome: 'solved', diff: { files: [{ path: 'double.js' }] } });
  expect(log.of('place.tried')).toMatchObject([{ file: 'double.js', how: 'new-function', failed: 0 }]);
  const said = server.requests.flatMap(({ body: { messages = [] } }) => messages.map(({ content }) => content)).join('\n');
  expect(said).toContain('Write double: its test fails.');
  expect(said).toContain('const sign = 1;');
  expect(said).not.toContain('half');
});

test('a function that is not written yet, but described where it stands, is asked for in words first, and filled as a hole when that is wrong', async () => {
  const { log, run } = await start({
    files: { ...twoModules, 'half.js': 'exports.half = (n) => {\n  return n / 2;\n};\n' },
    request: 'Write double: its test fails.',
    capabilities: fills,
    designer: team({ samples: 2, mutations: 0 }),
    script: ({ messages = [], suffix }) => {
      if (messages.length > 0) return '```js\nexports.double = (n) => {\n  return n ** 2;\n};\n```';
      return suffix === undefined ? { weights: () => -1 } : 'return 2 * n;';
    },
  });
  expect(await run()).toMatchObject({ outcome: 'solved' });
  expect(log.of('place.tried')).toMatchObject([
    { file: 'double.js', how: 'new-function', failed: 1 },
    { file: 'double.js', how: 'new-body', failed: 0 },
  ]);
});

test('behind its worst place a function is written anew as a whole: what is wrong in two lines is mended by one filling', async () => {
  const clamp = [
    '// Gives n, but nothing below low and nothing above high.',
    ...['exports.clamp = (n, low, high) => {', '  if (n < low) return high;', '  if (n > high) return low;', '  return n;', '};', ''],
  ].join('\n');
  const { log, run, server } = await start({
    files: {
      'clamp.js': clamp,
      'clamp.test.js': [
        "const { clamp } = require('./clamp.js');",
        "const { equal } = require('node:assert');",
        "require('node:test')('clamp', () => { equal(clamp(1, 2, 4), 2); equal(clamp(9, 2, 4), 4); equal(clamp(3, 2, 4), 3); });",
        '',
      ].join('\n'),
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    },
    request: 'The test of clamp fails. Fix the bug.',
    capabilities: fills,
    designer: team({ samples: 4, mutations: 0 }),
    script: ({ prompt, suffix }) => {
      if (suffix === undefined) return { weights: () => -1 };
      return prompt?.trimEnd().endsWith('high) => {') && !suffix.includes('if (')
        ? 'return Math.min(high, Math.max(low, n));'
        : 'if (n < low) return low;';
    },
  });
  expect(await run()).toMatchObject({ outcome: 'solved', diff: { files: [{ path: 'clamp.js' }] } });
  expect(log.of('place.tried').map(({ how }) => how)).toEqual(['fill', 'anew']);
  // The description stays in view, the wrong lines do not.
  const asked = server.requests
    .map(({ body }) => body)
    .filter(({ suffix }) => suffix !== undefined)
    .at(-1);
  expect(asked?.prompt).toContain('nothing below low');
  expect(`${asked?.prompt}${asked?.suffix}`).not.toContain('return high');
});

test('a later repair of the plan goes on where an earlier one ended, and asks nothing twice', async () => {
  const { log, run, server } = await start({
    files: longer,
    capabilities: fills,
    designer: fileDesigner(
      planSchema.parse({
        teamwright: 1,
        name: 'in-two-goes',
        difficulty: 'easy',
        agents: {
          fixer: {
            role: 'coder',
            tier: 'worker',
            tools: [],
            write: ['**'],
            output: 'edits',
            instructions: 'Mend the mistake in one place.',
          },
        },
        steps: [
          { id: 'mend', do: 'repair', agent: 'fixer', samples: 2, mutations: 0 },
          { id: 'mend-on', do: 'repair', agent: 'fixer', samples: 6, mutations: 0 },
          { id: 'check', do: 'test' },
        ],
      }),
    ),
    script: ({ suffix, prompt = '' }) =>
      suffix === undefined ? { weights: () => -1 } : prompt.endsWith('function clean(n) {\n  ') ? 'return -Number(n);' : 'return 0;',
    settings: { replans: 0 },
  });
  await run();
  expect(log.of('step.done').find(({ step }) => step === 'mend-on')?.failure).toBeUndefined();
  expect(log.of('place.tried').map(({ step }) => step)).toEqual(['mend', 'mend', ...Array(6).fill('mend-on')]);
  // What is asked with chance in it may come again.
  const asked = server.requests.flatMap(({ body }) => (body.temperature === 0 ? [`${body.prompt}|${body.suffix}`] : []));
  expect(asked.length).toBeGreaterThan(4);
  expect(new Set(asked).size).toBe(asked.length);
  expect(server.requests.filter(({ body }) => body.suffix === undefined)).toHaveLength(1);
});

test('a function that a request wants written, and that is described where it stands, is asked for by itself before anybody drafts a file', async () => {
  const files = {
    'double.js':
      "// Gives the number twice: 3 becomes 6, and 0 stays 0, whatever its sign.\nexports.double = (n) => {\n  throw new Error('not implemented');\n};\n",
    'double.test.js': twoModules['double.test.js'],
    'package.json': twoModules['package.json'],
  };
  const request = 'Write the function in double.js as its comment says.';
  const written = (body: string) => `\`\`\`js\nexports.double = (n) => {\n  ${body}\n};\n\`\`\``;
  const scene = (body: string) =>
    start({
      files,
      capabilities: fills,
      request,
      designer: designerByName('auto'),
      script: ({ suffix, messages = [] }) => {
        if (suffix !== undefined) return body;
        const isOne = messages.some(({ content }) => content.includes('Write the function double as its description says.'));
        return written(isOne ? body : 'return 2 * n;');
      },
    });
  const right = await scene('return n + n;');
  expect(await right.run()).toMatchObject({ outcome: 'solved', diff: { files: [{ path: 'double.js' }] } });
  expect(right.log.of('plan.proposed')).toMatchObject([{ name: 'bodies-first' }]);
  expect(right.server.requests).toHaveLength(1);
  const wrong = await scene('return n + 2;');
  expect(await wrong.run()).toMatchObject({ outcome: 'solved' });
  expect(wrong.log.of('plan.proposed')).toHaveLength(1);
  expect(wrong.log.of('place.tried').map(({ how }) => how)).toEqual(['new-function', 'new-body', 'new-function', 'new-body']);
  expect(wrong.log.of('candidate.made').map(({ step }) => step)).toEqual(['draft']);
  // Each of them once, one draft; a file without a line that anybody wrote is not weighed.
  expect(wrong.server.requests).toHaveLength(5);
});

test('a team that drafts and then mends the best draft one place at a time does so with what the budget leaves when it pays for no further draft', async () => {
  const agent = { role: 'coder', tier: 'worker', tools: [], write: ['**'], output: 'edits', instructions: 'Do what is asked.' };
  const draftsThenPlaces = fileDesigner(
    planSchema.parse({
      teamwright: 1,
      name: 'drafts-then-places',
      difficulty: 'easy',
      agents: { coder: agent },
      steps: [
        { id: 'draft', do: 'generate', agent: 'coder', samples: 3 },
        { id: 'test', do: 'test' },
        { id: 'mend', do: 'repair', agent: 'coder', from: 'best', samples: 8, mutations: 4 },
        { id: 'test-again', do: 'test' },
        { id: 'choose', do: 'select' },
      ],
    }),
  );
  const grade = (least: number) =>
    ['exports.grade = (points) => {', `  if (points < ${least}) return 'failed';`, "  return 'passed';", '};', ''].join('\n');
  const scene = (draft: string, filling: string, budget?: object) =>
    start({
      files: {
        'grade.js': 'exports.grade = (points) => undefined;\n',
        'grade.test.js': [
          "const { grade } = require('./grade.js');",
          "const { equal } = require('node:assert');",
          "const test = require('node:test');",
          "test('few', () => equal(grade(10), 'failed'));",
          "test('many', () => equal(grade(90), 'passed'));",
          "test('just enough', () => equal(grade(50), 'passed'));",
          '',
        ].join('\n'),
        'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
      },
      capabilities: fills,
      request: 'Write the function grade in grade.js: from 50 points on a test is passed.',
      designer: draftsThenPlaces,
      settings: { replans: 0, ...(budget && { budget }) },
      script: ({ suffix, messages = [] }) => {
        if (messages.length > 0) return `\`\`\`js\n${draft}\`\`\``;
        return suffix === undefined ? { weights: () => -1 } : filling;
      },
    });
  const draftsOf = ({ server }: Awaited<ReturnType<typeof scene>>): number =>
    server.requests.filter(({ body }) => body.prompt === undefined).length;
  const near = await scene(grade(60), "if (points < 50) return 'failed';");
  const result = await near.run();
  expect(result).toMatchObject({ outcome: 'solved', diff: { files: [{ path: 'grade.js' }] } });
  expect(near.log.of('candidate.made')).toMatchObject([
    { step: 'draft', from: 'start' },
    { step: 'mend', from: 'c1' },
  ]);
  expect(draftsOf(near)).toBe(3);
  const again = await replayRun({ dataDir: near.workspace.dataDir, runId: result.runId }, new AbortController().signal);
  expect(again).toMatchObject({ same: true });

  // One draft is all that the budget pays for; places cost a tenth of it.
  const tokens = Number(near.log.of('call.done').find(({ call }) => call.includes('draft'))?.usage?.inputTokens) + 450;
  const poor = await scene(grade(60), "if (points < 50) return 'failed';", { tokens });
  expect(await poor.run()).toMatchObject({ outcome: 'solved' });
  expect(draftsOf(poor)).toBe(1);
  // Where places do not help either, the run ends because of the budget.
  const hopeless = await scene(grade(60), 'return 0;', { tokens });
  expect(await hopeless.run()).toMatchObject({ outcome: 'budget', failure: { code: 'budget-exceeded' } });
  expect(hopeless.log.of('place.tried').length).toBeGreaterThan(0);

  const right = await scene(grade(50), 'return 0;');
  expect(await right.run()).toMatchObject({ outcome: 'solved' });
  expect(right.server.requests).toHaveLength(1);
});

test('a model is not asked about a small change that leaves a test of its only file red', async () => {
  const files = {
    'sum.js': 'function sum(a, b) {\n  return a - b - 1;\n}\n\nmodule.exports = { sum };\n',
    'sum.test.js': [
      "const test = require('node:test');",
      "const assert = require('node:assert');",
      "const { sum } = require('./sum.js');",
      "test('adds', () => assert.equal(sum(1, 1), 1));",
      "test('adds much', () => assert.equal(sum(2, 3), 5000));",
      '',
    ].join('\n'),
  };
  const { log, run, server } = await start({
    files,
    capabilities: fills,
    designer: team({ samples: 1, mutations: 30 }),
    script: (body) => (body.suffix === undefined ? { weights: () => -0.2 } : 'return a - b - 1;'),
  });
  expect(await run()).toMatchObject({ outcome: 'tests-fail' });
  expect(log.of('place.tried').some(({ how, failed }) => how === 'operator' && failed === 1)).toBe(true);
  expect(log.of('candidate.made').length).toBeGreaterThan(1);
  // One look at the file, and one at the best change, from which the rest begins.
  expect(server.requests.filter(({ body }) => body.prompt !== undefined && body.suffix === undefined)).toHaveLength(2);
});

test('a later plan of a run asks no hole again that an earlier one filled', async () => {
  const places = team({ samples: 2, mutations: 0 });
  const { log, run, server } = await start({
    files: longer,
    capabilities: fills,
    designer: {
      name: 'twice',
      design: async (input, signal) => {
        const design = await places.design(input, signal);
        return input.failures.length === 0 ? design : { ...design, plan: { ...design.plan, name: 'again' } };
      },
    },
    script: (body) => (body.suffix === undefined ? { weights: () => -0.2 } : 'return 0;'),
    settings: { replans: 1 },
  });
  expect(await run()).toMatchObject({ outcome: 'tests-fail' });
  expect(log.of('plan.proposed').map(({ name }) => name)).toEqual(['one-place', 'again']);
  // What is asked with chance in it may come again.
  const asked = server.requests.flatMap(({ body }) => (body.temperature === 0 ? [`${body.prompt}|${body.suffix}`] : []));
  expect(log.of('place.tried')).toHaveLength(4);
  expect(new Set(asked).size).toBe(asked.length);
});

test('a text is taken by which the one failing test makes room for the tests that could not be reached before', async () => {
  const { run } = await start({
    files: {
      'once.js': 'exports.once = (list) => {\n  return list.filter(x > 1);\n};\n',
      // Names its cases as they come; what throws before the first one is a failing test of its own.
      'once.test.js': [
        "const { test } = require('node:test');",
        "const assert = require('node:assert');",
        "const { once } = require('./once.js');",
        'let count = 0;',
        "const check = (condition) => test('case ' + ++count, () => assert.ok(condition));",
        'try {',
        '  check(once([1, 2]).length === 1);',
        '  check(once([1]).length === 0);',
        '} catch (error) {',
        "  test('failed after case ' + count, () => { throw error; });",
        '}',
        '',
      ].join('\n'),
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    },
    request: 'The test of once fails. Fix the bug.',
    capabilities: fills,
    designer: team({ samples: 2, mutations: 0 }),
    script: (body) => (body.suffix === undefined ? { weights: () => -1 } : 'return list.filter((x) => x > 1);'),
  });
  expect(await run()).toMatchObject({ outcome: 'solved', after: { passed: 2, failed: 0 } });
});

test('a function that was written anew and is right in part is not built on: the next line is tried in what stood there', async () => {
  const text = 'exports.f = (n) => {\n  const m = n + 1;\n  return m * 2;\n};\n';
  const { log, run } = await start({
    files: {
      'f.js': text,
      'f.test.js': [
        "const test = require('node:test');",
        "const { equal } = require('node:assert');",
        "const { f } = require('./f.js');",
        "test('one', () => equal(f(1), 0));",
        "test('three', () => equal(f(3), 4));",
        '',
      ].join('\n'),
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    },
    request: 'The tests of f fail. Fix the bug.',
    capabilities: fills,
    designer: team({ samples: 4, mutations: 0 }),
    script: ({ suffix, prompt = '' }) => {
      if (suffix === undefined) return { weights: (_, at) => (at >= text.indexOf('return') ? -4 : -1) };
      if (suffix.startsWith('\n  return m * 2;')) return 'const m = n - 1;';
      // All of it anew: right for one of the two. The last line alone: for none.
      return prompt.includes('const m') ? 'return m + 100;' : 'return 0;';
    },
  });
  const result = await run();
  expect(log.of('place.tried').map(({ how, failed }) => `${how} ${failed}`)).toEqual(['fill 2', 'anew 1', 'fill 0']);
  expect(result).toMatchObject({ outcome: 'solved' });
  expect(result.diff?.patch).toContain('-  const m = n + 1;\n+  const m = n - 1;');
});
