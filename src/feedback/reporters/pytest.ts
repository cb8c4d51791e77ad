import { pythonWriter } from './python.ts';
import { pythonWatch } from './python-watch.ts';

/** Plugin for pytest 6 and later, loaded with -p. Workers of xdist stay silent: their reports reach the controller. */
export const pytestPlugin = String.raw`
import hashlib
import hmac
import json
import os
import sys
${pythonWriter}
${pythonWatch}
import _pytest.assertion
import _pytest.python
import _pytest.reports
import _pytest.runner
import pytest

_worst = {}
_order = {"passed": 0, "skipped": 1, "failed": 2}


def _split(nodeid):
    file, _, name = nodeid.partition("::")
    return file, name


def _case(nodeid, outcome, message, ms=None, whole=False):
    file, name = _split(nodeid)
    _write({"t": "case", "file": file, "name": name, "outcome": outcome, "message": message, "ms": ms, "whole": whole})


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests():
    tools = (_pytest.runner, _pytest.reports, _pytest.python, _pytest.assertion)
    _remember(unittest.case, unittest.result, *tools, sys.modules[__name__])


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        _state["key"] = None


def pytest_collectstart(collector):
    if type(collector).__name__ in ("Module", "Package", "DoctestModule"):
        file, _ = _split(collector.nodeid)
        _write({"t": "start", "file": file, "name": ""})


def pytest_collectreport(report):
    file, name = _split(report.nodeid)
    if report.failed:
        _case(report.nodeid or "collection", "failed", _message(report), whole=True)
    elif report.skipped and report.nodeid:
        _case(report.nodeid, "skipped", _message(report), whole=True)
    elif file and not name:
        _write({"t": "over", "file": file, "name": ""})


def pytest_runtest_logstart(nodeid, location):
    file, name = _split(nodeid)
    _write({"t": "start", "file": file, "name": name})


def pytest_runtest_logreport(report):
    outcome = report.outcome
    kept = _worst.setdefault(report.nodeid, {"outcome": "passed", "messages": [], "ms": 0.0})
    kept["ms"] += report.duration * 1000
    if _order[outcome] > _order[kept["outcome"]]:
        kept["outcome"] = outcome
    if outcome == "failed":
        kept["messages"].append(_message(report))
    elif outcome == "skipped":
        kept["messages"].append(getattr(report, "wasxfail", None) or _message(report))


def pytest_runtest_logfinish(nodeid, location):
    kept = _worst.pop(nodeid, None)
    if kept is not None:
        _case(nodeid, kept["outcome"], "\n".join(kept["messages"]) or None, kept["ms"])
    _compare()


def pytest_internalerror(excrepr, excinfo):
    _case("pytest", "failed", str(excrepr), whole=True)


def pytest_sessionfinish(session, exitstatus):
    if int(exitstatus) in (0, 1, 2, 5):
        _compare()
        _canaries()
        _write({"t": "end"})


def _message(report):
    longrepr = report.longrepr
    if isinstance(longrepr, tuple) and len(longrepr) == 3:
        return str(longrepr[2])
    return report.longreprtext if longrepr is not None else ""
`;
