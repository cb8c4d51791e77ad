'use strict';
/**
 * What the guards of JavaScript runners watch the code under test with: who called whom, what became of a test, a debugger, the end of the process.
 * As in `core.cjs`, everything is taken before that code is loaded.
 */
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { fileURLToPath } = require('node:url');
const { getCallSites } = require('node:util');
const { isPromise } = require('node:util/types');
const { plain } = require('./core.cjs');

const { apply, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const startsWith = plain(String.prototype.startsWith);
const includes = plain(String.prototype.includes);
const ErrorHere = Error;
const Address = URL;
const Bytes = Uint8Array;
const hrefOf = plain(getOwnPropertyDescriptor(URL.prototype, 'href').get);

// ---- who called -----------------------------------------------------------------------------------------------------------------

const mostFrames = 60;
/** As many frames as it takes to see who called a function of ours. */
const nearFrames = 8;
const fileName = (() => {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, sites) => sites;
  const [site] = new Error().stack;
  Error.prepareStackTrace = prepare;
  return plain(Object.getPrototypeOf(site).getFileName);
})();

/**
 * Script names of the functions on the stack, innermost first and at most `frames`, without ours; undefined where that cannot be known. Read in a way that the code
 * on the stack has no say in where Node can (22.9 and later); before, an override of `Error.prepareStackTrace` that cannot be put aside stands in the way.
 */
function scriptsOnStack(frames = mostFrames) {
  const names = [];
  let count = 0;
  const add = (name) => {
    if (typeof name === 'string' && startsWith(name, __dirname)) return;
    defineProperty(names, count, { __proto__: null, value: typeof name === 'string' ? name : '' });
    count += 1;
  };
  if (getCallSites !== undefined) {
    const sites = getCallSites(frames);
    for (let i = 0; i < sites.length; i += 1) add(sites[i].scriptName);
    return names;
  }
  const { stackTraceLimit, prepareStackTrace } = ErrorHere;
  let reached = false;
  ErrorHere.stackTraceLimit = frames;
  ErrorHere.prepareStackTrace = (_error, sites) => {
    reached = true;
    for (let i = 0; i < sites.length; i += 1) add(fileName(sites[i]));
    return '';
  };
  void new ErrorHere().stack;
  ErrorHere.stackTraceLimit = stackTraceLimit;
  ErrorHere.prepareStackTrace = prepareStackTrace;
  return reached ? names : undefined;
}

function pathOf(name) {
  try {
    return startsWith(name, 'file:') ? fileURLToPath(name) : name;
  } catch {
    return name;
  }
}

/** The innermost file on the stack that is the workspace's own, none of Node's and no package's; or undefined. */
function callerFile(names = scriptsOnStack()) {
  for (let i = 0; names !== undefined && i < names.length; i += 1) {
    const name = names[i];
    if (name !== '' && !startsWith(name, 'node:') && !includes(name, '/node_modules/') && !includes(name, '\\node_modules\\'))
      return pathOf(name);
  }
  return undefined;
}

/** What a thrown value says of itself; whatever it is. */
function stackOf(error) {
  try {
    return String(error?.stack ?? error);
  } catch {
    return 'failed';
  }
}

/** Whether a script belongs to a package, or to one of its family (`@vitest/runner`). */
function isPackage(script, name) {
  return script !== undefined && (includes(script, `/node_modules/${name}/`) || includes(script, `/node_modules/@${name}/`));
}

// ---- what became of a test ------------------------------------------------------------------------------------------------------

const resolved = Promise.resolve.bind(Promise);
const then = plain(Promise.prototype.then);

/**
 * A test's function that calls `begin` before it and `tell(outcome, error)` once after it, whether it throws, gives a promise, or is done when the
 * last of its arguments is called (`isCallback` is asked of the arguments).
 */
function toldFunction(fn, isCallback, begin, tell) {
  const around = function (...given) {
    begin();
    let told = false;
    const once = (outcome, error) => {
      if (told) return;
      told = true;
      tell(outcome, error);
    };
    const withCallback = isCallback(given);
    if (withCallback) {
      const at = given.length - 1;
      const done = given[at];
      const watchedDone = function (error, ...more) {
        once(error ? 'failed' : 'passed', error);
        return apply(done, this, [error, ...more]);
      };
      given[at] = withProperties(watchedDone, done);
    }
    let result;
    try {
      result = apply(fn, this, given);
    } catch (error) {
      once('failed', error);
      throw error;
    }
    if (withCallback) return result;
    if (result === null || (typeof result !== 'object' && typeof result !== 'function')) {
      once('passed');
      return result;
    }
    const promise = isPromise(result) ? result : resolved(result);
    then(
      promise,
      () => once('passed'),
      (error) => once('failed', error),
    );
    return promise;
  };
  return withProperties(around, fn);
}

