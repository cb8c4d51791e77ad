'use strict';
/**
 * Guard of node:test (Node 18.15 and later), loaded with --require into the runner's process and into the process of each test file; in the
 * former it is the reporter as well. The reporter tells what the runner says; the watch tells what became of each test's function.
 */
const { createHook } = require('node:async_hooks');
const { readFileSync } = require('node:fs');
const { isAbsolute, resolve } = require('node:path');
const { watchAssertions } = require('./assertions.cjs');
const core = require('./core.cjs');
const watch = require('./watch.cjs');

/** The newest version that the tests of this guard ran on. */
const newestNode = 26;

core.tidyArguments(__filename, '--test-reporter', '--test-reporter-destination');
const guard = core.openGuard();
if (guard !== undefined) {
  const isFile = process.env.NODE_TEST_CONTEXT !== undefined;
  const inside = process.execArgv.some((word) => /^--(experimental-)?test-isolation(=none)?$/.test(word));
  guard.write({ __proto__: null, t: 'open' });
  if (isFile || inside) watchTests(isFile && !inside ? (process.argv[1] ?? '') : undefined);
  if (guard.isMain && !inside)
    core.handDown(guard, __filename, (_words, variables) =>
      variables.some((one) => one.startsWith('NODE_TEST_CONTEXT=')) ? 'worker' : undefined,
    );
  if (guard.isMain) module.exports = reporter();
  else watch.forget(__filename);
}

// ---- the watch ------------------------------------------------------------------------------------------------------------------

/** `entry` is the one test file of this process; undefined where several share it. */
function watchTests(entry) {
  const { defineProperty, getPrototypeOf } = Reflect;
  const getFrom = core.plain(WeakMap.prototype.get);
  const setIn = core.plain(WeakMap.prototype.set);
  const has = core.plain(Object.prototype.hasOwnProperty);

  const assertions = watchAssertions(guard, entry ?? __filename);
  watch.watchDebugger(guard);
  if (entry !== undefined) watch.watchReading(guard, (file) => file === entry);
  const known = new WeakMap();
  // Later versions of Node have to show first that tests can be seen the way this is done.
  if (Number(process.versions.node.split('.')[0]) <= newestNode) guard.write({ __proto__: null, t: 'open', sees: true });
  let tests = 0;
  if (entry !== undefined) guard.write({ __proto__: null, t: 'start', file: entry, name: '' });

  /** A test may say of itself that it fails (Node 24.8 and later); one that is only told so from elsewhere is no such test. */
  const mayFail = textOf(entry).includes('expectFailure');

  const checkAssertions = () => {
    if (assertions.isReplaced()) guard.breach('patched', 'Who asks for node:assert is given something else');
  };

  /** The function of a test that tells what became of it. */
  const watched = (test, one) => {
    const file = entry ?? one.at ?? '';
    const begin = () => guard.write({ __proto__: null, t: 'start', file, name: one.path });
    const tell = (outcome, error) => {
      checkAssertions();
      const turned = mayFail && test.expectFailure ? (outcome === 'passed' ? 'failed' : 'passed') : outcome;
      const message = turned === 'failed' ? watch.stackOf(error) : undefined;
      guard.write({ __proto__: null, t: 'saw', file, at: one.at, name: one.path, outcome: turned, message });
    };
    return watch.toldFunction(one.fn, (given) => one.fn.length === given.length && given.length > 1, begin, tell);
  };

  /** Called as the runner gives a new test its function, and should anybody give it another one. */
  const setFunction = (test, fn) => {
    const one = getFrom(known, test);
    if (one !== undefined) {
      // Suites drop theirs once it has run.
      if (test.reportedType === 'test' && one.fn !== fn) guard.doubt('patched', 'The function of a test was replaced', watch.callerFile());
      else one.shown = fn;
      return;
    }
    const parent = test.parent ? getFrom(known, test.parent) : undefined;
    const path = parent === undefined || parent.path === '' ? test.name : `${parent.path} > ${test.name}`;
    const made = { __proto__: null, fn, shown: fn, path: test.parent ? path : '', at: undefined };
    setIn(known, test, made);
    if (getPrototypeOf(test) !== testPrototype || !test.parent || typeof fn !== 'function') return;
    tests += 1;
    const names = watch.scriptsOnStack();
    // Where the runner says the test stands: who called it, be it a package.
    for (let i = 0; names !== undefined && made.at === undefined && i < names.length; i += 1) {
      if (names[i] !== '' && !watch.startsWith(names[i], 'node:')) made.at = watch.pathOf(names[i]);
    }
    const registrar = watch.callerFile(names);
    if (registrar !== entry) guard.doubt('foreign-test', 'A test was registered by a file that is no test file', registrar);
    made.shown = watched(test, made);
  };

  // The runner's class for tests is not to be had in any other way than from the first of them.
  let testPrototype;
  const first = createHook({
    init(_id, type, _trigger, resource) {
      if (type !== 'Test' || testPrototype !== undefined) return;
      let prototype = resource;
      while (prototype !== null && !has(prototype, 'createSubtest')) prototype = getPrototypeOf(prototype);
      if (prototype === null) return;
      testPrototype = prototype;
      first.disable();
      guard.write({ __proto__: null, t: 'open', sees: true });
      defineProperty(prototype, 'fn', {
        __proto__: null,
        configurable: false,
        get() {
          return getFrom(known, this)?.shown;
        },
        set(fn) {
          setFunction(this, fn);
        },
      });
    },
  }).enable();

  const isRunners = (names) => {
    for (let i = 0; i < names.length; i += 1) if (watch.startsWith(names[i], 'node:internal/test_runner/')) return true;
    return entry !== undefined && watch.callerFile(names) === entry;
  };
  watch.watchExit(guard, isRunners, (code, expected) => {
    first.disable();
    checkAssertions();
    const wrong = assertions.trouble();
    if (wrong !== undefined) guard.breach('canary', wrong);
    if (entry === undefined || (tests === 0 && !expected)) return;
    // A file without tests of the runner is one itself.
    if (tests === 0 && code === 0) guard.write({ __proto__: null, t: 'saw', file: entry, name: '', outcome: 'passed' });
    guard.write({ __proto__: null, t: 'over', file: entry, name: '' });
  });
}

