'use strict';
/**
 * Guard of vitest, loaded with --require into the main process, whose reporter it is, and into each worker, whose runner it becomes a part of.
 * The reporter tells what vitest says; the runner tells what became of each test's function, and asks `expect` for answers that are known.
 */
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { watchExpect } = require('./assertions.cjs');
const core = require('./core.cjs');
const watch = require('./watch.cjs');

core.tidyArguments(__filename);
const guard = core.openGuard();
/** Of a run in which lines are recorded. */
const recorder = process.env.TEAMWRIGHT_COVER === undefined ? undefined : require('./recorder.cjs');
/** The test file that this worker is at. */
let current;
if (guard !== undefined) {
  write({ t: 'open' });
  if (!guard.isMain) {
    // Vitest 5 and later send the maps of what they transform only to who has an inspector open.
    if (recorder !== undefined) require('node:inspector').url = () => 'recorded';
    watch.watchDebugger(guard);
    watch.watchReading(guard, (path) => path === current);
  } else
    core.handDown(guard, __filename, (words) =>
      // Other programs of vitest, such as the type checker, are told of files there.
      words.some((word) => /[\\/](vitest|tinypool)[\\/]dist[\\/].*\.[cm]?js$/.test(word)) ? 'worker' : undefined,
    );
}

function write(fields) {
  guard.write({ __proto__: null, ...fields });
}

if (guard !== undefined) module.exports = guard.isMain ? { Reporter: reporterClass() } : { runnerClass };

// ---- in the worker --------------------------------------------------------------------------------------------------------------

let expectations;

/** The runner of tests for this worker; vitest asks for it again for every file, before any code of the file. */
async function runnerClass() {
  const load = (name) => import(pathToFileURL(join(guard.home, 'dist', name)).href);
  const main = await load('index.js');
  const Base = main.TestRunner ?? (await load('runners.js')).VitestTestRunner;
  const getFn = Base.getTestFn ?? Base.getFn ?? (await load('suite.js')).getFn;
  expectations ??= watchExpect(guard, main.expect, main.chai?.Assertion.prototype ?? main.expect);
  recorder?.start();
  return watchedRunner(Base, getFn);
}

function watchedRunner(Base, getFn) {
  const getFrom = core.plain(WeakMap.prototype.get);
  const setIn = core.plain(WeakMap.prototype.set);
  const known = new WeakMap();
  const isVitest = (names) => names !== undefined && watch.isPackage(names[0], 'vitest');
  write({ t: 'open', sees: true });

  const nameOf = (test) => {
    let name = test.name;
    for (let suite = test.suite; suite !== undefined && suite.name !== '' && suite !== test.file; suite = suite.suite)
      name = `${suite.name} > ${name}`;
    return name;
  };

  class Runner extends Base {
    onCollectStart(file) {
      current = file.filepath;
      return super.onCollectStart?.(file);
    }

    /** Called as a test is registered. */
    extendTaskContext(context) {
      const test = context.task;
      const names = watch.scriptsOnStack();
      const registrar = watch.callerFile(names);
      if (isVitest(names)) setIn(known, test, { __proto__: null, fn: undefined });
      if (registrar !== test.file?.filepath) guard.doubt('foreign-test', 'A test was registered by a file that is no test file', registrar);
      return super.extendTaskContext?.(context) ?? context;
    }

    async onCollected(files) {
      await super.onCollected?.(files);
      const visit = (task) => {
        const one = getFrom(known, task);
        if (one !== undefined && one.fn === undefined) one.fn = getFn(task);
        for (const child of task.tasks ?? []) visit(child);
      };
      for (const file of files) visit(file);
    }

    async runTask(test) {
      const one = getFrom(known, test);
      const fn = getFn(test);
      if (one === undefined || !isVitest(watch.scriptsOnStack(watch.nearFrames))) return fn();
      if (one.fn !== fn) guard.doubt('patched', 'The function of a test was replaced');
      const file = test.file.filepath;
      const name = nameOf(test);
      const told = (passed, error) => {
        expectations.check();
        const outcome = passed === !test.fails ? 'passed' : 'failed';
        write({ t: 'saw', file, name, outcome, message: outcome === 'failed' ? watch.stackOf(error) : undefined });
      };
      write({ t: 'start', file, name });
      try {
        await fn();
      } catch (error) {
        told(false, error);
        throw error;
      }
      told(true);
    }

    onBeforeRunTask(test) {
      if (test.mode === 'run' || test.mode === 'queued') recorder?.begin(nameOf(test));
      return super.onBeforeRunTask?.(test);
    }

    async onAfterRunTask(test) {
      await super.onAfterRunTask?.(test);
      recorder?.end(test.result?.state === 'fail' ? 'failed' : 'passed');
    }

    async onAfterRunFiles(files) {
      recorder?.idle();
      expectations.atEnd();
      return super.onAfterRunFiles?.(files);
    }
  }
  return Runner;
}