/** A function that looks like another one: its length, its name, and what was put on it. */
function withProperties(fn, like) {
  const keys = ownKeys(like);
  for (let i = 0; i < keys.length; i += 1) {
    if (getOwnPropertyDescriptor(fn, keys[i])?.configurable ?? true) defineProperty(fn, keys[i], getOwnPropertyDescriptor(like, keys[i]));
  }
  return fn;
}

// ---- what code under test reaches for -------------------------------------------------------------------------------------------

/** Calls `note(name)` before a function of `target` is called with what `isMeant` says yes to. */
function listenTo(target, name, isMeant, note) {
  const inner = target[name];
  if (typeof inner !== 'function') return;
  const value = function (...all) {
    if (isMeant(all[0])) note(name);
    return apply(inner, this, all);
  };
  defineProperty(target, name, {
    __proto__: null,
    value: withProperties(value, inner),
    writable: true,
    configurable: true,
    enumerable: true,
  });
}

/** Notes a debugger that is turned on the process from inside: it could read what our functions hold. Profilers are fine. */
function watchDebugger(guard) {
  let inspector;
  try {
    inspector = require('node:inspector');
  } catch {
    // A Node without it.
    return;
  }
  const note = (what) => guard.doubt('reached-in', `A debugger was turned on the tests' own process (${what})`, callerFile());
  const reads = ['Debugger.', 'Runtime.', 'HeapProfiler.'];
  const isReading = (method) => {
    for (let i = 0; i < reads.length; i += 1) if (typeof method === 'string' && startsWith(method, reads[i])) return true;
    return false;
  };
  listenTo(inspector.Session.prototype, 'post', isReading, note);
  listenTo(inspector, 'open', () => true, note);
  syncBuiltinESMExports();
}

const realPath = fs.realpathSync.native;
const decode = TextDecoder.prototype.decode.bind(new TextDecoder());

/** The path that a function of `fs` was given in any of the ways it takes; empty where it is none. */
function givenPath(path) {
  if (typeof path === 'string') return pathOf(path);
  if (path instanceof Address) return pathOf(hrefOf(path));
  return path instanceof Bytes ? decode(path) : '';
}

/** The same with its links and its folder resolved by the system, as the file will be opened. */
function openedPath(path) {
  try {
    return realPath(path);
  } catch {
    return path;
  }
}

/** Functions of `fs` that read the file they are given first, or give it another name. */
const readers = ['readFile', 'open', 'copyFile', 'cp', 'link', 'symlink', 'rename'];

/**
 * Notes code that reads the tests which run, by whatever name: it can answer what they expect. `isTestFile` is asked of the paths of files that are
 * opened.
 */
function watchReading(guard, isTestFile) {
  const isMeant = (given) => {
    const path = givenPath(given);
    return path !== '' && (isTestFile(path) || isTestFile(openedPath(path)));
  };
  const note = () => {
    const file = callerFile();
    if (file !== undefined && !isTestFile(file)) guard.doubt('reached-in', 'The code under test read its own tests', file);
  };
  for (const name of readers) {
    for (const one of [name, `${name}Sync`]) listenTo(fs, one, isMeant, note);
    listenTo(fs.promises, name, isMeant, note);
  }
  for (const name of ['createReadStream', 'openAsBlob']) listenTo(fs, name, isMeant, note);
  listenTo(process, 'binding', (name) => name === 'fs', note);
  syncBuiltinESMExports();
}

/**
 * Calls `onEnd` when the process ends as processes do: when nothing is left to do, or by `process.exit`. The latter is a doubt where the
 * workspace's own code calls it, or nobody known, and is fine where `mayExit` says so of the scripts on the stack. A process that is killed, or
 * leaves by a back door, never gets here: its end is missing.
 */
function watchExit(guard, mayExit, onEnd) {
  let ended = false;
  process.on('exit', (code) => {
    if (ended) return;
    ended = true;
    const stack = scriptsOnStack();
    let plainEnd = stack !== undefined;
    for (let i = 0; plainEnd && i < stack.length; i += 1) if (stack[i] !== '' && stack[i] !== 'node:events') plainEnd = false;
    const expected = plainEnd || code !== 0 || (stack !== undefined && mayExit(stack));
    if (!expected) guard.doubt('early-exit', 'The process of the tests was ended from inside', callerFile());
    onEnd(code, expected);
  });
}

const besides = ['./core.cjs', './assertions.cjs'].map((name) => require.resolve(name));

/** Nobody who asks for our files later gets what we hold: a second load starts afresh, without a ticket. */
function forget(file) {
  for (const one of [file, __filename, ...besides]) delete require.cache[one];
}

module.exports = {
  nearFrames,
  callerFile,
  forget,
  isPackage,
  pathOf,
  scriptsOnStack,
  stackOf,
  startsWith,
  toldFunction,
  watchDebugger,
  watchExit,
  watchReading,
};
