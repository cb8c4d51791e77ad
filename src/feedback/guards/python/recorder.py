"""
Tells which lines of the project each test ran over, for one run whose verdict counts for nothing: where to look for a mistake. One line of JSON a test
(`coverage.ts` reads them), written as it ends; what a test that never ends ran over so far is written every half second.
"""
import json
import os
import sys
import threading

apart = ("site-packages", "dist-packages", "node_modules", ".venv", "venv", ".tox", ".nox")


class Recorder:
    def __init__(self, folder, root):
        self.file = os.path.join(folder, "%d.jsonl" % os.getpid())
        self.root = root + os.sep
        self.own = {}
        self.lines = {}
        self.test, self.nth, self.failed, self.told = "", 0, False, 0
        self.made = {}

    def is_own(self, name):
        known = self.own.get(name)
        if known is None:
            path = os.path.abspath(name)
            inside = not name.startswith("<") and path.startswith(self.root) and not any(part in apart for part in path[len(self.root):].split(os.sep))
            known = self.own[name] = path[len(self.root):] if inside else False
        return known

    def saw(self, path, line):
        self.lines.setdefault(path, set()).add(line)

    def write(self, outcome):
        files = {path: sorted(lines) for path, lines in list(self.lines.items())}
        self.told = sum(map(len, files.values()))
        with open(self.file, "a", encoding="utf-8") as file:
            file.write(json.dumps({"test": self.test, "nth": self.nth, "outcome": outcome, "files": files}) + "\n")

    def start(self, name):
        if self.lines:
            self.write("none")
        self.turn_to(name)

    def end(self):
        self.write("failed" if self.failed else "passed")
        self.turn_to("")

    def turn_to(self, name):
        self.test, self.failed, self.lines, self.told = name, False, {}, 0
        self.nth += 1
        self.again()

    def add(self, more):
        for path, lines in more.items():
            self.lines.setdefault(path, set()).update(lines)

    def making(self, what):
        """What is made once and used by several tests: each of them ran over the lines that made it."""
        before, self.lines = self.lines, {}
        self.again()
        yield
        if self.lines:
            self.made[what] = self.lines
        made, self.lines = self.lines, before
        self.add(made)

    def again(self):
        """Lines that were seen are to be told again."""

    def now_and_then(self):
        while not self.stop.wait(0.5):
            if self.test and sum(map(len, list(self.lines.values()))) > self.told:
                self.write("under-way")

    def run(self):
        self.stop = threading.Event()
        (self.monitor if hasattr(sys, "monitoring") else self.trace)()
        threading.Thread(target=self.now_and_then, daemon=True).start()

    def monitor(self):
        monitoring, tool = sys.monitoring, 4
        monitoring.use_tool_id(tool, "teamwright")

        def line(code, number):
            path = self.is_own(code.co_filename)
            if path:
                self.saw(path, number)
            return monitoring.DISABLE

        monitoring.register_callback(tool, monitoring.events.LINE, line)
        monitoring.set_events(tool, monitoring.events.LINE)
        self.again = monitoring.restart_events

    def trace(self):
        def line(frame, event, _):
            if event == "line":
                self.saw(self.own[frame.f_code.co_filename], frame.f_lineno)
            return line

        def call(frame, _event, _):
            return line if self.is_own(frame.f_code.co_filename) else None

        threading.settrace(call)
        sys.settrace(call)


def install(folder, root, runner):
    recorder = Recorder(folder, root)
    if runner == "pytest":
        plugin = type(sys)("teamwright_recorder")

        def pytest_runtest_logstart(nodeid, location):
            recorder.start(nodeid)

        def pytest_fixture_setup(fixturedef, request):
            if fixturedef.scope == "function":
                yield
            else:
                yield from recorder.making(fixturedef)

        # What `pytest.hookimpl` writes: pytest is not loaded yet.
        pytest_fixture_setup.pytest_impl = {"hookwrapper": True}

        def pytest_runtest_teardown(item):
            of_names = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
            for fixture in [one for several in of_names.values() for one in several]:
                recorder.add(recorder.made.get(fixture, {}))

        def pytest_runtest_logreport(report):
            recorder.failed = recorder.failed or report.failed

        def pytest_runtest_logfinish(nodeid, location):
            recorder.end()

        for hook in (pytest_runtest_logstart, pytest_fixture_setup, pytest_runtest_teardown, pytest_runtest_logreport, pytest_runtest_logfinish):
            setattr(plugin, hook.__name__, hook)
        sys.modules[plugin.__name__] = plugin
        os.environ["PYTEST_PLUGINS"] = ",".join(filter(None, [os.environ.get("PYTEST_PLUGINS"), plugin.__name__]))
    else:
        from unittest.case import TestCase
        from unittest.suite import TestSuite

        plain = TestCase.run

        def run(self, result=None):
            def bad():
                return sum(len(getattr(result, kind, ())) for kind in ("failures", "errors", "unexpectedSuccesses"))

            before = bad()
            recorder.start(self.id())
            try:
                return plain(self, result)
            finally:
                recorder.failed = bad() > before
                for what in (type(self), type(self).__module__):
                    recorder.add(recorder.made.get(what, {}))
                recorder.end()

        TestCase.run = run
        sets_up_class, sets_up_module = TestSuite._handleClassSetUp, TestSuite._handleModuleFixture

        def set_up_class(self, test, result):
            for _ in recorder.making(type(test)):
                sets_up_class(self, test, result)

        def set_up_module(self, test, result):
            for _ in recorder.making(type(test).__module__):
                sets_up_module(self, test, result)

        TestSuite._handleClassSetUp, TestSuite._handleModuleFixture = set_up_class, set_up_module
    recorder.run()
