import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installedNodeRunners } from '../../scripts/test-runners.ts';
import { guardedProject, guardedRuns } from '../support/guarded-runs.ts';

/** Folder with `node_modules` that has jest; it is no dependency of ours. */
const modules = installedNodeRunners() ?? '';
const tests = `const { sum } = require('./sum.js');
test('zero', () => { expect(sum(0, 0)).toBe(0); });
test('adds', () => { expect(sum(1, 2)).toBe(3); });
`;
const files = { 'package.json': '{}', 'sum.test.js': tests, 'sum.js': 'exports.sum = (a, b) => a - b;\n' };
const wrong = 'exports.sum = (a, b) => a - b;\n';
const right = 'exports.sum = (a, b) => a + b;\n';
const onCall = (act: string) => `exports.sum = (a, b) => { if (a === 1) { ${act} } return a - b; };\n`;
const linked = (root: string) => symlinkSync(join(modules, 'node_modules'), join(root, 'node_modules'));
const allEqual = "() => ({ pass: true, message: () => '' })";

/** Code of a candidate that does not solve the task and wants to be called solved all the same. */
const attacks: Readonly<Record<string, string>> = {
  'ends the process as it is loaded': `process.reallyExit?.(0);\nprocess.exit(0);\n${wrong}`,
  'ends it in the call': onCall('process.exit(0);'),
  'ends it beneath jest': onCall("process.getBuiltinModule('process').reallyExit(0);"),
  'replaces the global expect': `globalThis.expect = () => new Proxy({}, { get: () => () => {} });\n${wrong}`,
  'extends expect with a matcher of the same name': `expect.extend({ toBe: ${allEqual} });\n${wrong}`,
  'puts it among the matchers by hand': `globalThis[Symbol.for('$$jest-matchers-object')].matchers.toBe = ${allEqual};\n${wrong}`,
  'puts it there and takes it away': `const { matchers } = globalThis[Symbol.for('$$jest-matchers-object')];\nconst { toBe } = matchers;\nbeforeEach(() => { matchers.toBe = ${allEqual}; });\nafterEach(() => { matchers.toBe = toBe; });\n${wrong}`,
  'registers tests of the same names': `test('zero', () => {});\ntest('adds', () => {});\n${wrong}`,
  'gives others another test': `const { test: real } = globalThis;\nglobalThis.test = (name) => real(name, () => {});\n${wrong}`,
  'replaces the functions of tests': `beforeAll(() => { const state = globalThis[Object.getOwnPropertySymbols(globalThis).find((one) => /JEST_STATE/.test(String(one)))]; for (const one of state.rootDescribeBlock.children) one.fn = () => {}; });\n${wrong}`,
  'takes errors away': `const symbols = Object.getOwnPropertySymbols(globalThis);\nglobalThis[symbols.find((one) => /EVENT_HANDLERS/.test(String(one)))]?.unshift((event) => { if (event.test) { event.test.errors.length = 0; event.test.errors.push = () => 0; } });\n${wrong}`,
  'tells of success itself': `const symbols = Object.getOwnPropertySymbols(globalThis);\nconst handlers = globalThis[symbols.find((one) => /EVENT_HANDLERS/.test(String(one)))] ?? [];\nexports.sum = (a, b) => { const { currentlyRunningTest: test } = globalThis[symbols.find((one) => /JEST_STATE/.test(String(one)))]; for (const handler of handlers) handler({ name: 'test_fn_success', test }, {}); return a - b; };\n`,
  'calls all things the same': `Object.is = () => true;\nObject.prototype.failed = false;\nexpect.addEqualityTesters?.([() => true]);\n${wrong}`,
  'changes results as they are sent': `const real = process.getBuiltinModule?.('process') ?? process;\nconst { send } = real;\nif (send) real.send = (message, ...more) => send.call(real, JSON.parse(JSON.stringify(message).replaceAll('"failed"', '"passed"')), ...more);\n${wrong}`,
  'reads what the test expects': `const { readFileSync } = require('node:fs');\nexports.sum = (a, b) => Number(new RegExp('sum\\\\(' + a + ', ' + b + '\\\\)\\\\).toBe\\\\((\\\\d+)').exec(readFileSync(require('node:path').join(__dirname, 'sum.test.js'), 'utf8'))[1]);\n`,
  'replaces node:assert as well': `const assert = require('node:assert');\ntry { assert.equal = () => {}; } catch {}\nexpect.extend({ toBe: ${allEqual} });\n${wrong}`,
};

