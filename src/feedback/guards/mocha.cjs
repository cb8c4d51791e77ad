'use strict';
/**
 * Guard of mocha, loaded with --require into the main process, whose reporter it is and where tests run, and into the workers of `--parallel`. The
 * reporter tells what mocha says; each test's function tells what became of it.
 */
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { watchAssertions, watchExpect } = require('./assertions.cjs');
const core = require('./core.cjs');
const watch = require('./watch.cjs');

const apply = Reflect.apply;
core.tidyArguments(__filename);
const guard = core.openGuard();
/** Files of tests: those that mocha loads as such, and those that register tests. */
const files = { __proto__: null };
const suiteFile = /[\\/]suite\.c?js$/;
let assertions;
let chai;
let chaiFunctions;
if (guard !== undefined) {
  write({ t: 'open' });
  assertions = watchAssertions(guard, join(process.cwd(), 'package.json'));
  watch.watchDebugger(guard);
  watch.watchReading(guard, (path) => files[path] === true);
  watchChai();
  watchSuites();
  if (guard.isMain) {
    core.handDown(guard, __filename, roleOf);
    module.exports = reporterClass();
  } else process.on('exit', checkAtEnd);
}

function write(fields) {
  guard.write({ __proto__: null, ...fields });
}

/** Mocha starts itself again when it is given options of Node. */
function roleOf(words) {
  if (words.some((word) => /[\\/]mocha[\\/]lib[\\/]nodejs[\\/]worker\.c?js$/.test(word))) return 'worker';
  const again = words.some((word) => /[\\/]mocha[\\/]lib[\\/]cli[\\/]cli\.c?js$/.test(word));
  return again && watch.callerFile() === undefined && isMochas(watch.scriptsOnStack()) ? 'main' : undefined;
}

function isMochas(names) {
  for (let i = 0; names !== undefined && i < names.length; i += 1) if (watch.isPackage(names[i], 'mocha')) return true;
  return false;
}

// ---- where tests run ------------------------------------------------------------------------------------------------------------

/** The chai that the tests of this folder use, if any. */
function watchChai() {
  try {
    chai = createRequire(join(process.cwd(), 'package.json'))('chai');
  } catch {
    // There is none, or none that this version of Node can load this way.
    return;
  }
  chaiFunctions = watchExpect(guard, undefined, chai.Assertion.prototype);
}

function watchSuites() {
  let Suite;
  let Runnable;
  try {
    const [suites, runnables] = ['suite.js', 'runnable.js'].map((name) => require(join(guard.home, '..', 'lib', name)));
    Suite = suites.Suite ?? suites;
    Runnable = runnables.Runnable ?? runnables;
  } catch {
    // A mocha that is put together in another way: what it says is heard, but not seen.
    return;
  }
  write({ t: 'open', sees: true });
  watchRetries(Suite, Runnable);
  const { addTest, emit } = Suite.prototype;
  Suite.prototype.emit = function (...words) {
    if (words[0] === 'pre-require') {
      core.tidyWords('--reporter', __filename);
      if (typeof words[2] === 'string') files[words[2]] = true;
    }
    return apply(emit, this, words);
  };
  Suite.prototype.addTest = function (test) {
    const file = test.file ?? '';
    files[file] = true;
    const registrar = watch.callerFile();
    if (registrar !== file) guard.doubt('foreign-test', 'A test was registered by a file that is no test file', registrar);
    if (typeof test.fn === 'function') test.fn = watchedFunction(test, file);
    return apply(addTest, this, [test]);
  };
}

/** Code under test that is tried until it passes passes. What a suite hands to its tests was set before. */
function watchRetries(...classes) {
  for (const { prototype } of classes) {
    const { retries } = prototype;
    prototype.retries = function (...given) {
      const names = given[0] > 0 ? watch.scriptsOnStack() : undefined;
      const isHandedOn = names !== undefined && watch.isPackage(names[0], 'mocha') && suiteFile.test(names[0]);
      const caller = names === undefined || isHandedOn ? undefined : watch.callerFile(names);
      if (caller !== undefined && files[caller] !== true)
        guard.doubt('patched', 'How often a test is tried was set from a file that is no test file', caller);
      return apply(retries, this, given);
    };
  }
}

function watchedFunction(test, file) {
  const begin = () => write({ t: 'start', file, name: nameOf(test) });
  const tell = (outcome, error) => {
    check();
    write({ t: 'saw', file, name: nameOf(test), outcome, message: outcome === 'failed' ? watch.stackOf(error) : undefined });
  };
  return watch.toldFunction(test.fn, (given) => given.length > 0, begin, tell);
}

function check() {
  if (assertions.isReplaced()) guard.breach('patched', 'Who asks for node:assert is given something else');
  chaiFunctions?.check();
}

function checkAtEnd() {
  const wrong = assertions.trouble() ?? chaiTrouble();
  if (wrong !== undefined) guard.breach('canary', wrong);
}

function chaiTrouble() {
  if (chai === undefined) return undefined;
  const one = Math.random();
  const fails = (ask) => {
    try {
      ask();
      return false;
    } catch {
      return true;
    }
  };
  if (!fails(() => chai.expect(one).to.equal(one + 1)) || !fails(() => chai.expect([one]).to.deep.equal([one + 1])))
    return 'chai passed where it must fail';
  if (!fails(() => chai.assert.strictEqual(one, one + 1)) || !fails(() => chai.assert(false))) return 'chai passed where it must fail';
  return fails(() => chai.expect({ a: one }).to.deep.equal({ a: one })) ? 'chai failed where it must pass' : undefined;
}

// ---- the reporter ---------------------------------------------------------------------------------------------------------------

function nameOf(test) {
  return (test.titlePath ? test.titlePath() : [test.fullTitle()]).join(' > ');
}

function fileOf(test) {
  return test.file ?? (test.parent ? fileOf(test.parent) : '');
}

/** For mocha 6 and later. */
function reporterClass() {
  let used = false;
  return class {
    constructor(runner) {
      if (used) guard.breach('reached-in', 'The reporter was called by somebody else than the runner');
      used = true;
      runner.on('test', (test) => write({ t: 'start', file: fileOf(test), name: nameOf(test) }));
      runner.on('pass', (test) => write({ t: 'case', file: fileOf(test), name: nameOf(test), outcome: 'passed', ms: test.duration }));
      runner.on('pending', (test) => write({ t: 'case', file: fileOf(test), name: nameOf(test), outcome: 'skipped' }));
      runner.on('fail', (test, error) => {
        const text = String(error?.stack ?? error?.message ?? error);
        const message = error?.message && !text.includes(error.message) ? `${error.message}\n${text}` : text;
        write({ t: 'case', file: fileOf(test), name: nameOf(test), outcome: 'failed', message, whole: test.type === 'hook' });
      });
      runner.on('end', () => {
        checkAtEnd();
        write({ t: 'end' });
      });
    }
  };
}
