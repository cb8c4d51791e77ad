'use strict';
/**
 * What the guards of JavaScript runners watch the code under test with: who called whom, the assertion library, a debugger, the end of the
 * process. As in `core.cjs`, everything is taken before that code is loaded.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const { createRequire, syncBuiltinESMExports } = require('node:module');
const { fileURLToPath } = require('node:url');
const { getCallSites } = require('node:util');
const { plain } = require('./core.cjs');

const coreFile = require.resolve('./core.cjs');

const { apply, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const startsWith = plain(String.prototype.startsWith);
const includes = plain(String.prototype.includes);
const { random } = Math;
const ErrorHere = Error;
const Address = URL;
const hrefOf = plain(getOwnPropertyDescriptor(URL.prototype, 'href').get);
const ObjectPrototype = Object.prototype;

// ---- who called -----------------------------------------------------------------------------------------------------------------

const frames = 60;
const fileName = (() => {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, sites) => sites;
  const [site] = new Error().stack;
  Error.prepareStackTrace = prepare;
  return plain(Object.getPrototypeOf(site).getFileName);
})();

/**
 * Script names of the functions on the stack, innermost first, without ours; undefined where that cannot be known. Read in a way that the code
 * on the stack has no say in where Node can (22.9 and later); before, an override of `Error.prepareStackTrace` that cannot be put aside stands in the way.
 */
