"""
Guard of pytest 6 and later: a plugin that tells what pytest says of each test, and what it saw itself, next to the test: whether its call came to
its end.
"""
import os
import sys

order = {"passed": 0, "skipped": 1, "failed": 2}
tools = (
    "_pytest.main _pytest.nodes _pytest.doctest _pytest.skipping _pytest.assertion _pytest.assertion.rewrite _pytest.assertion.util pluggy._hooks "
    "pluggy.hooks pluggy._manager pluggy.manager"
).split()
# What one test could replace for the next alone.
hot_tools = (
    "pytest unittest.case _pytest.runner _pytest.reports _pytest.python _pytest.unittest _pytest.outcomes _pytest.raises _pytest.python_api "
    "pluggy._execution pluggy._caller pluggy._callers pluggy.callers pluggy._result"
).split()
hooks = ("pytest_runtest_protocol", "pytest_runtest_call", "pytest_pyfunc_call", "pytest_runtest_makereport", "pytest_runtestloop")
function = type(lambda: None)
# pytest asks for its plugin by this name.
name = "teamwright_report"


def wraps(**options):
    """What pytest.hookimpl does, without pytest."""

    def mark(function):
        function.pytest_impl = {"hookwrapper": True, "wrapper": False, "optionalhook": False, "tryfirst": False, "trylast": False, "specname": None}
        function.pytest_impl.update(options)
        return function

    return mark


def install(tell, watch, is_main, for_workers):
    """Lets pytest load the plugin first of all. `for_workers` are variables that start the guard in a worker of xdist, beside its ticket."""
    given = os.environ.get("PYTEST_PLUGINS")
    os.environ["PYTEST_PLUGINS"] = name if given is None else name + "," + given
    try:
        import pytest
    except ImportError:
        # pytest itself has to say what is wrong with that.
        pass
    sys.modules[name] = plugin(tell, watch, is_main, for_workers, given)


# So many words of ours stand in front of the user's (`runners/pytest.ts`).
options = 5


