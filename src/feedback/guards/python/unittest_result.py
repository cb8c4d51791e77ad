"""
Guard of unittest: its result class tells what unittest says of a test, and a witness around the test's method tells what became of it.
"""
import sys
import unittest

# Frames of this code are no part of a failure.
__unittest = True


def install(tell, watch, starts_it=False):
    """
    Lets the program that `python -m unittest` starts next have a runner of ours; with `starts_it` a program that makes a runner by itself, such as
    Django's `manage.py test`.
    """
    keep = [name for name in watch["unittest_modules"] if name in sys.modules]
    tell({"t": "keep", "functions": watch["functions_of"](keep), "hot": True})
    tell({"t": "open", "sees": True})
    runner = runner_class(tell, watch)
    if starts_it:
        # Who inherits from the runner or makes one gets ours; the tests of ours may do so as they like.
        unittest.TextTestRunner = unittest.runner.TextTestRunner = runner
        return
    program = unittest.main
    begin = program.__init__

    def init(self, *words, **options):
        program.__init__ = begin
        begin(self, *words, **dict(options, testRunner=runner))

    program.__init__ = init


def who(test):
    """File and name of a test; those of documentation, which a class of Python's runs, have only the name of what they stand in."""
    documentation = getattr(test, "_dt_test", None)
    if documentation is not None:
        return "", documentation.name
    module = sys.modules.get(type(test).__module__)
    file = getattr(module, "__file__", None) or ""
    return file, type(test).__qualname__ + "." + getattr(test, "_testMethodName", str(test))


def tests_in(suite):
    if not isinstance(suite, unittest.BaseTestSuite):
        return [suite]
    return [test for part in suite for test in tests_in(part)]


def witness_of(test, tell):
    """The test's method, with somebody beside it who tells what became of it; None where it has no method of its own."""
    method = getattr(test, getattr(test, "_testMethodName", ""), None)
    inner = getattr(method, "__func__", method)
    if type(inner) is not type(who):
        return None
    file, name = who(test)
    if file:
        tell({"t": "tests", "file": file, "function": inner})

    def told(outcome):
        tell({"t": "saw", "file": file, "name": name, "outcome": outcome})

    def witness(*words, **options):
        try:
            done = method(*words, **options)
        except BaseException:
            told("failed")
            raise
        told("passed")
        return done

    async def slow_witness(*words, **options):
        try:
            done = await method(*words, **options)
        except BaseException:
            told("failed")
            raise
        told("passed")
        return done

    chosen = slow_witness if inner.__code__.co_flags & 0x80 else witness
    chosen.__dict__.update(inner.__dict__)
    chosen.__name__, chosen.__doc__ = inner.__name__, inner.__doc__
    return chosen


def heard(kind, tell, watch):
    """The class of results `kind`, whatever it does with them, which tells of each test as well."""
    own_checks = {}

    class Result(kind):
        is_heard = True
        outcome = None
        messages = ()
        added = ()

        def startTest(self, test):
            super().startTest(test)
            self.outcome = "passed"
            self.messages = []
            file, name = who(test)
            tell({"t": "start", "file": file, "name": name})
            kind = type(test)
            if kind not in own_checks:
                own_checks[kind] = watch["own_checks"](kind)
            added = {name: value.__get__(test) for name, value in own_checks[kind].items() if name not in vars(test)}
            witness = witness_of(test, tell)
            if witness is not None:
                added[test._testMethodName] = witness
            vars(test).update(added)
            self.added = list(added)

        def stopTest(self, test):
            super().stopTest(test)
            for name in self.added:
                vars(test).pop(name, None)
            file, name = who(test)
            whole = type(test).__name__ == "_FailedTest"
            if whole:
                tell({"t": "over", "file": file, "name": name})
                file, name = "", test._testMethodName
            message = "\n".join(self.messages) or None
            tell({"t": "case", "file": file, "name": name, "outcome": self.outcome, "message": message, "whole": whole})
            self.outcome = None
            tell({"t": "look", "all": True})

        def fail(self, test, err):
            message = self._exc_info_to_string(err, test)
            if self.outcome is None:
                tell({"t": "case", "file": "", "name": str(test), "outcome": "failed", "message": message, "whole": True})
            else:
                self.outcome = "failed"
                self.messages.append(message)

        def addFailure(self, test, err):
            super().addFailure(test, err)
            self.fail(test, err)

        def addError(self, test, err):
            super().addError(test, err)
            self.fail(test, err)

        def addSubTest(self, test, subtest, err):
            super().addSubTest(test, subtest, err)
            if err is not None:
                self.outcome = "failed"
                self.messages.append(subtest._subDescription() + "\n" + self._exc_info_to_string(err, test))

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            if self.outcome is None:
                tell({"t": "case", "file": "", "name": str(test), "outcome": "skipped", "message": reason, "whole": True})
            elif self.outcome == "passed":
                self.outcome = "skipped"
                self.messages.append(reason)

        def addExpectedFailure(self, test, err):
            super().addExpectedFailure(test, err)
            self.outcome = "skipped"

        def addUnexpectedSuccess(self, test):
            super().addUnexpectedSuccess(test)
            self.outcome = "failed"
            self.messages.append("Unexpected success")

    return Result


def runner_class(tell, watch):
    """
    The runner in place of unittest's. A runner that is made of it and runs the tests in a way of its own (reports as XML, colours, a debugger) is heard too:
    by the result that the tests are handed.
    """
    begun = []

    def listening(run):
        def run_first(self, test):
            # Of tests that run a runner of their own, or of a program that runs several: only the first is heard.
            if begun:
                return run(self, test)
            begun.append(True)
            tell({"t": "look", "all": True})
            for file in {who(one)[0] for one in tests_in(test)} - {""}:
                tell({"t": "tests", "file": file, "function": None})
            result = run(self, heard_suite(test))
            tell({"t": "look", "all": True})
            trouble = watch["unittest_trouble"]()
            if trouble is not None:
                tell({"t": "breach", "kind": "canary", "detail": trouble})
            tell({"t": "end"})
            return result

        return run_first

    def heard_suite(test):
        suite = test if isinstance(test, unittest.BaseTestSuite) else unittest.TestSuite([test])

        class Heard(type(suite)):
            def run(self, result, *words, **options):
                if not getattr(type(result), "is_heard", False):
                    result.__class__ = heard(type(result), tell, watch)
                return super().run(result, *words, **options)

        suite.__class__ = Heard
        return suite

    class Runner(unittest.TextTestRunner):
        run = listening(unittest.TextTestRunner.run)

        def __init_subclass__(cls, **options):
            super().__init_subclass__(**options)
            if "run" in vars(cls):
                cls.run = listening(cls.run)

    return Runner
