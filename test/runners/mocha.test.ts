import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installedNodeRunners } from '../../scripts/test-runners.ts';
import { guardedRuns } from '../support/guarded-runs.ts';

/** Folder with `node_modules` that has mocha and chai; they are no dependencies of ours. */
const modules = installedNodeRunners() ?? '';
const tests = `const assert = require('node:assert/strict');
const { expect } = require('chai');
const { sum } = require('../sum.js');
it('zero', () => { assert.equal(sum(0, 0), 0); });
it('adds', () => { assert.equal(sum(1, 2), 3); });
it('adds by chai', () => { expect(sum(1, 2)).to.equal(3); });
`;
const files = { 'package.json': '{}', 'test/sum.js': tests, 'sum.js': 'exports.sum = (a, b) => a - b;\n' };
const wrong = 'exports.sum = (a, b) => a - b;\n';
const right = 'exports.sum = (a, b) => a + b;\n';
const onCall = (act: string) => `exports.sum = (a, b) => { if (a === 1) { ${act} } return a - b; };\n`;
const linked = (root: string) => symlinkSync(join(modules, 'node_modules'), join(root, 'node_modules'));
const noAssert = "const assert = require('node:assert');\ntry { assert.strict.equal = () => {}; } catch {}\n";

/** Code of a candidate that does not solve the task and wants to be called solved all the same. */
const attacks: Readonly<Record<string, string>> = {
  'ends the process as it is loaded': `process.exit(0);\n${wrong}`,
  'ends it in the call': onCall('process.reallyExit(0);'),
  'replaces functions of assert and chai': `${noAssert}const { Assertion } = require('chai');\nAssertion.overwriteMethod('equal', () => function () {});\n${wrong}`,
  'lets chai assert nothing': `${noAssert}require('chai').Assertion.prototype.assert = () => {};\n${wrong}`,
  'registers tests of the same names': `for (const name of ['zero', 'adds', 'adds by chai']) it(name, () => {});\n${wrong}`,
  'gives others another it': `const real = globalThis.it;\nglobalThis.it = (name) => real(name, () => {});\n${wrong}`,
  'replaces the functions of tests': `beforeEach(function () { this.currentTest.fn = () => {}; });\n${wrong}`,
  'changes what tests are made of': `const { Runnable } = require('mocha');\nRunnable.prototype.run = function (done) { this.state = 'passed'; done(); };\n${wrong}`,
  'changes what the runner says': `const { Runner } = require('mocha');\nRunner.prototype.fail = function (test) { test.state = 'passed'; this.emit('pass', test); };\n${wrong}`,
  'turns failures into passes in the runner': `const { emit } = require('node:events').prototype;\nrequire('node:events').prototype.emit = function (name, ...all) { return emit.call(this, name === 'fail' ? 'pass' : name, ...all); };\nprocess.on('exit', () => { process.exitCode = 0; });\n${wrong}`,
  'makes a reporter of its own': `const path = Object.keys(require.cache).find((one) => /guards.mocha/.test(one));\nconst handlers = {};\nif (path) new (require(path))({ on: (name, handler) => { handlers[name] = handler; } });\nfor (const title of ['zero', 'adds', 'adds by chai']) handlers.pass?.({ file: require('node:path').resolve('test/sum.js'), titlePath: () => [title] });\nhandlers.end?.();\n${wrong}`,
  'starts mocha again on other tests': `const { spawnSync } = require('node:child_process');\nconst fs = require('node:fs');\nif (!process.env.AGAIN) { fs.writeFileSync('test/sum.js', "for (const name of ['zero', 'adds', 'adds by chai']) it(name, () => {});"); spawnSync(process.execPath, [require('node:path').join(require('node:path').dirname(require.resolve('mocha')), 'lib/cli/cli.js'), ...process.argv.slice(2)], { env: { ...process.env, AGAIN: '1' } }); process.reallyExit(0); }\n${wrong}`,
  'hides behind skip': `beforeEach(function () { this.skip(); });\n${wrong}`,
  'reads what the test expects': `const { readFileSync } = require('node:fs');\nexports.sum = (a, b) => Number(new RegExp('sum\\\\(' + a + ', ' + b + '\\\\), (\\\\d+)').exec(readFileSync(require('node:path').join(__dirname, 'test/sum.js'), 'utf8'))[1]);\n`,
};

describe.skipIf(modules === '')('mocha, with its guard', () => {
  it.each(Object.entries(attacks))('is not taken in by code that %s', async (_what, code) => {
    for (const command of ['mocha', 'mocha --parallel test/sum.js']) {
      const runs = await guardedRuns(command, files, { 'sum.js': code }, linked);
      expect(runs.before).toMatchObject({ guard: 'records', passed: 1, failed: 2, breaches: [], doubts: [] });
      const { believed, passed, breaches, after } = runs;
      expect({ command, believed, passed, breaches, cases: after.cases }).toMatchObject({ believed: false });
    }
  });

  /** What tests of honest projects do, and may look like the above. Each of these is a test file that passes. */
  const honest: Readonly<Record<string, string>> = {
    'uses the whole of the runner': `describe('suite', function () { this.timeout(5000); let n = 0; before(() => { n += 1; }); beforeEach(function () { this.x = this.currentTest.title; }); it('context', function () { if (this.x !== 'context' || n !== 1) throw new Error('no'); }); it('done', (done) => { setTimeout(done, 1); }); it('promise', async () => { await null; }); it.skip('s', () => {}); it('pending'); it('skips itself', function () { this.skip(); }); let tries = 0; it('retried', function () { this.retries(2); tries += 1; if (tries < 2) throw new Error('again'); }); for (const one of [1, 2]) it('case ' + one, () => {}); });`,
    'extends chai': `const chai = require('chai');\nchai.use((c) => c.Assertion.addMethod('near', function (b) { this.assert(Math.abs(this._obj - b) < 1, 'far', 'near'); }));\nit('near', () => { chai.expect(1).to.be.near(1.5); chai.expect(() => chai.expect(1).to.be.near(3)).to.throw(); });`,
    'mocks the system': `const fs = require('node:fs');\nit('mocks', () => { const { readFileSync } = fs; fs.readFileSync = () => 'x'; const { exit } = process; process.exit = () => {}; process.exit(1); fs.readFileSync = readFileSync; process.exit = exit; });`,
    'tests through a helper of its own': `require('../helper.js').check('a');\nit('b', () => {});`,
    'looks at its arguments': `const own = process.argv.slice(2);\nit('arguments', () => { if (own.some((word) => /reporter|guard/.test(word))) throw new Error(own.join()); });`,
    'reads itself': `const { readFileSync } = require('node:fs');\nit('reads', () => { if (!readFileSync(__filename, 'utf8').includes('reads')) throw new Error('no'); });`,
  };
  const helper = 'exports.check = (name) => it(name, () => {});\n';

  it.each(Object.entries(honest))('lets a suite be that %s', async (_what, text) => {
    for (const command of ['mocha', 'mocha --parallel test/sum.js', 'mocha --expose-gc --exit']) {
      const suite = { ...files, 'test/sum.js': text, 'helper.js': helper };
      const runs = await guardedRuns(command, suite, { 'sum.js': right }, linked);
      expect({ command, ...runs }).toMatchObject({ believed: true, after: { guard: 'records', green: true, breaches: [] } });
      expect(runs.after.doubts.map((one) => one.kind)).toEqual(text.includes('helper') ? ['foreign-test'] : []);
    }
  });
});
