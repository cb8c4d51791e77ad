import { afterAll, describe, expect, it } from 'vitest';
import { installedPython } from '../../scripts/test-runners.ts';
import { guardedProject, guardedRuns } from '../support/guarded-runs.ts';
import { works } from '../support/python.ts';
import { pythonAttacks, pythonRight, pythonWrong } from '../support/python-attacks.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

/** An interpreter with pytest and those of its plugins that start processes, or stand between pytest and its tests. */
const python = installedPython() ?? 'python3';
const has = (module: string): boolean => works(python, '-c', `import ${module}`);

/** With some versions of pytest, pytest-forked calls every test failed, guard or not. */
const forks = ((): boolean => {
  if (!has('pytest_forked')) return false;
  const { root, dispose } = temporaryWorkspace({ 'test_one.py': 'def test_one(): pass\n' });
  try {
    return works(python, '-m', 'pytest', '--forked', '-q', '-p', 'no:cacheprovider', `--rootdir=${root}`, root);
  } finally {
    dispose();
  }
})();

const tests = `import unittest
import pytest
from sums import add

def test_zero():
    assert add(0, 0) == 0

@pytest.mark.parametrize('n', [1, 2])
def test_adds(n):
    assert add(1, n) == 1 + n

class Sums(unittest.TestCase):
    def test_case(self):
        self.assertEqual(add(1, 2), 3)

def test_skip():
    pytest.skip('later')
`;
const others = 'from sums import add\nclass TestOther:\n    def test_other(self):\n        assert add(0, 0) == 0\n';
const files = { 'test_sums.py': tests, 'test_other.py': others, 'sums.py': pythonWrong };

const modes: Readonly<Record<string, boolean>> = {
  '-n 2 -v': has('xdist'),
  '-n 2 --dist loadfile': has('xdist'),
  '--forked': forks,
  '-n 2 --forked': forks && has('xdist'),
  '-n 2 --reruns 1': has('pytest_rerunfailures') && has('xdist'),
  '--forked --reruns 1': has('pytest_rerunfailures') && forks,
  '--timeout 50 --timeout-method thread': has('pytest_timeout'),
  '--forked --timeout 50': has('pytest_timeout') && forks,
  '-n 2 -p randomly': has('pytest_randomly') && has('xdist'),
  '-n 2 --cov': has('pytest_cov') && has('xdist'),
  '--forked --cov': has('pytest_cov') && forks,
};

describe.skipIf(!has('pytest'))('pytest with plugins that start processes or change how tests run', () => {
  for (const [mode, isThere] of Object.entries(modes))
    it.skipIf(!isThere)(`counts right and wrong code alike with ${mode}`, async () => {
      const { before, after, believed } = await guardedRuns(`${python} -m pytest ${mode}`, files, { 'sums.py': pythonRight });
      expect(before).toMatchObject({ guard: 'records', passed: 2, failed: 3, skipped: 1, breaches: [], doubts: [] });
      expect(after).toMatchObject({ guard: 'records', passed: 5, failed: 0, skipped: 1, breaches: [], doubts: [] });
      expect(believed).toBe(true);
    });

  it.skipIf(!has('pytest_asyncio') || !has('xdist'))('sees asynchronous tests in workers', async () => {
    const slow = 'import asyncio, pytest\n@pytest.mark.asyncio\nasync def test_a():\n    await asyncio.sleep(0)\n';
    const { after } = await guardedRuns(`${python} -m pytest -n 2`, { 'test_slow.py': slow }, {});
    expect(after).toMatchObject({ green: true, passed: 1, breaches: [], doubts: [] });
  });

  it.skipIf(!forks)('sees a test that alone asks for a process of its own, beside tests that fork themselves', async () => {
    const suite = `import os, pytest
@pytest.mark.forked
def test_own():
    os.environ['OWN'] = '1'
def test_after():
    assert 'OWN' not in os.environ
def test_forks():
    child = os.fork()
    if child == 0:
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
`;
    for (const mode of ['', ' --forked']) {
      const { after } = await guardedRuns(`${python} -m pytest${mode}`, { 'test_own.py': suite }, {});
      expect(after).toMatchObject({ green: true, passed: 3, failed: 0, breaches: [], doubts: [] });
    }
  });
});

