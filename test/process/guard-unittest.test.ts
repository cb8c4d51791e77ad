import { describe, expect, it } from 'vitest';
import { guardedRuns } from '../support/guarded-runs.ts';
import { pythonAttacks, pythonRight, pythonWrong } from '../support/python-attacks.ts';

const tests = `import unittest
from sums import add

class Sums(unittest.TestCase):
    def test_zero(self):
        self.assertEqual(add(0, 0), 0)

    def test_adds(self):
        self.assertEqual(add(1, 2), 3)
`;
const files = { 'test_sums.py': tests, 'sums.py': pythonWrong };
const command = 'python3 -m unittest test_sums';

const attacks: Readonly<Record<string, string>> = {
  ...pythonAttacks,
  'loads tests of its own under the same names': `import sys, unittest\ntest = lambda self: None\ndef load_tests(loader, *_):\n    kind = type('Sums', (unittest.TestCase,), {'test_zero': test, 'test_adds': test, '__module__': 'test_sums'})\n    return loader.loadTestsFromTestCase(kind)\nframe = sys._getframe()\nwhile frame.f_globals.get('__name__') != 'test_sums':\n    frame = frame.f_back\nframe.f_globals['load_tests'] = load_tests\n${pythonWrong}`,
  'calls the result itself': `import gc, unittest\ndef add(a, b):\n    if a == 1:\n        case = next(one for one in gc.get_objects() if isinstance(one, unittest.TestCase) and one._testMethodName == 'test_adds')\n        result = case._outcome.result\n        result.addSuccess(case)\n        result.stopTest(case)\n    return a - b\n`,
  'replaces the result': `import unittest\nunittest.TestResult.addFailure = lambda *_: None\nunittest.TextTestResult.addFailure = lambda *_: None\n${pythonWrong}`,
};

