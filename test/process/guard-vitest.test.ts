import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guardedRuns } from '../support/guarded-runs.ts';

const tests = `import { test, expect } from 'vitest';
import { sum } from './sum.js';
test('zero', () => { expect(sum(0, 0)).toBe(0); });
test('adds', () => { expect(sum(1, 2)).toBe(3); });
`;
const files = { 'package.json': '{"type":"module"}', 'sum.test.js': tests, 'sum.js': 'export const sum = (a, b) => a - b;\n' };
const wrong = 'export const sum = (a, b) => a - b;\n';
const right = 'export const sum = (a, b) => a + b;\n';
const onCall = (act: string) => `export const sum = (a, b) => { if (a === 1) { ${act} } return a - b; };\n`;
const linked = (root: string) => symlinkSync(resolve('node_modules'), join(root, 'node_modules'));

/** Code of a candidate that does not solve the task and wants to be called solved all the same. */
const attacks: Readonly<Record<string, string>> = {
  'ends the process as it is loaded': `process.reallyExit(0);\n${wrong}`,
  'ends it in the call': onCall('process.reallyExit(0);'),
  'ends the runner': onCall("process.kill(process.ppid, 'SIGKILL');"),
  'replaces a matcher of chai': `import { chai } from 'vitest';\nchai.util.addMethod(chai.Assertion.prototype, 'toBe', function () { return this; });\n${wrong}`,
  'replaces it and puts it back': `import { chai, afterAll } from 'vitest';\nconst held = chai.Assertion.prototype.toBe;\nchai.Assertion.prototype.toBe = function () {};\nafterAll(() => { chai.Assertion.prototype.toBe = held; });\n${wrong}`,
  'extends expect with a matcher of the same name': `import { expect } from 'vitest';\nexpect.extend({ toBe: () => ({ pass: true, message: () => '' }) });\n${wrong}`,
  'calls all things equal': `import { expect } from 'vitest';\nexpect.addEqualityTesters?.([() => true]);\nObject.is = () => true;\n${wrong}`,
  'lets no assertion assert': `import { chai } from 'vitest';\nchai.Assertion.prototype.assert = () => {};\n${wrong}`,
  'registers tests of the same names': `import { test } from 'vitest';\ntest('zero', () => {});\ntest('adds', () => {});\n${wrong}`,
  'replaces the functions of tests': `import { beforeAll } from 'vitest';\nimport { setFn } from 'vitest/suite';\nbeforeAll((suite) => { for (const task of suite.tasks ?? []) setFn(task, () => {}); });\n${wrong}`,
  'changes results as they are sent': `const { send } = process;\nconst turn = (one) => { if (one && typeof one === 'object') for (const key of Object.keys(one)) { if (one[key] === 'fail') one[key] = 'pass'; else if (key === 'errors') one[key] = undefined; else turn(one[key]); } return one; };\nprocess.send = (message, ...more) => send.call(process, turn(message), ...more);\nprocess.exitCode = 0;\n${wrong}`,
  'changes results in the task': `import { beforeEach, afterEach } from 'vitest';\nafterEach(({ task }) => { Object.defineProperty(task, 'result', { get: () => ({ state: 'pass' }), set() {} }); });\n${wrong}`,
  'makes a runner of its own': `import { createRequire } from 'node:module';\nconst cache = createRequire(import.meta.url).cache;\nfor (const path of Object.keys(cache)) if (/guards/.test(path)) { const Runner = await cache[path].exports.runnerClass?.(); if (Runner) Runner.prototype.runTask = () => {}; }\n${wrong}`,
  'reads what the test expects': `import { readFileSync } from 'node:fs';\nimport { join } from 'node:path';\nexport const sum = (a, b) => Number(new RegExp('sum\\\\(' + a + ', ' + b + '\\\\)\\\\).toBe\\\\((\\\\d+)').exec(readFileSync(join(import.meta.dirname, 'sum.test.js'), 'utf8'))[1]);\n`,
  'hides behind skip': `import { beforeEach } from 'vitest';\nbeforeEach((context) => context.skip());\n${wrong}`,
};

