import { pythonWriter } from './python.ts';
import { pythonWatch } from './python-watch.ts';

/** Runs `unittest.main` with the arguments it was given, with a result that writes records. Python 3.7 and later. */
export const unittestMain = String.raw`
import hashlib
import hmac
import json
import os
import sys
import unittest

sys.path[0] = os.getcwd()
${pythonWriter}
${pythonWatch}


def _who(test):
    module = sys.modules.get(type(test).__module__)
    file = getattr(module, "__file__", None) or ""
    name = type(test).__qualname__ + "." + getattr(test, "_testMethodName", str(test))
    return file, name


class Result(unittest.TextTestResult):
    _outcome = None
    _messages = ()

    def startTest(self, test):
        super().startTest(test)
        self._outcome = "passed"
        self._messages = []
        file, name = _who(test)
        _write({"t": "start", "file": file, "name": name})

    def stopTest(self, test):
        super().stopTest(test)
        file, name = _who(test)
        whole = type(test).__name__ == "_FailedTest"
        if whole:
            _write({"t": "over", "file": file, "name": name})
            file, name = "", test._testMethodName
        message = "\n".join(self._messages) or None
        _write({"t": "case", "file": file, "name": name, "outcome": self._outcome, "message": message, "whole": whole})
        self._outcome = None
        _compare()

    def _fail(self, test, err):
        message = self._exc_info_to_string(err, test)
        if self._outcome is None:
            _write({"t": "case", "file": "", "name": str(test), "outcome": "failed", "message": message, "whole": True})
        else:
            self._outcome = "failed"
            self._messages.append(message)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._outcome = "failed"
            self._messages.append(subtest._subDescription() + "\n" + self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if self._outcome is None:
            _write({"t": "case", "file": "", "name": str(test), "outcome": "skipped", "message": reason, "whole": True})
        elif self._outcome == "passed":
            self._outcome = "skipped"
            self._messages.append(reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._outcome = "skipped"

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._outcome = "failed"
        self._messages.append("Unexpected success")


class Runner(unittest.TextTestRunner):
    resultclass = Result

    def run(self, test):
        result = super().run(test)
        _compare()
        _canaries()
        _write({"t": "end"})
        return result


_remember(unittest.case, unittest.result, unittest.runner, unittest.suite, sys.modules[__name__])
unittest.main(module=None, argv=["python -m unittest"] + sys.argv[1:], testRunner=Runner)
`;