def plugin(tell, watch, is_main, for_workers, given):
    """The plugin, as a module."""
    one = type(sys)(name, "PYTEST_DONT_REWRITE")
    functions = {}
    answers = {}
    worst = {}
    own_checks = {}
    cut = []
    heeded = []
    # As they are without a ticket for a worker.
    variables = {name: os.environ.get(name) for name in (*for_workers, "TEAMWRIGHT_GUARD")}
    workers = {"to come": 0, "dead": 0}
    # Tests may replace it.
    pid = os.getpid
    here = pid()

    def hook(implementation):
        setattr(one, implementation.__name__, implementation)

    def case(nodeid, outcome, message, ms=None, whole=False):
        file, _, name = nodeid.partition("::")
        if is_main:
            tell({"t": "case", "file": file, "name": name, "outcome": outcome, "message": message, "ms": ms, "whole": whole})

    def keep():
        for names, hot in ((hot_tools, True), ((*tools, *watch["unittest_modules"][1:]), False)):
            tell({"t": "keep", "functions": watch["functions_of"]([one for one in names if one in sys.modules]), "hot": hot})

    # ---- as pytest starts ----------------------------------------------------------------------------------------------------------

    keep()
    if is_main:
        tell({"t": "open"})

    @hook
    def pytest_addoption(parser, pluginmanager):
        # A worker of xdist's may run them in another thread than its first.
        tell({"t": "thread"})
        sys.modules.pop(one.__name__, None)
        restore({"PYTEST_PLUGINS": given})
        # pytest has read them; a program under test that looks at its arguments finds those of the user.
        if sys.argv[1:2] == ["-o"] and "".join(sys.argv[2:3]).startswith("cache_dir="):
            del sys.argv[1 : 1 + options]

    def ask_who_answers(config):
        for name in hooks:
            for answer in getattr(config.hook, name).get_hookimpls():
                if answers.setdefault(id(answer), None) is None:
                    answers[id(answer)] = answer
                    tell({"t": "answers", "name": name, "function": answer.function})

    @hook
    @wraps(tryfirst=True)
    def pytest_load_initial_conftests(early_config):
        keep()
        relay = vars(early_config.hook)
        tell({"t": "keep", "functions": [("config.hook", relay, name, relay[name]) for name in hooks if name in relay], "hot": True})
        yield

    @hook
    def pytest_configure(config):
        tell({"t": "open", "sees": True})
        # pytest takes a bracket in the path of the folder it runs in for the parameters of a test.
        folder = str(config.invocation_params.dir)
        if "[" in folder and config.args == [folder]:
            config.args[:] = ["."]

    # ---- as xdist starts its workers, each with a guard of its own ---------------------------------------------------------------------

    def lay_ticket():
        """For the worker that is started next; nobody else may find it."""
        place = tell({"t": "ticket"})
        if place is None:
            tell({"t": "doubt", "kind": "unguarded", "detail": "More workers of the tests died than can be watched"})
        else:
            os.environ.update(for_workers, TEAMWRIGHT_GUARD=place)

    def clear_ticket():
        """Gives whether there was one. What was not taken is taken away."""
        place = os.environ.get("TEAMWRIGHT_GUARD")
        restore(variables)
        if place is not None and os.path.exists(place):
            os.remove(place)
        return place is not None

    @hook
    @wraps(hookwrapper=False, optionalhook=True)
    def pytest_xdist_setupnodes(config, specs):
        # xdist replaces four of each that die, where nothing else is said.
        tell({"t": "workers", "count": len(specs) * 5 + int(getattr(config.option, "maxworkerrestart", None) or 0)})
        workers["to come"] = len(specs)
        lay_ticket()

    @hook
    @wraps(hookwrapper=False, optionalhook=True, tryfirst=True)
    def pytest_xdist_newgateway(gateway):
        had_one = clear_ticket()
        # Code under test may run in another worker already, and take what is not its own: then the guard is not there.
        if had_one and gateway.spec.popen:
            channel = gateway.remote_exec("import sys; channel.send(%r in sys.modules)" % name)
            is_there = channel.receive()
            channel.waitclose()
            if not is_there:
                tell({"t": "breach", "kind": "reached-in", "detail": "What a worker of the tests is handed as it starts was taken by somebody else"})
        workers["to come"] -= 1
        if workers["to come"] > 0:
            lay_ticket()

    @hook
    @wraps(hookwrapper=False, optionalhook=True, trylast=True)
    def pytest_testnodedown(node, error):
        # It is replaced.
        if error:
            workers["dead"] += 1
            lay_ticket()

    # ---- as tests are found --------------------------------------------------------------------------------------------------------

    @hook
    def pytest_collectstart(collector):
        kind = type(collector).__name__
        if kind == "Module":
            tell({"t": "tests", "file": file_of(collector), "function": None})
        if kind in ("Module", "Package", "DoctestModule"):
            tell({"t": "start", "file": collector.nodeid.partition("::")[0], "name": ""})

    loaded = set()

    @hook
    def pytest_itemcollected(item):
        # Of what lies around a file or a test that the command names, pytest reports only what fails.
        for around in item.listchain():
            if type(around).__name__ in ("Module", "Package", "DoctestModule") and around.nodeid not in loaded:
                loaded.add(around.nodeid)
                tell({"t": "over", "file": around.nodeid, "name": ""})

    @hook
    def pytest_collectreport(report):
        file, _, name = report.nodeid.partition("::")
        if report.failed:
            case(report.nodeid or "collection", "failed", text_of(report), whole=True)
        elif report.skipped and report.nodeid:
            case(report.nodeid, "skipped", text_of(report), whole=True)
        elif file and not name:
            tell({"t": "over", "file": file, "name": ""})

    @hook
    @wraps(trylast=True)
    def pytest_collection_finish(session):
        yield
        tell({"t": "look", "all": True})
        for item in session.items:
            inner = getattr(item, "function", None)
            if type(inner) is function:
                functions[item] = (inner, type(item))
                tell({"t": "tests", "file": file_of(item), "function": inner})

    # ---- as they run ---------------------------------------------------------------------------------------------------------------

    @hook
    @wraps(tryfirst=True)
    def pytest_runtest_protocol(item, nextitem):
        inner, kind = functions.get(item, (None, None))
        if inner is not None and (item.function is not inner or type(item) is not kind or "runtest" in vars(item) or "ihook" in vars(item)):
            tell({"t": "doubt", "kind": "patched", "detail": "A test's function was replaced before it ran"})
        ask_who_answers(item.config)
        file, _, own_name = item.nodeid.partition("::")
        is_forked = getattr(item.config.option, "forked", False) or item.get_closest_marker("forked") is not None
        if is_forked:
            tell({"t": "fork", "file": file, "name": own_name})
        yield
        if is_forked:
            tell({"t": "fork", "file": None, "name": None})
        ask_who_answers(item.config)
        tell({"t": "look", "all": nextitem is None or nextitem.nodeid.partition("::")[0] != file})

    @hook
    def pytest_runtest_logstart(nodeid, location):
        file, _, name = nodeid.partition("::")
        tell({"t": "start", "file": file, "name": name})

    def heed(kind):
        """Who runs tests of this class is of pytest, of a plugin or of the tests; asked once."""
        if kind not in heeded and callable(getattr(kind, "runtest", None)):
            heeded.append(kind)
            tell({"t": "answers", "name": "runtest", "function": kind.runtest})

    @hook
    @wraps(trylast=True)
    def pytest_runtest_call(item):
        before = type(item)
        heed(before)
        instance = getattr(item, "_testcase", None) or getattr(item, "instance", None)
        kind = type(instance)
        added = ()
        if hasattr(kind, "assertEqual"):
            if kind not in own_checks:
                own_checks[kind] = watch["own_checks"](kind)
            added = [name for name in own_checks[kind] if name not in vars(instance)]
            vars(instance).update({name: own_checks[kind][name].__get__(instance) for name in added})
        outcome = yield
        if type(item) is not before or "runtest" in vars(item):
            tell({"t": "doubt", "kind": "patched", "detail": "A test's class was replaced while it ran"})
        for name in added:
            vars(instance).pop(name, None)
        if pid() != here:
            # Of a process that was forked for one test nothing else is seen.
            ask_who_answers(item.config)
            tell({"t": "look", "all": True})
            check(item.session)
        file, _, name = item.nodeid.partition("::")
        # Of a test case pytest keeps the failures in the item.
        failed = outcome.excinfo is not None or bool(getattr(item, "_excinfo", None))
        tell({"t": "saw", "file": file, "name": name, "outcome": "failed" if failed else "passed"})

    @hook
    def pytest_runtest_logreport(report):
        outcome = report.outcome
        if report.when == "setup" or report.nodeid not in worst:
            worst[report.nodeid] = {"outcome": "passed", "messages": [], "ms": 0.0}
        if outcome not in order:
            # It is tried again, and told once, as it ends.
            worst[report.nodeid] = None
        kept = worst[report.nodeid]
        if kept is None:
            return
        kept["ms"] += report.duration * 1000
        if order[outcome] > order[kept["outcome"]]:
            kept["outcome"] = outcome
        if outcome == "failed":
            kept["messages"].append(text_of(report))
        elif outcome == "skipped":
            kept["messages"].append(getattr(report, "wasxfail", None) or text_of(report))
        if report.when == "???" and workers["dead"]:
            # Its worker died of it, and says nothing more.
            workers["dead"] -= 1
            ended(report.nodeid)

    def ended(nodeid):
        kept = worst.pop(nodeid, None)
        if kept is not None:
            case(nodeid, kept["outcome"], "\n".join(kept["messages"]) or None, kept["ms"])

    @hook
    def pytest_runtest_logfinish(nodeid, location):
        ended(nodeid)

    # ---- as pytest ends ------------------------------------------------------------------------------------------------------------

    @hook
    def pytest_internalerror(excrepr, excinfo):
        case("pytest", "failed", str(excrepr), whole=True)

    @hook
    def pytest_keyboard_interrupt(excinfo):
        # pytest itself interrupts the session after errors of collection, and where it was told to stop at the first failure.
        if excinfo.type.__name__ != "Interrupted":
            cut.append(True)

    @hook
    @wraps(tryfirst=True)
    def pytest_sessionfinish(session, exitstatus):
        yield
        if int(exitstatus) not in (0, 1, 2, 5) or cut:
            return
        clear_ticket()
        if int(exitstatus) == 0 and workers["dead"]:
            tell({"t": "doubt", "kind": "early-exit", "detail": "A worker of the tests ended before its tests did"})
        tell({"t": "look", "all": True})
        check(session)
        if is_main:
            tell({"t": "end"})

    def check(session):
        trouble = pytest_trouble(session, watch["number"])
        if trouble is None and any(type(item).__name__ == "TestCaseFunction" for item in session.items):
            trouble = watch["unittest_trouble"]()
        if trouble is not None:
            tell({"t": "breach", "kind": "canary", "detail": trouble})

    return one


