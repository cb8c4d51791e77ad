'use strict';
/**
 * What the guards of JavaScript runners watch assertion libraries with: functions in the place of others, and answers that are known. As in `core.cjs`,
 * everything is taken before the code under test is loaded.
 */
const assert = require('node:assert');
const { createRequire } = require('node:module');
const { callerFile } = require('./watch.cjs');

const { apply, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { random } = Math;
const ObjectPrototype = Object.prototype;

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
  // With a message of ours: making one is most of the work.
  const why = 'a check of the guard';
  const mustFail = [
    ['equal', [one, other, why]],
    ['strictEqual', [one, other, why]],
    ['deepEqual', [{ a: one }, { a: other }, why]],
    ['deepStrictEqual', [[one], [other], why]],
    ['notStrictEqual', [one, one, why]],
    ['ok', [0, why]],
    ['match', [`${one}`, /^x/, why]],
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
    library.throws(() => library.ok(false, why));
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

module.exports = { watchAssertions, watchExpect };