describe.skipIf(!forks)('pytest-forked', () => {
  const project = guardedProject(`${python} -m pytest --forked test_sums.py`, files);
  afterAll(() => project.dispose());

  /** What a child hands its parent is found below the temporary folder. */
  const forged = `import glob, marshal, os, tempfile
def add(a, b):
    if a == 1:
        reports = [dict(nodeid=os.environ['PYTEST_CURRENT_TEST'].split(' ')[0], location=('test_sums.py', 0, 'test_adds'), keywords={}, outcome='passed', longrepr=None, when=when, sections=[], duration=0, start=0, stop=0, user_properties=[]) for when in ('setup', 'call', 'teardown')]
        for place in glob.glob(tempfile.gettempdir() + '/*/retval') + glob.glob(tempfile.gettempdir() + '/*'):
            try:
                with open(place if place.endswith('retval') else place + '/retval', 'wb') as file:
                    file.write(marshal.dumps(reports))
            except OSError:
                pass
        os._exit(0)
    return a - b
`;
  const inProcess = ['ends it in the call', 'looks for the guard among all objects', 'replaces a check', 'replaces the code of a check'];
  const attacks: Readonly<Record<string, string>> = {
    ...Object.fromEntries(inProcess.map((name) => [name, pythonAttacks[name] ?? ''])),
    'hands over reports of its own making': forged,
    'goes on in a child of the child': `import os\ndef add(a, b):\n    if a == 1 and os.fork():\n        os.waitpid(-1, 0)\n        os._exit(0)\n    return a - b\n`,
    'replaces the runner in the child': `import _pytest.runner, _pytest.python\ndef add(a, b):\n    _pytest.python.Function.runtest = lambda self: None\n    return a + b if a != 1 else 1 / 0\n`,
  };
  it.each(Object.entries(attacks))('is not taken in by code that %s', async (_what, code) => {
    const { believed, passed, breaches, after } = await project.runsWith({ 'sums.py': code });
    expect({ solved: believed && after.passed === 4, passed, breaches, after }).toMatchObject({ solved: false });
  });
});

describe.skipIf(!has('xdist'))('workers of xdist', () => {
  const dies = 'import os, signal\nfrom sums import add\ndef test_die():\n    add(9, 9)\n    os.kill(os.getpid(), signal.SIGKILL)\n';
  const many = `import pytest, time\nfrom sums import add\n@pytest.mark.parametrize('n', range(1, 7))\ndef test_each(n):\n    time.sleep(0.05)\n    assert add(1, n) == 1 + n\n`;
  const suite = { 'test_die.py': dies, 'test_each.py': many, 'sums.py': pythonWrong };

  it.each(['-n 1', '-n 2'])('are seen when they die and are replaced (%s)', async (mode) => {
    const { before, after, breaches } = await guardedRuns(`${python} -m pytest ${mode} -p no:randomly`, suite, { 'sums.py': pythonRight });
    expect(before).toMatchObject({ passed: 0, failed: 7, breaches: [], doubts: [] });
    expect({ after, breaches }).toMatchObject({ after: { passed: 6, failed: 1, doubts: [] }, breaches: [] });
    expect(after.cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id)).toEqual(['test_die.py::test_die']);
  });

  const steals = (andThen: string) => `import os, threading, time
import unittest
folder = os.path.dirname(open('/proc/self/environ').read().split('TEAMWRIGHT_GUARD=')[-1].split('\\0')[0])
def act():
    while folder:
        for name in os.listdir(folder):
            if name.startswith('ticket'):
                try:
                    ${andThen}
                except OSError:
                    pass
threading.Thread(target=act, daemon=True).start()
def add(a, b):
    if a == 9:
        time.sleep(0.5)
        os._exit(0)
    return a + b
`;
  it.skipIf(process.platform !== 'linux').each([
    ['takes what another worker is handed', "os.rename(folder + '/' + name, folder + '/mine')"],
    ['takes it away', "os.remove(folder + '/' + name)"],
  ])('are not believed when one %s', async (_what, act) => {
    const { believed, breaches } = await guardedRuns(`${python} -m pytest -n 2 -p no:randomly`, suite, { 'sums.py': steals(act) });
    expect({ believed, breaches }).toMatchObject({ believed: false, breaches: expect.arrayContaining(['reached-in']) });
  });

  it('are not believed when one ends before its checks', async () => {
    const ends = `import sys\nconfig = next(one.config for one in sys.meta_path if hasattr(one, 'config'))\nimport os, pytest\nclass Plugin:\n    @pytest.hookimpl(tryfirst=True)\n    def pytest_sessionfinish(self):\n        os._exit(0)\nconfig.pluginmanager.register(Plugin())\n${pythonRight}`;
    const { believed, breaches } = await guardedRuns(`${python} -m pytest -n 2 test_sums.py`, files, { 'sums.py': ends });
    expect({ believed, breaches }).toMatchObject({ believed: false });
  });

  it.each(['ends it in the call', 'walks up from an error', 'replaces a check', 'takes the key from there and writes the record anew'])(
    'are not believed when one %s',
    async (name) => {
      const { believed, after } = await guardedRuns(`${python} -m pytest -n 2 test_sums.py`, files, {
        'sums.py': pythonAttacks[name] ?? '',
      });
      expect({ solved: believed && after.passed === 4, after }).toMatchObject({ solved: false });
    },
  );
});
