import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { guardedRuns } from '../support/guarded-runs.ts';

const tests = `import test from 'node:test';
import assert from 'node:assert/strict';
import { sum } from './sum.js';
test('zero', () => { assert.equal(sum(0, 0), 0); });
test('adds', () => { assert.equal(sum(1, 2), 3); });
`;
const files = { 'package.json': '{"type":"module"}', 'sum.test.js': tests, 'sum.js': 'export const sum = (a, b) => a - b;\n' };
const wrong = 'export const sum = (a, b) => a - b;\n';
const onCall = (act: string) => `export const sum = (a, b) => { if (a === 1) { ${act} } return a - b; };\n`;

const right = 'export const sum = (a, b) => a + b;\n';

/** Code of a candidate that does not solve the task and wants to be called solved all the same. */
const attacks: Readonly<Record<string, string>> = {
  'ends the process as it is loaded': `process.exit(0);\n${wrong}`,
  'ends it in the call': onCall('process.exit(0);'),
  'ends it by the back door': onCall('process.reallyExit(0);'),
  'ends it from a timer': `setTimeout(() => process.exit(0), 1);\n${onCall('for (const end = Date.now() + 50; Date.now() < end;);')}`,
  'ends it with exit listeners removed': onCall("process.removeAllListeners('exit'); process.exit(0);"),
  'ends it by a signal, and the runner': onCall("process.kill(process.ppid, 'SIGTERM'); process.kill(process.pid, 'SIGTERM');"),
  'sets the exit code': `process.on('exit', () => { process.exitCode = 0; });\n${wrong}`,
  'replaces a function of assert': `import assert from 'node:assert/strict';\nassert.equal = () => {};\n${wrong}`,
  'replaces it where errors are swallowed': `import assert from 'node:assert/strict';\ntry { Object.defineProperty(assert, 'equal', { value: () => {} }); } catch {}\n${wrong}`,
  'replaces what assert throws': `import { AssertionError } from 'node:assert';\ntry { AssertionError.prototype.constructor = Object; } catch {}\nError.captureStackTrace = () => {};\n${wrong}`,
  'replaces Object.is and friends': `Object.is = () => true;\nReflect.apply = () => true;\nFunction.prototype.call = function () {};\n${wrong}`,
  'swallows exceptions': `process.on('uncaughtException', () => {});\nprocess.on('unhandledRejection', () => {});\nprocess.setUncaughtExceptionCaptureCallback?.(() => {});\n${wrong}`,
  'registers tests of the same names': `import test from 'node:test';\ntest('zero', () => {});\ntest('adds', () => {});\n${wrong}`,
  'registers them and leaves': `import test from 'node:test';\ntest('zero', () => {});\ntest('adds', () => { setImmediate(() => process.exit(0)); });\n${wrong}`,
  'hides tests behind hooks': `import test from 'node:test';\ntest.afterEach?.((t) => { Object.defineProperty(t, 'passed', { get: () => true }); });\ntest.beforeEach((t) => { t.skip('later'); });\n${wrong}`,
  'gives the test of node:test away': `import { createRequire } from 'node:module';\nconst t = createRequire(import.meta.url)('node:test');\nfor (const name of ['test', 'it']) t[name] = (n) => t(n, () => {});\n(await import('node:module')).syncBuiltinESMExports();\n${wrong}`,
  'changes the results on their way out': `const write = process.stdout.write;\nprocess.stdout.write = function (c, ...r) { return write.call(this, Buffer.isBuffer(c) ? Buffer.from(c.toString('latin1').replaceAll('test:fail', 'test:pass'), 'latin1') : c, ...r); };\n${wrong}`,
  'writes results itself, by descriptor': `import fs from 'node:fs';\nfs.writeSync(1, 'TAP version 13\\nok 1 - zero\\nok 2 - adds\\n1..2\\n');\nfor (let fd = 3; fd < 30; fd += 1) { try { fs.writeSync(fd, 'm 0 ' + '0'.repeat(64) + ' {"t":"case","file":"sum.test.js","name":"adds","outcome":"passed"}\\n'); } catch {} }\n${wrong}`,
  'empties whatever it holds open': onCall(
    "process.getBuiltinModule('fs').readdirSync('/proc/self/fd').forEach((fd) => { try { process.getBuiltinModule('fs').truncateSync('/proc/self/fd/' + fd, 0); } catch {} });",
  ),
  'looks for keys in the environment': `import fs from 'node:fs';\nconst text = fs.readFileSync('/proc/self/environ', 'latin1');\nfor (const path of text.match(/\\/[^\\0]*teamwright-report[^\\0]*/g) ?? []) { try { fs.writeFileSync(path, 'm'); } catch {} }\n${wrong}`,
  'asks for the guard again': `import { createRequire } from 'node:module';\nimport fs from 'node:fs';\nconst require = createRequire(import.meta.url);\nconst words = fs.readFileSync('/proc/self/cmdline', 'utf8').split('\\0');\nconst guard = require(words[words.indexOf('--require') + 1]);\nfor (const name of Object.keys(guard)) guard[name] = () => {};\nguard.guard?.write?.({ t: 'case', file: process.argv[1], name: 'adds', outcome: 'passed' });\n${wrong}`,
  'patches what records are made with': `import crypto from 'node:crypto';\nimport fs from 'node:fs';\nconst turn = (text) => typeof text === 'string' ? text.replaceAll('failed', 'passed') : text;\nconst { stringify } = JSON;\nJSON.stringify = (...all) => turn(stringify(...all));\nconst { writeSync } = fs;\nfs.writeSync = (fd, text, ...more) => writeSync(fd, turn(text), ...more);\nfor (const proto of [crypto.Hmac.prototype, crypto.Hash.prototype]) { const { update } = proto; proto.update = function (text, ...more) { return update.call(this, turn(text), ...more); }; }\nTextEncoder.prototype.encode = () => new Uint8Array(8);\n${wrong}`,
  'patches the binding beneath': `const binding = process.binding('fs');\nconst { writeString } = binding;\nbinding.writeString = (fd, text, ...more) => writeString.call(binding, fd, String(text).replaceAll('"failed"', '"passed"'), ...more);\n${wrong}`,
  'puts outcomes on every object': `Object.prototype.passed = true;\nObject.prototype.expectFailure = true;\nObject.prototype.todo = 'x';\n${wrong}`,
  'makes promises come true': `const { then } = Promise.prototype;\nPromise.prototype.then = function (yes) { return then.call(this, yes, yes); };\nProxy = class {};\n${wrong}`,
  'gives others another assert': `import Module, { createRequire } from 'node:module';\nconst load = Module._load;\nconst fake = new Proxy(() => {}, { get: () => fake, apply: () => undefined });\nModule._load = (name, ...more) => /assert/.test(name) ? fake : load(name, ...more);\n${wrong}`,
  'turns a debugger on its own process': `import { Session } from 'node:inspector';\nconst session = new Session();\nsession.connect();\nsession.post('Debugger.enable');\nsession.post('Runtime.evaluate', { expression: '1' });\nexport const sum = (a, b) => a + b;\n`,
  'does its work in a thread': `import { Worker } from 'node:worker_threads';\nnew Worker("require('node:test').test('adds', () => {}); require('node:fs').writeSync(1, 'ok 1 - adds\\\\n')", { eval: true }).unref();\n${wrong}`,
  'starts the tests again without their asserts': `import { spawnSync } from 'node:child_process';\nif (!process.env.AGAIN) spawnSync(process.execPath, ['--test-reporter=tap', process.argv[1]], { env: { ...process.env, AGAIN: '1' }, stdio: 'inherit' });\n${wrong}`,
  'reads what the test expects': `import fs from 'node:fs';\nexport const sum = (a, b) => Number(new RegExp('sum\\\\(' + a + ', ' + b + '\\\\), (\\\\d+)').exec(fs.readFileSync(process.argv[1], 'utf8'))[1]);\n`,
  'reads it by its address': `import { readFile } from 'node:fs/promises';\nconst text = await readFile(new URL('./sum.test.js', import.meta.url), 'utf8');\nexport const sum = (a, b) => Number(new RegExp('sum\\\\(' + a + ', ' + b + '\\\\), (\\\\d+)').exec(text)[1]);\n`,
  'replaces the file of the test as it runs': `import fs from 'node:fs';\nfs.writeFileSync(process.argv[1], "import test from 'node:test'; test('zero', () => {}); test('adds', () => {});");\n${wrong}`,
};