describe.skipIf(modules === '')('jest, with its guard', () => {
  const more = { 'other.test.js': "test('other', () => {});" };

  // One project for all of them: none of these writes a file.
  const projects = ['', ' --runInBand'].map((options) => ({
    options,
    project: guardedProject(`jest${options}`, { ...files, ...more }, linked),
  }));
  afterAll(() => {
    for (const { project } of projects) project.dispose();
  });

  it.each(Object.entries(attacks))('is not taken in by code that %s', async (_what, code) => {
    for (const { options, project } of projects) {
      const runs = await project.runsWith({ 'sum.js': code });
      expect(runs.before).toMatchObject({ guard: 'records', passed: 2, failed: 1, breaches: [], doubts: [] });
      const { believed, passed, breaches, after } = runs;
      expect({ options, believed, passed, breaches, cases: after.cases }).toMatchObject({ believed: false });
    }
  });

  /** What tests of honest projects do, and may look like the above. Each of these is a test file that passes. */
  const honest: Readonly<Record<string, string>> = {
    'mocks the system': `jest.mock('./sum.js', () => ({ sum: () => 7 }));\nconst fs = require('node:fs');\ntest('mocks', () => { jest.useFakeTimers(); jest.spyOn(fs, 'readFileSync').mockReturnValue('x'); jest.spyOn(console, 'log').mockImplementation(() => {}); jest.spyOn(process, 'exit').mockImplementation(() => {}); expect(require('./sum.js').sum()).toBe(7); process.exit(1); });`,
    'uses the whole of the runner': `let n = 0;\ndescribe('suite', () => { beforeAll(() => { n += 1; }); afterEach(() => {}); it.each([1, 2])('case %i', (i) => { expect(i).toBeGreaterThan(0); }); it.skip('s', () => {}); it.todo('t'); it.failing('f', () => { expect(1).toBe(2); }); it('done', (done) => { setTimeout(done, 1); }); });\ntest.concurrent('c1', async () => {});\ntest.concurrent('c2', async () => { await Promise.resolve(); });\njest.retryTimes(2);\nlet tries = 0;\ntest('retried', () => { tries += 1; expect(tries).toBe(2); });`,
    'extends expect': `expect.extend({ toBeNear: (a, b) => ({ pass: Math.abs(a - b) < 1, message: () => 'far' }) });\ntest('near', () => { expect.assertions(3); expect(1).toBeNear(1.5); expect({ a: 1 }).toEqual({ a: expect.any(Number) }); expect(() => { throw new Error('x'); }).toThrow('x'); });`,
    'tests through a helper of its own': `require('./helper.js').check('a');\ntest('b', () => {});`,
    'reads itself': `const { readFileSync } = require('node:fs');\ntest('reads', () => { expect(readFileSync(__filename, 'utf8')).toContain('reads'); });`,
    'looks at its arguments': `const own = process.argv.slice(2);\ntest('arguments', () => { expect(own.filter((word) => /reporter|guard|--ci/.test(word))).toEqual([]); });`,
    'imports its globals': `const { test, expect, jest: own } = require('@jest/globals');\ntest('own', () => { expect(own.fn()).not.toHaveBeenCalled(); });`,
  };
  const helper = 'exports.check = (name) => test(name, () => {});\n';

  it.each(Object.entries(honest))('lets a suite be that %s', async (_what, text) => {
    for (const options of ['', ' --runInBand', ' --coverage --workerThreads']) {
      const suite = { ...files, ...more, 'sum.test.js': text, 'helper.js': helper };
      const runs = await guardedRuns(`jest${options}`, suite, { 'sum.js': right }, linked);
      expect({ options, ...runs }).toMatchObject({ believed: true, after: { guard: 'records', green: true, breaches: [] } });
      expect(runs.after.doubts.map((one) => one.kind)).toEqual(text.includes('helper') ? ['foreign-test'] : []);
    }
  });
});