describe('vitest, with its guard', () => {
  it.each(Object.entries(attacks))('is not taken in by code that %s', async (_what, code) => {
    const runs = await guardedRuns('vitest run', files, { 'sum.js': code }, linked);
    expect(runs.before).toMatchObject({ guard: 'records', passed: 1, failed: 1, breaches: [], doubts: [] });
    expect({ believed: runs.believed, passed: runs.passed, cases: runs.after.cases, breaches: runs.breaches }).toMatchObject({
      believed: false,
    });
  });

  /** What tests of honest projects do, and may look like the above. Each of these is a test file that passes. */
  const honest: Readonly<Record<string, string>> = {
    'mocks the system': `import { test, expect, vi } from 'vitest';\nimport fs from 'node:fs';\nvi.mock('./sum.js', () => ({ sum: () => 7 }));\nimport { sum } from './sum.js';\ntest('mocks', () => { vi.useFakeTimers(); vi.spyOn(fs, 'readFileSync').mockReturnValue('x'); vi.spyOn(console, 'log').mockImplementation(() => {}); vi.spyOn(process, 'exit').mockImplementation(() => {}); expect(sum()).toBe(7); process.exit(1); });`,
    'uses the whole of the runner': `import { describe, it, test, expect, beforeAll, afterEach } from 'vitest';\nlet n = 0;\ndescribe('suite', () => { beforeAll(() => { n += 1; }); afterEach(() => {}); it.each([1, 2])('case %i', (i) => expect(i).toBeGreaterThan(0)); it.skip('s', () => {}); it.todo('t'); it.fails('f', () => { expect(1).toBe(2); }); it.concurrent('c', async ({ expect }) => { expect(n).toBe(1); }); it('r', { retry: 2 }, () => { n += 1; expect(n).toBeGreaterThan(2); }); });\nconst given = test.extend({ page: async ({}, use) => { await use('p'); } });\ngiven('fixture', ({ page }) => expect(page).toBe('p'));\ntest('skips itself', (context) => { context.skip(); });\ntest('soft', () => { expect.assertions(1); expect.soft(1).toBe(1); });`,
    'extends expect': `import { test, expect, chai } from 'vitest';\nexpect.extend({ toBeNear: (a, b) => ({ pass: Math.abs(a - b) < 1, message: () => 'far' }) });\nchai.use((c) => c.Assertion.addMethod('near', function () {}));\ntest('near', () => { expect(1).toBeNear(1.5); expect({ a: 1 }).toEqual({ a: expect.any(Number) }); expect({ a: 1 }).toMatchInlineSnapshot(\`\n  {\n    "a": 1,\n  }\n\`); });`,
    'tests through a helper of its own': `import { check } from './helper.js';\nimport { test } from 'vitest';\ncheck('a');\ntest('b', () => {});`,
    'reads itself': `import { test, expect } from 'vitest';\nimport { readFileSync } from 'node:fs';\ntest('reads', () => { expect(readFileSync(import.meta.filename, 'utf8')).toContain('reads'); });`,
    'uses globals and snapshots': `import { test, expect } from 'vitest';\ntest('snapshot', () => { expect({ b: 2 }).toMatchSnapshot(); });`,
  };
  const helper = "import { test } from 'vitest';\nexport const check = (name) => test(name, () => {});\n";

  /** Vitest writes none by itself where the environment says CI. */
  const snapshot = '// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html\n\nexports[`snapshot 1`] = `\n{\n  "b": 2,\n}\n`;\n';

  it.each(Object.entries(honest))('lets a suite be that %s', async (_what, text) => {
    for (const options of ['', ' --pool=threads', ' --pool=forks --no-isolate', ' --pool=vmThreads']) {
      const kept: Record<string, string> = text.includes('toMatchSnapshot') ? { '__snapshots__/sum.test.js.snap': snapshot } : {};
      const suite = { ...files, 'sum.test.js': text, 'helper.js': helper, ...kept };
      const runs = await guardedRuns(`vitest run${options}`, suite, { 'sum.js': right }, linked);
      expect({ options, ...runs }).toMatchObject({ believed: true, after: { guard: 'records', green: true, breaches: [] } });
      expect(runs.after.doubts.map((one) => one.kind)).toEqual([
        ...(text.includes('helper') && !options.includes('vm') ? ['foreign-test'] : []),
        ...(options.includes('vm') ? ['unguarded'] : []),
      ]);
    }
  });

  it('takes type tests by the word of the type checker, beside tests that run', async () => {
    const suite = {
      ...files,
      'tsconfig.json': '{"compilerOptions":{"strict":true,"module":"nodenext","types":[],"skipLibCheck":true},"include":["*.test-d.ts"]}',
      'sum.d.ts': 'export declare const sum: (a: number, b: number) => string;\n',
      'sum.test-d.ts': `import { test, expectTypeOf } from 'vitest';\nimport { sum } from './sum.js';\ntest('gives a number', () => { expectTypeOf(sum(1, 2)).toEqualTypeOf<number>(); });\ntest('takes numbers', () => { expectTypeOf(sum).parameter(0).toEqualTypeOf<number>(); });\n`,
    };
    const change = { 'sum.js': right, 'sum.d.ts': 'export declare const sum: (a: number, b: number) => number;\n' };
    const runs = await guardedRuns('vitest run --typecheck', suite, change, linked);
    expect(runs.before.cases.filter((one) => one.outcome === 'failed').map((one) => one.name)).toEqual(['gives a number', 'adds']);
    expect(runs).toMatchObject({ believed: true, breaches: [], passed: ['gives a number', 'takes numbers', 'zero', 'adds'] });
    const pretended = `import { test } from 'vitest';\ntest('zero', ({ task }) => { task.meta.typecheck = true; task.file.meta.typecheck = true; process.exit(0); });\n${wrong}`;
    expect(await guardedRuns('vitest run --typecheck', files, { 'sum.js': pretended }, linked)).toMatchObject({ believed: false });
  });
});