describe('unittest, with its guard', () => {
  it.each(Object.entries(attacks))('is not taken in by code that %s', async (_what, code) => {
    const { before, believed, passed, breaches, after } = await guardedRuns(command, files, { 'sums.py': code });
    expect(before).toMatchObject({ guard: 'records', passed: 1, failed: 1, breaches: [], doubts: [] });
    expect({ believed, passed, breaches, after }).toMatchObject({ believed: false });
  });

  it('calls no test passed that the code skipped', async () => {
    const skips = 'import unittest\ndef add(a, b):\n    if a == 1:\n        raise unittest.SkipTest("no")\n    return a - b\n';
    const { passed, after } = await guardedRuns(command, files, { 'sums.py': skips });
    expect({ passed, skipped: after.skipped }).toEqual({ passed: [expect.stringContaining('test_zero')], skipped: 1 });
  });

  it('believes the solution, however Python is started', async () => {
    for (const options of ['', '-I ', '-E ', '-S ', '-sE ', '-W error ']) {
      const line = `python3 ${options}-m unittest`;
      expect({ line, ...(await guardedRuns(line, files, { 'sums.py': pythonRight })) }).toMatchObject({
        ...{ believed: true, breaches: [] },
        after: { guard: 'records', passed: 2, breaches: [], doubts: [] },
      });
    }
  });

  /** What tests of honest projects do, and may look like the above. */
  const honest: Readonly<Record<string, string>> = {
    'uses the whole of the runner': `import asyncio, time, unittest
from unittest import mock

class Near(unittest.TestCase):
    def assertEqual(self, first, second, msg=None):
        super().assertEqual(first, second, msg)

    def setUp(self):
        self.addTypeEqualityFunc(str, lambda a, b, msg=None: None)
        self.addCleanup(lambda: self.assertTrue(True))

    def test_sub(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertEqual(n, n)

    @mock.patch('builtins.open', mock.mock_open(read_data='x'))
    @mock.patch('builtins.abs', lambda _: 3)
    def test_mock(self):
        self.assertEqual(open('f').read(), 'x')

    def test_time(self):
        with mock.patch.object(time, 'time', lambda: 1):
            self.assertEqual(time.time(), 1)

    @unittest.skip('later')
    def test_skip(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

    def test_raises(self):
        with self.assertRaisesRegex(ValueError, 'x'), self.assertLogs(level='INFO') as logs:
            __import__('logging').getLogger().info('hello')
            raise ValueError('x')

class Slow(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.x = 1
    async def test_slow(self):
        await asyncio.sleep(0)
        self.assertEqual(self.x, 1)

class Base:
    def test_inherited(self):
        self.assertEqual(self.kind, self.kind)
class One(Base, unittest.TestCase):
    kind = 1
`,
    'runs a runner of its own': `import io, unittest
class Inner(unittest.TestCase):
    def test_inner(self): self.fail()
def load_tests(loader, tests, pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(Outer))
class Outer(unittest.TestCase):
    def run(self, result=None):
        return super().run(result)
    def test_outer(self):
        result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.TestSuite([Inner('test_inner')]))
        self.assertEqual(len(result.failures), 1)
    def test_fork(self):
        import os
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
`,
    'looks into itself': `import gc, inspect, sys, traceback, unittest, warnings
class Own(unittest.TestCase):
    def test_self(self):
        self.assertIn('test_self', inspect.getsource(type(self)))
        self.assertTrue(gc.get_objects())
        self.assertEqual(sys._getframe().f_code.co_name, 'test_self')
        open(__file__).close()
`,
    'is run by doctest': `import doctest, unittest
import helper
def load_tests(loader, tests, pattern):
    tests.addTests(doctest.DocTestSuite(helper))
    return tests
`,
  };
  const helper = `def twice(n):
    """
    >>> twice(2)
    4
    """
    return 2 * n
`;
  it.each(Object.entries(honest))('lets a suite be that %s', async (_what, text) => {
    const { after } = await guardedRuns('python3 -m unittest test_honest', { 'test_honest.py': text, 'helper.py': helper }, {});
    expect(after).toMatchObject({ guard: 'records', failed: 0, breaches: [], doubts: [], green: true });
  });

  it('lets the code under test warn, log and report errors where it is called', async () => {
    const says = `import logging, traceback, warnings\nfrom collections import namedtuple\nPair = namedtuple('Pair', 'a b')\ndef add(a, b):\n    warnings.warn('slow', stacklevel=2)\n    logging.warning('adding')\n    try:\n        raise ValueError(a)\n    except ValueError:\n        traceback.format_exc()\n        logging.exception('no')\n    return sum(Pair(a, b))\n`;
    expect(await guardedRuns(command, files, { 'sums.py': says })).toMatchObject({ believed: true, after: { passed: 2, doubts: [] } });
  });

  it("keeps the user's PYTHONPATH, sitecustomize and modules of the names of Python's", async () => {
    const project = {
      'src/sums.py': pythonRight,
      'src/colorsys.py': 'mine = 1\n',
      'src/sitecustomize.py': 'import builtins\nbuiltins.started = "by the user"\n',
      'test_sums.py': `import os, sys, colorsys\n${tests}\n    def test_started(self):\n        self.assertEqual((started, colorsys.mine, os.environ["PYTHONPATH"]), ("by the user", 1, "src"))\n        self.assertFalse([n for n in (*os.environ, *sys.path, *sys.modules) if n in ("TEAMWRIGHT_GUARD", "TEAMWRIGHT_PYTHON") or "/guards" in n or "teamwright_" in n])\n`,
    };
    const { after } = await guardedRuns(`PYTHONPATH=src ${command}`, project, {});
    expect(after).toMatchObject({ guard: 'records', passed: 3, failed: 0, breaches: [], green: true });
  });
});

