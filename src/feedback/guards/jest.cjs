'use strict';
/**
 * Guard of jest, loaded with --require into the main process, whose reporter it is, and into each worker. The reporter tells what jest says. Where
 * tests run, in a worker or in the main process, the guard listens to what jest-circus says of each test's function, and asks `expect` for
 * answers that are known.
 */
const Module = require('node:module');
const { watchAssertions, watchExpect } = require('./assertions.cjs');
const core = require('./core.cjs');
const watch = require('./watch.cjs');

core.tidyArguments(__filename);
const guard = core.openGuard();
/** Of a run in which lines are recorded. */
const recorder = process.env.TEAMWRIGHT_COVER === undefined ? undefined : require('./recorder.cjs');
/** The test file that this process is at. */
let current;
let assertions;
if (guard !== undefined) {
  write({ t: 'open' });
  watch.watchDebugger(guard);
  watch.watchReading(guard, (path) => path === current);
  assertions = watchAssertions(guard, __filename);
  watchCircus();
  if (guard.isMain)
    core.handDown(guard, __filename, (words) =>
      words.some((word) => /[\\/]jest-worker[\\/]build[\\/]/.test(word)) ? 'worker' : undefined,
    );
}
if (guard?.isMain) module.exports = reporterClass();

function write(fields) {
  guard.write({ __proto__: null, ...fields });
}

// ---- where tests run ------------------------------------------------------------------------------------------------------------

/** Listens to every run of jest-circus, which tests share a context with; its own word is what counts, told from its own script. */
function watchCircus() {
  const load = Module._load;
  Module._load = function (request, ...more) {
    const loaded = Reflect.apply(load, this, [request, ...more]);
    if (!/[\\/]jest-circus[\\/](build[\\/])?runner(\.js)?$/.test(request)) return loaded;
    const run = loaded.default ?? loaded;
    return async (globalConfig, config, environment, runtime, testPath, ...rest) => {
      current = testPath;
      recorder?.start();
      const handler = watchedFile(testPath, environment);
      const own = environment.handleTestEvent;
      environment.handleTestEvent = function (event, state) {
        handler(event, state);
        if (recorder !== undefined) record(event);
        return own === undefined ? undefined : Reflect.apply(own, this, [event, state]);
      };
      return run(globalConfig, config, environment, runtime, testPath, ...rest);
    };
  };
}

/** Circus does not tell the end of tests that it leaves out. */
function record({ name, test }) {
  if (name === 'test_start') recorder.begin(nameOf(test));
  else if (name === 'test_done') recorder.end(test.errors.length > 0 ? 'failed' : 'passed');
  else if (name === 'test_skip' || name === 'test_todo' || name === 'run_finish') recorder.idle();
}

function watchedFile(file, environment) {
  const getFrom = core.plain(WeakMap.prototype.get);
  const setIn = core.plain(WeakMap.prototype.set);
  const known = new WeakMap();
  let expectations;
  let given;
  write({ t: 'open', sees: true });

  const check = () => {
    expectations.check();
    if (given.injected && environment.global.expect !== given.expect) guard.doubt('patched', 'expect was replaced');
  };
  const told = ({ test, error }, passed) => {
    const one = getFrom(known, test);
    if (one === undefined) return;
    if (!one.running) guard.breach('contradiction', `Two outcomes of one test: ${nameOf(test)}`);
    one.running = false;
    check();
    write({
      t: 'saw',
      file,
      name: nameOf(test),
      outcome: passed ? 'passed' : 'failed',
      message: passed ? undefined : watch.stackOf(error),
    });
  };
  const watchRetries = () => {
    const name = Symbol.for('RETRY_TIMES');
    let times = environment.global[name];
    Object.defineProperty(environment.global, name, {
      configurable: true,
      get: () => times,
      set(value) {
        const caller = watch.callerFile();
        if (caller !== undefined && caller !== file)
          guard.doubt('patched', 'How often a test is tried was set from a file that is no test file', caller);
        times = value;
      },
    });
  };
  const handlers = {
    __proto__: null,
    setup({ runtimeGlobals }) {
      const matchers = environment.global[Symbol.for('$$jest-matchers-object')]?.matchers;
      given = { expect: runtimeGlobals.expect, injected: environment.global.expect === runtimeGlobals.expect };
      watchRetries();
      expectations = watchExpect(guard, given.expect, matchers ?? given.expect);
    },
    add_test(event, state, names) {
      const { children, tests } = state.currentDescribeBlock;
      const all = children ?? tests;
      const test = all[all.length - 1];
      const registrar = watch.callerFile(names);
      if (registrar !== file) guard.doubt('foreign-test', 'A test was registered by a file that is no test file', registrar);
      // Those that run side by side are given another function by jest itself.
      setIn(known, test, { __proto__: null, fn: event.concurrent ? undefined : event.fn, running: false });
    },
    test_fn_start({ test }) {
      const one = getFrom(known, test);
      if (one === undefined) return;
      if (one.fn !== undefined && one.fn !== test.fn) guard.doubt('patched', 'The function of a test was replaced');
      one.running = true;
    },
    test_fn_success: (event) => told(event, true),
    test_fn_failure: (event) => told(event, false),
    run_finish() {
      expectations.atEnd();
      const wrong = assertions.trouble();
      if (wrong !== undefined) guard.breach('canary', wrong);
    },
  };
  return (event, state) => {
    const handle = handlers[event.name];
    if (handle === undefined) return;
    const names = watch.scriptsOnStack(event.name === 'add_test' ? undefined : watch.nearFrames);
    if (names === undefined || watch.isPackage(names[0], 'jest-circus')) handle(event, state, names);
  };
}

function nameOf(test) {
  let { name } = test;
  for (let block = test.parent; block?.parent !== undefined; block = block.parent) name = `${block.name} > ${name}`;
  return name;
}

// ---- the reporter ---------------------------------------------------------------------------------------------------------------

/** For jest 24 and later. */
function reporterClass() {
  const nameOf = (one) => [...(one.ancestorTitles ?? []), one.title].join(' > ');

  function caseOf(file, one) {
    const outcome = one.status === 'passed' || one.status === 'focused' ? 'passed' : one.status === 'failed' ? 'failed' : 'skipped';
    const message = outcome === 'failed' ? (one.failureMessages ?? []).join('\n\n') : undefined;
    write({ t: 'case', file, name: nameOf(one), outcome, message, ms: one.duration });
  }

  return class {
    constructor() {
      core.tidyWords(`--reporters=${__filename}`, '--ci');
    }
    onTestFileStart(test) {
      write({ t: 'start', file: test.path, name: '' });
    }
    onTestCaseStart(test, info) {
      write({ t: 'start', file: test.path, name: nameOf(info) });
    }
    onTestResult(test, result) {
      // At the end of the file only: of a test that is tried again, earlier news is of the failure that made it so.
      for (const one of result.testResults ?? []) caseOf(test.path, one);
      const trouble = String(result.failureMessage || result.testExecError?.message || '').replace(
        /Jest failed to parse a file[\s\S]*?Details:\s*/,
        '',
      );
      if (result.testExecError || (result.failureMessage && (result.testResults ?? []).length === 0)) {
        write({ t: 'case', file: test.path, name: '', outcome: 'failed', message: trouble, whole: true });
      } else write({ t: 'over', file: test.path, name: '' });
    }
    onRunComplete() {
      write({ t: 'end' });
    }
  };
}
