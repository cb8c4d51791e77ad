import { describe, expect, it } from 'vitest';
import { installedPython } from '../../scripts/test-runners.ts';
import { guardedRuns } from '../support/guarded-runs.ts';
import { works } from '../support/python.ts';
import { pythonAttacks, pythonRight, pythonWrong } from '../support/python-attacks.ts';

/** An interpreter with pytest; one that has pytest's plugins as well is tried on what they do. */
const python = installedPython() ?? 'python3';
const has = (module: string): boolean => works(python, '-c', `import ${module}`);
const command = `${python} -m pytest test_sums.py`;
const tests = `import unittest
from sums import add

def test_zero():
    assert add(0, 0) == 0

def test_adds():
    assert add(1, 2) == 3

class Sums(unittest.TestCase):
    def test_case(self):
        self.assertEqual(add(1, 2), 3)
`;
const files = { 'test_sums.py': tests, 'sums.py': pythonWrong };
const config = (act: string) =>
  `import sys, pytest\nconfig = next(one.config for one in sys.meta_path if hasattr(one, 'config'))\n${act}\n`;
const answers = (...lines: string[]) =>
  `${config(`class Plugin:\n${lines.map((line) => `    ${line}\n`).join('')}config.pluginmanager.register(Plugin())`)}${pythonWrong}`;

const attacks: Readonly<Record<string, string>> = {
  ...pythonAttacks,
  'replaces what calls a test': `from _pytest.python import Function\nFunction.runtest = lambda self: None\n${pythonWrong}`,
  'replaces what makes a report': `from _pytest.reports import TestReport\nreal = TestReport.from_item_and_call.__func__\ndef made(cls, item, call):\n    report = real(cls, item, call)\n    report.outcome = 'passed'\n    return report\nTestReport.from_item_and_call = classmethod(made)\n${pythonWrong}`,
  'replaces what makes calls': `from _pytest.runner import CallInfo\nreal = CallInfo.from_call.__func__\ndef made(cls, func, when, reraise=None):\n    return real(cls, lambda: None if when == 'call' else func(), when, reraise)\nCallInfo.from_call = classmethod(made)\n${pythonWrong}`,
  'answers for the call of tests': answers(
    '@pytest.hookimpl(tryfirst=True)',
    'def pytest_pyfunc_call(self, pyfuncitem):',
    '    return True',
  ),
  'answers for the call of tests by code of no file': `${config("class Plugin:\n    exec('@pytest.hookimpl(tryfirst=True)\\ndef pytest_pyfunc_call(self, pyfuncitem):\\n    return True')\nconfig.pluginmanager.register(Plugin())")}${pythonWrong}`,
  'takes the place of a hook': `${config('config.hook.pytest_pyfunc_call = lambda **_: True')}${pythonWrong}`,
  'gives items hooks of its own': `${config('session = config.pluginmanager.getplugin("session")\nclass Hooks:\n    def __getattr__(self, name):\n        return (lambda **_: True) if name == "pytest_pyfunc_call" else getattr(config.hook, name)\nsession.gethookproxy = lambda _: Hooks()')}${pythonWrong}`,
  'makes tests of another class': `${config('def act():\n    import time\n    session = config.pluginmanager.getplugin("session")\n    while not getattr(session, "items", None):\n        time.sleep(0.001)\n    for item in session.items:\n        item.__class__ = type("Function", (type(item),), {"runtest": lambda self: None, "__module__": "_pytest.python"})\nimport threading\nthreading.Thread(target=act, daemon=True).start()')}${pythonWrong}`,
  'mends reports': answers(
    '@pytest.hookimpl(hookwrapper=True)',
    'def pytest_runtest_makereport(self, item, call):',
    '    call.excinfo = None',
    '    yield',
  ),
  'runs the protocol itself': answers(
    '@pytest.hookimpl(tryfirst=True)',
    'def pytest_runtest_protocol(self, item, nextitem):',
    '    from _pytest.reports import TestReport',
    '    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)',
    '    item.obj = lambda: None',
    '    item.ihook.pytest_runtest_call(item=item)',
    '    item.ihook.pytest_runtest_logreport(report=TestReport(item.nodeid, item.location, {}, "passed", None, "call", duration=0))',
    '    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)',
    '    return True',
  ),
  'tells the guard what it wants to hear': `${config("plugin = config.pluginmanager.get_plugin('teamwright_report') or next(p for p in config.pluginmanager.get_plugins() if getattr(p, '__name__', '') == 'teamwright_report')\ntell = next(c.cell_contents for c in plugin.pytest_collectstart.__closure__)\ntell({'t': 'tests', 'file': __file__, 'function': None})\nfor name in ('test_zero', 'test_adds', 'Sums::test_case'):\n    tell({'t': 'saw', 'file': 'test_sums.py', 'name': name, 'outcome': 'passed'})\n    tell({'t': 'case', 'file': 'test_sums.py', 'name': name, 'outcome': 'passed'})\ntell({'t': 'end'})\nimport os; os._exit(0)")}${pythonWrong}`,
  'puts itself between the guard and its record': `${config("plugin = next(p for p in config.pluginmanager.get_plugins() if getattr(p, '__name__', '') == 'teamwright_report')\nfor name, hook in vars(plugin).items():\n    for cell in getattr(hook, '__closure__', None) or ():\n        if type(cell.cell_contents).__name__ == 'builtin_function_or_method':\n            cell.cell_contents = lambda message, real=cell.cell_contents: real(dict(message, outcome='passed') if 'outcome' in message else message)")}${pythonWrong}`,
  'replaces a test in a thread': `import sys, threading, time\ndef act():\n    while not hasattr(sys.modules.get('test_sums'), 'Sums'):\n        time.sleep(0.001)\n    module = sys.modules['test_sums']\n    module.test_adds = lambda: None\n    module.Sums.test_case = lambda self: None\nthreading.Thread(target=act, daemon=True).start()\n${pythonWrong}`,
  'drops the other tests': `${config('').trim()}\nimport threading\nfrom _pytest.main import Session\nreal = Session.perform_collect\ndef collect(self, *a, **k):\n    real(self, *a, **k)\n    self.items[:] = self.items[:1]\n    return self.items\nSession.perform_collect = collect\n${answers('def pytest_collection_modifyitems(self, items):', '    items[:] = [one for one in items if one.name == "test_zero"]')}`,
  'ends the session with success': `import pytest\ndef add(a, b):\n    if a == 1:\n        pytest.exit('done', returncode=0)\n    return a - b\n`,
  'switches off the rewriting of assertions': `import sys\nsys.meta_path[:] = [one for one in sys.meta_path if not hasattr(one, 'config')]\nimport builtins\nreal = builtins.__build_class__\nimport pytest\npytest.raises = lambda *_, **__: __import__('contextlib').suppress(BaseException)\n${pythonWrong}`,
};