describe('a program that starts unittest by itself, such as manage.py', () => {
  const manage = `import sys, unittest\nif __name__ == '__main__':\n    suite = unittest.defaultTestLoader.discover('.', pattern='test*.py', top_level_dir='.')\n    sys.exit(not unittest.TextTestRunner(resultclass=None).run(suite).wasSuccessful())\n`;
  const project = { ...files, 'manage.py': manage };
  const start = 'python3 manage.py test --parallel 4';

  it('is heard test by test, and the solution believed', async () => {
    const { before, believed, after } = await guardedRuns(start, project, { 'sums.py': pythonRight });
    expect(before).toMatchObject({ guard: 'records', passed: 1, failed: 1, breaches: [], doubts: [] });
    expect({ believed, after }).toMatchObject({ believed: true, after: { guard: 'records', passed: 2, breaches: [], doubts: [] } });
  });

  it.each(Object.entries(attacks))('is not taken in by code that %s', async (_what, code) => {
    const { believed, passed, breaches, after } = await guardedRuns(start, project, { 'sums.py': code });
    expect({ believed, passed, breaches, after }).toMatchObject({ believed: false });
  });

  it('is not taken in by code that runs a suite of its own first', async () => {
    const first = `import sys, unittest\nclass Sums(unittest.TestCase):\n    def test_zero(self): pass\n    def test_adds(self): pass\nSums.__module__ = 'test_sums'\nunittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(Sums))\n${pythonWrong}`;
    expect(await guardedRuns(start, project, { 'sums.py': first })).toMatchObject({ believed: false });
  });

  it.each([
    ['a suite', 'suite', [1, 2]],
    ['a single test', 'next(iter(next(iter(next(iter(suite))))))', [0, 1]],
  ])(
    'hears a runner with its own way to run %s and its own results, subtests that fail too',
    async (_what, handed, [passed = 0, failed = 0]) => {
      const own = `import sys, unittest
class Quiet(unittest.TextTestResult):
    def addFailure(self, test, err): self.failures.append((test, ''))
    def addError(self, test, err): self.errors.append((test, ''))
    def addSubTest(self, test, subtest, err): self.failures.extend([(test, '')] if err else [])
class Runner(unittest.TextTestRunner):
    def run(self, test):
        result = Quiet(self.stream, True, 0)
        test(result)
        return result
suite = unittest.defaultTestLoader.discover('.', pattern='test*.py', top_level_dir='.')
sys.exit(not Runner().run(${handed}).wasSuccessful())
`;
      const parts = `from sums import add\nimport unittest\nclass Parts(unittest.TestCase):\n    def test_parts(self):\n        for n in (0, 1):\n            with self.subTest(n=n):\n                self.assertEqual(add(0, n), n)\n`;
      const { before, believed, after } = await guardedRuns(
        start,
        { ...project, 'manage.py': own, 'test_parts.py': parts },
        { 'sums.py': pythonRight },
      );
      expect(before).toMatchObject({ guard: 'records', passed, failed, breaches: [], doubts: [] });
      expect({ believed, after }).toMatchObject({ believed: true, after: { guard: 'records', passed: passed + failed, doubts: [] } });
    },
  );

  it('knows tests of documentation by what they stand in', async () => {
    const documented =
      'def one():\n    """\n    >>> one()\n    1\n    """\n    return 1\ndef two():\n    """\n    >>> two()\n    2\n    """\n    return 3\n';
    const loads =
      'import doctest, documented\ndef load_tests(loader, tests, _):\n    tests.addTests(doctest.DocTestSuite(documented))\n    return tests\n';
    const { before, believed, passed } = await guardedRuns(
      'python3 -m unittest test_documented',
      { 'documented.py': documented, 'test_documented.py': loads },
      { 'documented.py': documented.replace('return 3', 'return 2') },
    );
    expect(before.cases.map(({ id, file, outcome }) => [id, file, outcome])).toEqual([
      ['documented.one', undefined, 'passed'],
      ['documented.two', undefined, 'failed'],
    ]);
    expect({ believed, passed }).toEqual({ believed: true, passed: ['documented.one', 'documented.two'] });
  });

  it('lets tests run a runner of their own', async () => {
    const inner = `import io, unittest\nfrom sums import add\nclass Inner(unittest.TestCase):\n    def test_bad(self):\n        self.fail()\ndef load_tests(loader, *_):\n    return unittest.TestSuite(loader.loadTestsFromTestCase(Outer))\nclass Outer(unittest.TestCase):\n    def test_inner(self):\n        result = unittest.TextTestRunner(stream=io.StringIO()).run(Inner('test_bad'))\n        self.assertEqual(len(result.failures), 1)\n`;
    const { after } = await guardedRuns(start, { ...project, 'sums.py': pythonRight, 'test_inner.py': inner }, {});
    expect(after).toMatchObject({ guard: 'records', passed: 3, failed: 0, breaches: [], doubts: [], green: true });
  });
});