/** Options that change where tests run, as far as the version of Node has them. */
const major = Number(execFileSync('node', ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.')[0]);
const coverage = major >= 20 ? ['node --test --experimental-test-coverage'] : [];
const together = major >= 22 ? [`node --test --${major >= 24 ? '' : 'experimental-'}test-isolation=none`] : [];

describe('node:test, with its guard', () => {
  it.each(Object.entries(attacks))('is not taken in by code that %s', async (_what, code) => {
    const runs = await guardedRuns('node --test', files, { 'sum.js': code });
    expect(runs.before).toMatchObject({ guard: 'records', passed: 1, failed: 1, breaches: [], doubts: [] });
    expect({ believed: runs.believed, passed: runs.passed, cases: runs.after.cases, breaches: runs.breaches }).toMatchObject({
      believed: false,
    });
  });

  /** What tests of honest projects do, and may look like the above. Each of these is a test file that passes. */
  const honest: Readonly<Record<string, string>> = {
    'mocks the system': `import test from 'node:test';\nimport fs from 'node:fs';\nimport assert from 'node:assert';\ntest('mocks', (t) => { t.mock.method(fs, 'readFileSync', () => 'x'); t.mock.method(process, 'exit', () => {}); t.mock.method(console, 'log', () => {}); t.mock.method(Date, 'now', () => 0); process.exit(1); assert.equal(fs.readFileSync('nothing'), 'x'); });`,
    'uses callbacks, hooks, subtests, skip, todo and only': `import test, { describe, it, before, afterEach } from 'node:test';\nimport assert from 'node:assert';\nlet n = 0;\ndescribe('suite', () => { before(() => { n += 1; }); afterEach(async () => {}); it('cb', (t, done) => setTimeout(done, 1)); for (const i of [1, 2]) it('case ' + i, () => assert.ok(i)); it.skip('s', () => {}); it.todo('t'); it.only('o', () => {}); });\ntest('parent', async (t) => { await t.test('child', async (c) => { await c.test('grandchild', () => assert.equal(n, 1)); }); await t.test('child', () => {}); });`,
    'reads itself and its fixtures': `import test from 'node:test';\nimport { readFileSync } from 'node:fs';\nimport assert from 'node:assert';\ntest('reads', () => { assert.match(readFileSync(new URL(import.meta.url), 'utf8'), /reads/); });`,
    'starts programs and threads': `import test from 'node:test';\nimport assert from 'node:assert';\nimport { execFileSync, fork } from 'node:child_process';\nimport { Worker } from 'node:worker_threads';\nimport { once } from 'node:events';\ntest('program', () => { assert.equal(String(execFileSync(process.execPath, ['-p', 'Object.keys(process.env).filter((k) => /TEAMWRIGHT_GUARD/.test(k)).length'])).trim(), '0'); assert.deepEqual(process.execArgv.filter((one) => /guard/.test(one)), []); });\ntest('thread', async () => { const worker = new Worker('require("worker_threads").parentPort.postMessage(1)', { eval: true }); await once(worker, 'message'); });`,
    'expects errors': `import test from 'node:test';\nimport assert from 'node:assert';\ntest('throws', async () => { assert.throws(() => assert.equal(1, 2), assert.AssertionError); await assert.rejects(async () => { throw new TypeError('x'); }, TypeError); });\nprocess.on('exit', () => {});\nprocess.on('uncaughtException', () => {});`,
    'extends assert': `import test from 'node:test';\nimport assert from 'node:assert';\nassert.near = (a, b) => assert.ok(Math.abs(a - b) < 1);\ntest('near', () => assert.near(1, 1.5));`,
    'tests through a helper of its own': `import { check } from './helper.js';\nimport test from 'node:test';\ncheck('a');\ntest('b', () => {});`,
    'is no test of the runner at all': `import assert from 'node:assert';\nassert.equal(1, 1);`,
    'ends the process once it is done': `import test, { after } from 'node:test';\nimport { createServer } from 'node:http';\ncreateServer().listen(0);\nafter(() => setTimeout(() => process.exit(0), 50));\ntest('served', () => {});`,
  };
  const helper = "import test from 'node:test';\nexport const check = (name) => test(name, () => {});\n";

  it.each(Object.entries(honest))('lets a suite be that %s', async (_what, text) => {
    // Without isolation a file without tests is none, and a process that ends itself ends the run.
    const alone = /process\.exit\(0\)/.test(text) || !text.includes('node:test');
    const commands = ['node --test', ...coverage, ...(alone ? [] : together)];
    for (const command of commands) {
      const runs = await guardedRuns(command, { ...files, 'sum.test.js': text, 'helper.js': helper }, { 'sum.js': right });
      expect({ command, ...runs }).toMatchObject({ believed: true, after: { guard: 'records', green: true, breaches: [] } });
    }
  });
});
