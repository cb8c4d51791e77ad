/**
 * What both Python reporters hold against the code under test: whether functions the tests are judged by were replaced, and whether checks still
 * tell right from wrong. Needs `_write`. What tests mock and put back (files, time, chance) is not looked at.
 */
export const pythonWatch = `
import builtins
import types
import unittest

_kept = []


def _hold(owner, name, value):
    plain = getattr(value, "__func__", value)
    _kept.append((owner, name, value, plain, getattr(plain, "__code__", None), getattr(plain, "__defaults__", None)))


def _remember(*modules):
    for name in ("AssertionError", "isinstance", "len", "all", "any", "abs", "repr"):
        _hold(builtins, name, getattr(builtins, name))
    for module in modules:
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if isinstance(value, types.FunctionType):
                _hold(module, name, value)
            elif isinstance(value, type):
                _hold(module, name, value)
                for inner, one in list(vars(value).items()):
                    if isinstance(one, (types.FunctionType, staticmethod, classmethod, property)):
                        _hold(value, inner, one)


def _compare(kept=_kept, told=set(), write=_write, vars=vars, getattr=getattr):
    for owner, name, value, plain, code, defaults in kept:
        same = vars(owner).get(name) is value and getattr(plain, "__code__", None) is code
        if same and getattr(plain, "__defaults__", None) is defaults:
            continue
        detail = "Replaced: %s.%s" % (owner.__name__, name)
        if detail not in told:
            told.add(detail)
            write({"t": "breach", "kind": "patched", "detail": detail})


def _canaries(write=_write, case=unittest.TestCase, result=unittest.TestResult, urandom=os.urandom):
    one = int.from_bytes(urandom(6), "big")
    other = one + 1 + urandom(1)[0]

    class Canary(case):
        def right(self):
            self.assertEqual(one, int(str(one)))
            self.assertTrue(other > one)
            self.assertRaises(KeyError, {}.__getitem__, one)

        def wrong_equal(self):
            self.assertEqual(one, other)

        def wrong_truth(self):
            self.assertTrue(one > other)

        def wrong_raise(self):
            self.assertRaises(KeyError, {one: other}.__getitem__, one)

    for name in ("right", "wrong_equal", "wrong_truth", "wrong_raise"):
        seen = result()
        Canary(name).run(seen)
        if (len(seen.failures), len(seen.errors), seen.testsRun) != (int(name != "right"), 0, 1):
            write({"t": "breach", "kind": "canary", "detail": "A check of unittest gave the wrong answer: " + name})
`;