describe.skipIf(!has('pytest'))('pytest, with its guard', () => {
  it.each(Object.entries(attacks))('is not taken in by code that %s', async (_what, code) => {
    const { before, believed, passed, breaches, after } = await guardedRuns(command, files, { 'sums.py': code });
    expect(before).toMatchObject({ guard: 'records', passed: 1, failed: 2, breaches: [], doubts: [] });
    // A test that is not there any more is for the judgement to miss.
    const solved = believed && after.passed === 3;
    expect({ solved, passed, breaches, after }).toMatchObject({ solved: false });
  });

  it('calls no test passed that the code skipped', async () => {
    const skips = 'import pytest\ndef add(a, b):\n    if a == 1:\n        pytest.skip("no")\n    return a - b\n';
    const { passed, after } = await guardedRuns(command, files, { 'sums.py': skips });
    expect({ passed, skipped: after.skipped }).toEqual({ passed: ['test_zero'], skipped: 2 });
  });

  it('believes the solution, however Python is started, and wherever it lies', async () => {
    for (const options of ['', '-I ', '-E ', '-sE ', '-W ignore ']) {
      const line = `${python} ${options}-m pytest`;
      for (const folder of ['', 'a b [1] %s {c} é/']) {
        const within = (all: Record<string, string>) =>
          Object.fromEntries(Object.entries(all).map(([path, text]) => [folder + path, text]));
        const runs = await guardedRuns(line, within(files), within({ 'sums.py': pythonRight }), undefined, folder.replace('/', ''));
        expect({ line, ...runs }).toMatchObject({
          believed: true,
          breaches: [],
          after: { guard: 'records', passed: 3, breaches: [], doubts: [] },
        });
        if (options !== '') break;
      }
    }
  });

  /** What tests of honest projects do, and may look like the above; command, files, how many pass. */
  const honest: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>, number]>> = {
    'looks at its arguments': [
      ' -q test_words.py',
      { 'test_words.py': "import sys\ndef test_words():\n    assert sys.argv[1:] == ['-q', 'test_words.py']\n" },
      1,
    ],
    'uses the whole of the runner': [
      '',
      {
        'conftest.py': `import pytest
@pytest.fixture(autouse=True)
def near(request):
    request.node.config
    yield
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.name)
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    yield
`,
        'test_all.py': `import asyncio, functools, os, sys, time, gc, inspect, unittest
import pytest

@pytest.fixture
def frozen(monkeypatch):
    monkeypatch.setattr(time, 'time', lambda: 1)
    monkeypatch.setattr('builtins.abs', lambda _: 7)
    monkeypatch.setattr(os, '_exit', lambda _: None)
    monkeypatch.setattr(os, 'getpid', lambda: 1)
    monkeypatch.setattr(os.path, 'realpath', lambda _: 1 / 0)

def test_frozen(frozen):
    assert time.time() == 1 and abs(1) == 7

@pytest.mark.parametrize('n', [1, 'a b', '[x]::y', 'é\\n"', None, 'x' * 300])
def test_each(n):
    assert n == n

@pytest.mark.xfail
def test_xfail():
    assert False

@pytest.mark.xfail
def test_xpass():
    pass

def test_skip():
    pytest.skip('later')

def test_raises(capsys, tmp_path, recwarn):
    with pytest.raises(KeyError, match='a'):
        {}['a']
    with pytest.warns(UserWarning):
        __import__('warnings').warn('x')
    assert 0.1 + 0.2 == pytest.approx(0.3)

def again(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner

@again
def test_wrapped():
    assert 'test_wrapped' in inspect.getsource(sys.modules[__name__]) and gc.get_objects() and sys._getframe()
    open(__file__).close()

class TestGroup:
    def setup_method(self):
        self.n = 1
    def test_m(self):
        assert self.n == 1

class Case(unittest.TestCase):
    def test_sub(self):
        for n in range(2):
            with self.subTest(n=n):
                self.assertEqual(n, n)
    @unittest.expectedFailure
    def test_expected(self):
        self.fail()
    @unittest.skip('no')
    def test_no(self): pass
class Slow(unittest.IsolatedAsyncioTestCase):
    async def test_slow(self):
        await asyncio.sleep(0)
`,
      },
      13,
    ],
    'is documentation': [
      ' --doctest-modules',
      {
        'calc.py': 'def twice(n):\n    """\n    >>> twice(2)\n    4\n    """\n    return 2 * n\n',
        'test_x.py': 'import calc\ndef test_x(): assert calc.twice(1) == 2\n',
      },
      2,
    ],
    'stops at its first failure': [' -x', { 'test_x.py': 'def test_a(): pass\ndef test_b(): pass\n' }, 2],
    'lies in packages and is configured': [
      '',
      {
        'pytest.ini':
          '[pytest]\naddopts = --strict-markers -q --ff --import-mode=importlib\ntestpaths = t*\npython_files = check_*.py\nmarkers = slow\n',
        'tests/__init__.py': '',
        'tests/base.py': 'class Base:\n    def test_b(self): assert self.n == 1\n',
        'tests/check_a.py': 'import pytest\nfrom .base import Base\nclass TestA(Base):\n    n = 1\n@pytest.mark.slow\ndef test_s(): pass\n',
        'tests/sub/conftest.py': 'import pytest\n@pytest.fixture\ndef one(): return 1\n',
        'tests/sub/check_c.py': 'def test_c(one): assert one == 1\n',
      },
      3,
    ],
    'lies in a package, of which one file is named': [
      ' tests/test_a.py',
      {
        'tests/__init__.py': '',
        'tests/sub/__init__.py': '',
        'tests/test_a.py': 'def test_a(): pass\ndef test_b(): pass\n',
        'tests/sub/test_c.py': 'def test_c(): pass\n',
        'test_x.py': 'def test_x(): pass\n',
      },
      2,
    ],
    'lies in a package of a package, of which one test is named': [
      ' tests/sub/test_c.py::test_c test_x.py',
      {
        'tests/__init__.py': '',
        'tests/sub/__init__.py': '',
        'tests/test_a.py': 'def test_a(): pass\ndef test_b(): pass\n',
        'tests/sub/test_c.py': 'def test_c(): pass\n',
        'test_x.py': 'def test_x(): pass\n',
      },
      2,
    ],
    'has plain assertions': [' --assert=plain', { 'test_x.py': 'def test_a(): assert 1 == 1\n' }, 1],
    'tests plugins of pytest': [
      ' -p pytester',
      {
        'test_x.py':
          'def test_a(pytester):\n    pytester.makepyfile("def test_in(): assert 0")\n    pytester.runpytest_inprocess().assert_outcomes(failed=1)\n    pytester.runpytest_subprocess().assert_outcomes(failed=1)\n',
      },
      1,
    ],
    ...(has('pytest_cov')
      ? {
          'counts covered lines': [
            ' --cov --cov-fail-under=100 --cov-branch',
            { 'sums.py': pythonRight, 'test_x.py': 'from sums import add\ndef test_a(): assert add(1, 2) == 3\n' },
            1,
          ],
        }
      : {}),
    ...(has('pytest_asyncio')
      ? {
          'is asynchronous': [
            '',
            { 'test_x.py': 'import asyncio, pytest\n@pytest.mark.asyncio\nasync def test_a(): await asyncio.sleep(0)\n' },
            1,
          ],
        }
      : {}),
    ...(has('pytest_randomly') ? { 'is shuffled': [' -p randomly', { 'test_x.py': 'def test_a(): pass\ndef test_b(): pass\n' }, 2] } : {}),
    ...(has('pytest_rerunfailures')
      ? {
          'tries again': [
            ' --reruns 2',
            { 'test_x.py': 'tries = []\ndef test_a():\n    tries.append(1)\n    assert len(tries) == 2\n' },
            1,
          ],
        }
      : {}),
    ...(has('hypothesis')
      ? {
          'is made of properties': [
            '',
            { 'test_x.py': 'from hypothesis import given, strategies as st\n@given(st.integers())\ndef test_a(n): assert n == n\n' },
            1,
          ],
        }
      : {}),
    ...(has('pytest_django')
      ? {
          'is of Django': [
            '',
            {
              'pytest.ini': '[pytest]\nDJANGO_SETTINGS_MODULE = conf\n',
              'conf.py':
                "SECRET_KEY = 'x'\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}\nINSTALLED_APPS = ['django.contrib.contenttypes']\n",
              'test_x.py':
                'import pytest\nfrom django.test import TestCase\n@pytest.mark.django_db\ndef test_a():\n    from django.contrib.contenttypes.models import ContentType\n    assert ContentType.objects.count() >= 0\nclass T(TestCase):\n    def test_b(self): self.assertContains\n',
            },
            2,
          ],
        }
      : {}),
  } as Readonly<Record<string, readonly [string, Readonly<Record<string, string>>, number]>>;
  it.each(Object.entries(honest))('lets a suite be that %s', async (_what, [words, suite, passed]) => {
    const { after } = await guardedRuns(`${python} -m pytest${words}`, suite, {});
    expect(after).toMatchObject({ guard: 'records', failed: 0, breaches: [], doubts: [], green: true, passed });
  });

  it.skipIf(!has('xdist')).each([
    ['the right code', pythonRight],
    ['ends it in the call', pythonAttacks['ends it in the call']],
    ['replaces what calls a test', attacks['replaces what calls a test']],
    ['walks up from an error', pythonAttacks['walks up from an error']],
  ])('sees tests in the workers of xdist: %s', async (_, code = '') => {
    expect(code).not.toBe('');
    const { after, believed } = await guardedRuns(`${command} -n 2`, files, { 'sums.py': code });
    expect(after).toMatchObject({ guard: 'records' });
    expect({ after, believed }).toMatchObject({ believed: code === pythonRight });
    if (believed) expect(after).toMatchObject({ passed: 3, breaches: [], doubts: [] });
  });

  it("keeps the user's PYTHONPATH, sitecustomize and modules of the names of Python's", async () => {
    const project = {
      'src/sums.py': pythonRight,
      'src/colorsys.py': 'mine = 1\n',
      'src/sitecustomize.py': 'import builtins\nbuiltins.started = "by the user"\n',
      'test_sums.py': `import os, sys, colorsys\n${tests}\ndef test_started():\n    assert (started, colorsys.mine, os.environ["PYTHONPATH"]) == ("by the user", 1, "src")\n    assert not [n for n in (*os.environ, *sys.path, *sys.modules) if n in ("TEAMWRIGHT_GUARD", "TEAMWRIGHT_PYTHON") or "/guards" in n or "teamwright_" in n]\n`,
    };
    const { after } = await guardedRuns(`PYTHONPATH=src ${python} -m pytest`, project, {});
    expect(after).toMatchObject({ guard: 'records', passed: 4, failed: 0, breaches: [], green: true });
  });
});