def restore(variables):
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def file_of(node):
    return str(getattr(node, "path", None) or node.fspath)


def text_of(report):
    longrepr = report.longrepr
    if isinstance(longrepr, tuple) and len(longrepr) == 3:
        return str(longrepr[2])
    return report.longreprtext if longrepr is not None else ""


checks = """
from pytest import approx, raises
def good_1():
    one = %(one)d
    assert one == %(one)d
    assert [one] == [%(one)d]
    assert {"a": one} == {"a": %(one)d}
    assert one == approx(%(one)d)
def good_2():
    with raises(ValueError):
        int("x")
def bad_1():
    assert %(one)d == %(other)d
def bad_2():
    assert [%(one)d] == [%(other)d]
def bad_3():
    assert {"a": %(one)d} == {"a": %(other)d}
def bad_4():
    assert "%(one)d" == "%(other)d"
def bad_5():
    assert not %(one)d
def bad_6():
    assert all(one == %(other)d for one in [%(one)d])
def bad_7():
    assert %(one)d == approx(%(other)d)
def bad_8():
    with raises(ValueError):
        pass
def bad_9():
    with raises(ValueError):
        {}[%(one)d]
"""


def called(carrier, check):
    """A check, called as pytest calls the function of a test."""
    if carrier is None:
        return check
    item = type(carrier).from_parent(carrier.parent, name="teamwright", callobj=check)
    item.funcargs = {}
    return lambda: item.ihook.pytest_pyfunc_call(pyfuncitem=item)


def pytest_trouble(session, number):
    """Checks whose answer is known, through the rewriting of assertions, the calls and the reports that tests go through; what they got wrong."""
    import ast

    from _pytest.assertion import rewrite
    from _pytest.python import Function
    from _pytest.reports import TestReport
    from _pytest.runner import CallInfo

    one = number()
    source = checks % {"one": one, "other": one + 1 + number()}
    tree = ast.parse(source)
    if session.config.getoption("assertmode", "rewrite") == "rewrite":
        rewrite.rewrite_asserts(tree, source.encode("ascii"), "<teamwright>", session.config)
    space = {"__name__": "teamwright"}
    exec(compile(tree, "<teamwright>", "exec", dont_inherit=True), space)
    carrier = next((item for item in session.items if type(item) is Function), None)
    for name, check in list(space.items()):
        if name.startswith(("good_", "bad_")):
            call = CallInfo.from_call(called(carrier, check), "call")
            passed = call.excinfo is None
            if carrier is not None:
                passed = passed and TestReport.from_item_and_call(carrier, call).outcome == "passed"
            if passed != name.startswith("good_"):
                return "A check of pytest that must " + ("fail" if passed else "pass") + " did not"
    return None