function scriptsOnStack() {
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

// ---- what code under test must not reach ----------------------------------------------------------------------------------------

/** Functions of an object can from now on neither be replaced nor redefined. Trying to is an error in strict code, and nothing in sloppy code. */
function lock(target) {
  const keys = ownKeys(target);
  for (let i = 0; i < keys.length; i += 1) {
    const held = getOwnPropertyDescriptor(target, keys[i]);
    if (typeof held.value !== 'function' || !held.configurable) continue;
    defineProperty(target, keys[i], { __proto__: null, writable: false, configurable: false });
  }
}

/** Names on `Object.prototype` that a runner or an assertion library would take for an outcome: nobody puts them there in earnest. */
const pollution = [
  'passed',
  'failed',
  'pass',
  'fail',
  'fails',
  'error',
  'errors',
  'err',
  'state',
  'status',
  'outcome',
  'pending',
  'skip',
  'todo',
];

const assertNames = ['node:assert', 'assert', 'node:assert/strict', 'assert/strict'];

/** Watches `node:assert` as `file` has it. */
function watchAssertions(guard, file) {
  lock(assert);
  lock(assert.strict);
  lock(assert.AssertionError.prototype);
  if (assert.Assert !== undefined) lock(assert.Assert.prototype);
  watchOwnAssertions(guard);
  const ask = createRequire(file);
  return {
    __proto__: null,
    /** Whether a file that asks for it now is given something else. */
    isReplaced() {
      for (let i = 0; i < assertNames.length; i += 1) if (ask(assertNames[i]) !== (i < 2 ? assert : assert.strict)) return true;
      return false;
    },
    /** What answers wrongly, or undefined: what is locked can still be changed from beneath. */
    trouble() {
      for (let i = 0; i < pollution.length; i += 1) {
        if (getOwnPropertyDescriptor(ObjectPrototype, pollution[i]) !== undefined) return `Object.prototype.${pollution[i]} was set`;
      }
      return checkTrouble(assert) ?? checkTrouble(assert.strict);
    },
  };
}

/** A project may give the assertions of a test's context more functions, but hardly other ones of the same names. */
function watchOwnAssertions(guard) {
  const { assert: registry } = require('node:test');
  if (registry?.register === undefined) return;
  const { register } = registry;
  const value = function (name, fn) {
    if (getOwnPropertyDescriptor(assert, name) !== undefined) guard.doubt('patched', `t.assert.${name} was replaced`, callerFile());
    return apply(register, this, [name, fn]);
  };
  defineProperty(registry, 'register', { __proto__: null, value, writable: true, configurable: true });
}

/** Checks with values of the moment whose answer is known. */
function checkTrouble(library) {
  const one = random();
  const other = one + 1 + random();
  const mustFail = [
    ['equal', [one, other]],
    ['strictEqual', [one, other]],
    ['deepEqual', [{ a: one }, { a: other }]],
    ['deepStrictEqual', [[one], [other]]],
    ['notStrictEqual', [one, one]],
    ['ok', [0]],
    ['match', [`${one}`, /^x/]],
  ];
  for (let i = 0; i < mustFail.length; i += 1) {
    let threw = false;
    try {
      apply(library[mustFail[i][0]], library, mustFail[i][1]);
    } catch {
      threw = true;
    }
    if (!threw) return `assert.${mustFail[i][0]} passed where it must fail`;
  }
  try {
    library.strictEqual(one, one);
    library.deepStrictEqual({ a: [one] }, { a: [one] });
    library.throws(() => library.ok(false));
  } catch {
    return 'assert failed where it must pass';
  }
  return undefined;
}

/** Watches the functions of `target`, in which the assertions of `expect` are, for others in their place, and what `expect` answers at the end. */
function watchExpect(guard, expect, target) {
  const held = { __proto__: null };
  const keys = ownKeys(target);
  const functionOf = (key) => {
    const property = getOwnPropertyDescriptor(target, key);
    return property?.value ?? property?.get;
  };
  for (let i = 0; i < keys.length; i += 1) held[keys[i]] = functionOf(keys[i]);
  return {
    __proto__: null,
    check() {
      for (let i = 0; i < keys.length; i += 1) {
        if (held[keys[i]] !== functionOf(keys[i])) guard.doubt('patched', `${String(keys[i])} of the assertion library was replaced`);
      }
    },
    atEnd() {
      const wrong = expectTrouble(expect);
      if (wrong !== undefined) guard.breach('canary', wrong);
    },
  };
}

function expectTrouble(expect) {
  const one = random();
  const other = one + 1 + random();
  const checks = [
    ['toBe', one, other, one],
    ['toEqual', { a: [one] }, { a: [other] }, { a: [one] }],
    ['toStrictEqual', { a: [one] }, { a: [other] }, { a: [one] }],
    ['toContain', [one], other, one],
    ['toMatch', `${one}`, /^x/, /^[0-9.e-]+$/],
    ['toBeGreaterThan', one, other, one - 1],
  ];
  for (let i = 0; i < checks.length; i += 1) {
    const [name, value, wrong, right] = checks[i];
    if (holds(expect, name, value, wrong)) return `${name} passed where it must fail`;
    if (!holds(expect, name, value, right)) return `${name} failed where it must pass`;
  }
  return undefined;
}

function holds(expect, name, value, expected) {
  try {
    expect(value)[name](expected);
    return true;
  } catch {
    return false;
  }
}

/** Calls `note(name)` before a function of `target` is called with what `isMeant` says yes to. */
function listenTo(target, name, isMeant, note) {
  const inner = target[name];
  if (typeof inner !== 'function') return;
  const value = function (...all) {
    if (isMeant(all[0])) note(name);
    return apply(inner, this, all);
  };
  for (const key of ownKeys(inner))
    if (getOwnPropertyDescriptor(value, key)?.configurable ?? true) defineProperty(value, key, getOwnPropertyDescriptor(inner, key));
  defineProperty(target, name, { __proto__: null, value, writable: true, configurable: true, enumerable: true });
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

/** Notes code that reads the tests which run: it can answer what they expect. `isTestFile` is asked of the paths of files that are opened. */
function watchReading(guard, isTestFile) {
  const isMeant = (path) => isTestFile(typeof path === 'string' ? pathOf(path) : path instanceof Address ? pathOf(hrefOf(path)) : '');
  const note = () => {
    const file = callerFile();
    if (file !== undefined && !isTestFile(file)) guard.doubt('reached-in', 'The code under test read its own tests', file);
  };
  for (const name of ['readFile', 'readFileSync', 'open', 'openSync', 'createReadStream', 'copyFileSync'])
    listenTo(fs, name, isMeant, note);
  for (const name of ['readFile', 'open']) listenTo(fs.promises, name, isMeant, note);
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

/** Nobody who asks for our files later gets what we hold: a second load starts afresh, without a ticket. */
function forget(file) {
  delete require.cache[file];
  delete require.cache[__filename];
  delete require.cache[coreFile];
}

module.exports = {
  callerFile,
  forget,
  isPackage,
  lock,
  pathOf,
  scriptsOnStack,
  stackOf,
  startsWith,
  watchAssertions,
  watchDebugger,
  watchExit,
  watchExpect,
  watchReading,
};