function textOf(file) {
  try {
    return file === undefined ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

// ---- the reporter ---------------------------------------------------------------------------------------------------------------

/** Characters of what tests print that are passed on. */
const printLimit = 1024 * 1024;

/** The runner's reporter, for one run. Tests print through it, so it also limits what they print. */
function reporter() {
  let used = false;
  return async function* report(source) {
    if (used) return guard.breach('reached-in', 'The reporter was called by somebody else than the runner');
    used = true;
    watch.forget(__filename);
    const names = [];
    const printed = new Map();
    let yielded = 0;
    for await (const { type, data } of source) {
      if (type === 'test:stdout' || type === 'test:stderr') {
        const file = absolute(data.entryFile ?? data.file ?? '');
        const text = String(data.message);
        printed.set(file, ((printed.get(file) ?? '') + text).slice(-8000));
        if (yielded < printLimit) {
          yielded += text.length;
          yield text;
        }
      } else if (type === 'test:diagnostic' && /generated asynchronous activity/.test(data.message)) {
        // What went wrong after its test had ended fails the file, which knows no reason itself.
        const file = absolute(data.entryFile ?? data.file ?? '');
        printed.set(file, `${printed.get(file) ?? ''}${data.message}\n`);
      } else if (type === 'test:start') {
        names[data.nesting] = data.name;
        names.length = data.nesting + 1;
      } else if (type === 'test:pass' || type === 'test:fail') {
        record(type === 'test:pass', data, names, printed);
      }
    }
    guard.write({ __proto__: null, t: 'end' });
  };
}

function record(passed, data, names, printed) {
  const file = absolute(data.entryFile ?? data.file ?? '');
  const ofFile = data.nesting === 0 && data.file !== undefined && absolute(data.name) === absolute(data.file);
  const name = ofFile ? '' : [...names.slice(0, data.nesting), data.name].join(' > ');
  const error = data.details?.error;
  const kind = error?.failureType;
  if (kind === 'subtestsFailed') return;
  const suite = data.details?.type === 'suite';
  if (suite && passed) return;
  const outcome = !passed && data.todo === undefined ? 'failed' : data.skip !== undefined || data.todo !== undefined ? 'skipped' : 'passed';
  const message = passed ? undefined : ofFile ? printed.get(file) || describe(error) : describe(error);
  guard.write({
    __proto__: null,
    ...{ t: 'case', file, name, outcome, message, ms: data.details?.duration_ms, whole: ofFile || suite },
  });
}

function describe(error) {
  const cause = error?.cause;
  if (cause === undefined || cause === null) return String(error?.message ?? error);
  if (typeof cause !== 'object') return String(cause);
  const stack = String(cause.stack ?? '');
  const text = String(cause.message ?? error.message ?? '');
  return stack.includes(text) && stack !== '' ? stack : `${cause.name ?? 'Error'}: ${text}\n${stack}`;
}

/** Node 18 names modules by their address. */
function absolute(name) {
  const file = watch.pathOf(name);
  return file === '' || isAbsolute(file) ? file : resolve(file);
}
