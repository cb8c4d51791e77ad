"""
What the guards of pytest and unittest hold against the code under test: the functions that tests are judged by, and checks whose answer is known.
What tests replace and put back (input and output, time, chance) is nobody's business, nor are additions.
"""
import builtins
import os
import sys

deciding = (
    "AssertionError BaseException Exception abs all any bool bytes callable dict enumerate filter float frozenset getattr hasattr hash int isinstance "
    "issubclass iter len list map max min next object range repr reversed round set setattr sorted str sum tuple type vars zip"
).split()
function = type(lambda: None)
unittest_modules = ("unittest.case", "unittest.result", "unittest.suite", "unittest.runner", "unittest.loader", "unittest.async_case")


def functions_of(modules):
    """Built-in functions that comparisons are made with, and those of the modules and their classes: owner's name, its namespace, name, value."""
    found = [("builtins", vars(builtins), name, vars(builtins)[name]) for name in deciding]
    for label in modules:
        module = sys.modules.get(label)
        for name, value in list(vars(module).items()) if module is not None else ():
            if type(value) is function:
                found.append((label, vars(module), name, value))
            elif isinstance(value, type) and value.__module__ == label:
                space = type.__dict__["__dict__"].__get__(value)
                for inner, member in list(space.items()):
                    if callable(member) or isinstance(member, (staticmethod, classmethod, property)):
                        found.append((label + "." + name, space, inner, member))
    return found


def number():
    return 1000 + int.from_bytes(os.urandom(3), "big")


def own_checks(case_class):
    """Of a class of test cases, what it inherits of `unittest.TestCase` to check with: nobody can replace in the call what the test case itself has."""
    import unittest

    found = {}
    for name, value in vars(unittest.TestCase).items():
        is_check = name.startswith(("assert", "fail", "_baseAssert", "_getAssert", "_formatMessage", "_truncateMessage"))
        if is_check and type(value) is function and getattr(case_class, name, None) is value:
            found[name] = value
    return found


def unittest_trouble():
    """Asks `unittest` for what is known; what it got wrong."""
    import unittest

    one = number()
    other = one + 1 + number()
    checks = [
        (True, lambda case: case.assertEqual(one, one)),
        (True, lambda case: case.assertTrue(other > one)),
        (True, lambda case: case.assertRaises(KeyError, {}.__getitem__, one)),
        (False, lambda case: case.assertEqual(one, other)),
        (False, lambda case: case.assertEqual([one], [other])),
        (False, lambda case: case.assertEqual({"a": one}, {"a": other})),
        (False, lambda case: case.assertEqual(str(one), str(other))),
        (False, lambda case: case.assertTrue(one > other)),
        (False, lambda case: case.assertFalse(one < other)),
        (False, lambda case: case.assertIn(one, [other])),
        (False, lambda case: case.assertIs(one, other)),
        (False, lambda case: case.assertIsNone(one)),
        (False, lambda case: case.assertAlmostEqual(one, other)),
        (False, lambda case: case.assertRaises(ValueError, lambda: one)),
        (False, lambda case: case.fail()),
    ]
    for good, check in checks:
        result = unittest.TestResult()
        unittest.FunctionTestCase(lambda: check(unittest.TestCase())).run(result)
        told = (len(result.failures), len(result.errors), len(result.skipped), result.testsRun)
        if told != ((0, 0, 0, 1) if good else (1, 0, 0, 1)):
            return "A check of unittest that must " + ("pass" if good else "fail") + " did not"
    return None