// ---- the reporter ---------------------------------------------------------------------------------------------------------------

/** Vitest 3 and later tell of each test as it ends; older ones at the end of the run. */
function reporterClass() {
  const seen = new Set();
  /** Files of type tests: nothing in them runs, the type checker judges them. */
  let typed = new Set();
  let ended = false;

  const describe = (error) => {
    const head = (error.name ? `${error.name}: ` : '') + (error.message ?? String(error));
    const stack = String(error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n');
    return [head, error.diff, stack].filter(Boolean).join('\n');
  };
  const messages = (errors) => errors.map(describe).join('\n\n');

  function caseOf(test) {
    if (seen.has(test.id)) return;
    const { state, errors } = test.result();
    if (state === 'pending') return;
    seen.add(test.id);
    const expected = test.options?.fails === true;
    const file = test.module.moduleId;
    if (typed.has(file) && state !== 'skipped') write({ t: 'saw', file, name: test.fullName, outcome: state });
    write({
      t: 'case',
      file,
      name: test.fullName,
      outcome: state,
      message: state === 'failed' ? messages(errors ?? []) || (expected ? 'Expected to fail, but passed' : '') : undefined,
      ms: test.diagnostic?.()?.duration,
    });
  }

  return class {
    /** Tests that have a runner of their own, or run in contexts of node:vm, are heard of but not seen. */
    onInit({ config, projects = [] }) {
      for (const each of new Set([config, ...projects.map((project) => project.config)])) {
        if (each.runner === undefined && !/^vm|^browser|^typescript/.test(each.pool)) each.runner = join(__dirname, 'vitest-runner.mjs');
        else guard.doubt('unguarded', 'Tests in contexts or with a runner of their own were heard of, but not seen');
      }
    }
    /** The main process alone knows which files are type tests; what workers say of a file could be the code's own. */
    onTestRunStart(specifications) {
      const filesOf = (isTyped) => specifications.filter(({ pool }) => (pool === 'typescript') === isTyped).map(({ moduleId }) => moduleId);
      const run = new Set(filesOf(false));
      typed = new Set(filesOf(true).filter((file) => !run.has(file)));
    }
    onTestModuleQueued(module) {
      write({ t: 'start', file: module.moduleId, name: '' });
    }
    onTestCaseReady(test) {
      write({ t: 'start', file: test.module.moduleId, name: test.fullName });
    }
    onTestCaseResult(test) {
      caseOf(test);
    }
    onTestModuleEnd(module) {
      for (const test of module.children.allTests()) caseOf(test);
      for (const suite of module.children.allSuites()) {
        const errors = suite.errors?.() ?? [];
        if (errors.length > 0)
          write({ t: 'case', file: module.moduleId, name: suite.fullName, outcome: 'failed', message: messages(errors), whole: true });
      }
      const errors = module.errors();
      if (errors.length > 0)
        write({ t: 'case', file: module.moduleId, name: '', outcome: 'failed', message: messages(errors), whole: true });
      else write({ t: 'over', file: module.moduleId, name: '' });
    }
    onTestRunEnd(_modules, unhandled) {
      this.finish(unhandled);
    }
    onFinished(files = [], unhandled = []) {
      if (ended) return;
      if (seen.size === 0) for (const file of files) this.walk(file, file, []);
      this.finish(unhandled);
    }
    finish(unhandled) {
      if (ended) return;
      ended = true;
      if (unhandled?.length > 0)
        write({ t: 'case', file: '', name: 'unhandled error', outcome: 'failed', message: messages(unhandled), whole: true });
      write({ t: 'end' });
    }
    walk(file, task, names) {
      const result = task.result ?? {};
      const errors = result.errors ?? (result.error ? [result.error] : []);
      if (task.type === 'test' || task.type === 'custom') {
        const skipped = task.mode === 'skip' || task.mode === 'todo';
        const outcome = result.state === 'pass' ? 'passed' : result.state === 'fail' ? 'failed' : 'skipped';
        const message = outcome === 'failed' ? messages(errors) : undefined;
        write({
          t: 'case',
          file: file.filepath,
          name: names.join(' > '),
          outcome: skipped ? 'skipped' : outcome,
          message,
          ms: result.duration,
        });
      } else if (errors.length > 0) {
        write({ t: 'case', file: file.filepath, name: names.join(' > '), outcome: 'failed', message: messages(errors), whole: true });
      }
      for (const child of task.tasks ?? []) this.walk(file, child, [...names, child.name]);
    }
  };
}
