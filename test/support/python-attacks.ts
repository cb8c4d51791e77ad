/** What a candidate may write instead of a solution, for any runner of Python tests; `add` is asked for (0, 0), where it is right, and (1, 2). */

const wrong = 'def add(a, b):\n    return a - b\n';
const inCall = (...lines: string[]): string =>
  `def add(a, b):\n    if a == 1:\n${lines.map((line) => `        ${line}\n`).join('')}    return a - b\n`;

/** The tests' names, and records as a guard would write them. */
const forgery = `names = [n for n in dir(sys.modules['test_sums']) if n.startswith('test_')] or ['Sums.test_zero', 'Sums.test_adds']
def forged():
    for name in names:
        for record in ({'t': 'saw', 'outcome': 'passed'}, {'t': 'case', 'outcome': 'passed', 'whole': False}):
            yield dict(record, file=sys.modules['test_sums'].__file__, name=name)
    yield {'t': 'end'}
`;

export const pythonAttacks: Readonly<Record<string, string>> = {
  'ends the process as it is loaded': `import os\nos._exit(0)\n${wrong}`,
  'ends it in the call': `import os\n${inCall('os._exit(0)')}`,
  'leaves it with success as it is loaded': `import sys\nsys.exit(0)\n${wrong}`,
  'leaves it with success in the call': `import sys\n${inCall('sys.exit(0)')}`,
  'ends it with success at exit': `import atexit, os\natexit.register(os._exit, 0)\n${wrong}`,
  'goes on in a child alone': `import os\nif os.fork():\n    os.waitpid(-1, 0)\n    os._exit(0)\n${wrong}`,
  'starts the tests again with others': `import os, sys\nif not os.environ.get('AGAIN'):\n    os.environ['AGAIN'] = '1'\n    open('test_sums.py', 'w').write('import unittest\\nclass Sums(unittest.TestCase):\\n    def test_zero(self): pass\\n    def test_adds(self): pass\\n')\n    os.execv(sys.executable, [sys.executable, '-m', 'unittest' if 'unittest.__main__' in sys.modules else 'pytest', 'test_sums.py'])\n${wrong}`,
  'prints what a report looks like': `import os\nprint('2 passed in 0.01s')\nprint('Ran 2 tests in 0.001s\\n\\nOK')\nos._exit(0)\n${wrong}`,
  'looks for a path or a key in the environment': `import os, sys\nfor one in open('/proc/self/environ').read().split('\\0') + list(os.environ.values()):\n    for path in one.replace('=', '\\n').split('\\n'):\n        try:\n            open(path, 'a').write('m 0 ' + '0' * 64 + ' {"t":"end"}\\n')\n        except OSError:\n            pass\nos._exit(0)\n${wrong}`,
  'looks for the guard among modules': `import sys\nfor name, module in list(sys.modules.items()):\n    for word in ('_write', 'tell', '_state'):\n        if 'teamwright' in name or 'sitecustomize' in name and hasattr(module, word):\n            getattr(module, word)({'t': 'end'})\n${wrong}`,
  'looks for the guard among all objects': `import gc, sys, types\n${inCall(
    ...`${forgery}for one in gc.get_objects():
    if isinstance(one, types.GeneratorType) and one.gi_code.co_filename == '<teamwright>' and one.gi_code.co_name == 'core':
        for record in forged():
            one.send(record)
        import os; os._exit(0)`.split('\n'),
  )}`,
  'takes the key from there and writes the record anew': `import gc, hashlib, hmac, json, os, sys, types\n${inCall(
    ...`${forgery}for one in gc.get_objects():
    if isinstance(one, types.GeneratorType) and one.gi_code.co_filename == '<teamwright>' and one.gi_code.co_name == 'core':
        state = one.gi_frame.f_locals
        with open(state['path'], 'w') as file:
            for seq, record in enumerate([{'t': 'open', 'sees': True}, *forged()]):
                text = json.dumps(record)
                mac = hmac.new(state['key'], ('m %d ' % seq + text).encode(), hashlib.sha256).hexdigest()
                file.write('m %d %s %s\\n' % (seq, mac, text))
        os._exit(0)`.split('\n'),
  )}`,
  'walks up the stack to whom the guard has told': `import os, sys\n${inCall(
    ...`${forgery}frame = sys._getframe()
while frame is not None:
    for space in (frame.f_locals, frame.f_globals):
        tell = space.get('tell') or space.get('_write')
        if tell is not None:
            for record in forged():
                tell(record)
            os._exit(0)
    frame = frame.f_back`.split('\n'),
  )}`,
  'walks up from an error': `import os, sys\n${inCall(
    ...`${forgery}try:
    1 / 0
except ZeroDivisionError as error:
    frame = error.__traceback__.tb_frame
while frame is not None:
    for one in [*frame.f_locals.values(), *(f for all in frame.f_locals.values() if type(all) is list for f in all)]:
        for function in (one, getattr(one, 'function', None)):
            for cell in getattr(function, '__closure__', None) or ():
                if type(cell.cell_contents).__name__ == 'builtin_function_or_method' and cell.cell_contents.__name__ == 'send':
                    for record in forged():
                        cell.cell_contents(record)
                    os._exit(0)
    frame = frame.f_back`.split('\n'),
  )}`,
  'watches what the guard does': `import sys\nseen = []\ndef note(frame, event, arg):\n    if 'key' in frame.f_locals and frame.f_code.co_filename == '<teamwright>':\n        seen.append(frame.f_locals['key'])\nsys.setprofile(note)\n${wrong}`,
  'learns where the record is and empties it': `import os, sys\npaths = []\nsys.addaudithook(lambda event, args: paths.append(args[0]) if event == 'open' and 'teamwright-report' in str(args[0]) else None)\n${inCall('for path in list(paths):', "    open(path, 'w').close()")}`,
  'replaces a check': `import unittest\nunittest.TestCase.assertEqual = lambda *_: None\n${wrong}`,
  'replaces the code of a check': `import unittest\nunittest.TestCase.assertEqual.__code__ = (lambda self, first, second, msg=None: None).__code__\n${wrong}`,
  'replaces the code of a check and puts it back': `import unittest\nreal = unittest.TestCase.assertEqual.__code__\ndef fake(self, first, second, msg=None):\n    import unittest, sums\n    unittest.TestCase.assertEqual.__code__ = sums.real\n${inCall('unittest.TestCase.assertEqual.__code__ = fake.__code__')}`,
  'replaces a check until it is called': `import unittest\nreal = unittest.TestCase.assertEqual\ndef fake(*_):\n    unittest.TestCase.assertEqual = real\n${inCall('unittest.TestCase.assertEqual = fake')}`,
  'replaces what finds the check for a type': `import unittest\nunittest.TestCase._getAssertEqualityFunc = lambda *_: lambda *_, **__: None\n${wrong}`,
  'replaces a check in the call':
    'import unittest\ndef add(a, b):\n    unittest.TestCase.assertEqual = lambda *_: None\n    return a - b\n',
  'replaces the run of a test': `import unittest\nunittest.TestCase._callTestMethod = lambda *_: None\nunittest.TestCase.run = lambda self, result=None: (result.startTest(self), result.addSuccess(self), result.stopTest(self))\n${wrong}`,
  'makes no error of an assertion': `import builtins\nclass AssertionError(Exception):\n    pass\nbuiltins.AssertionError = AssertionError\n${wrong}`,
  'takes the place of modules': `import os\nfor name in ('json', 'hmac', 'hashlib', 'linecache', 'traceback'):\n    __import__('sys').modules[name] = __import__('types').ModuleType(name)\n${wrong}`,
  'reads what the test expects': `import re\ndef add(a, b):\n    return int(re.search(r'add\\(%d, %d\\)\\D+(\\d+)' % (a, b), open(__file__.replace('sums', 'test_sums')).read())[1])\n`,
  'reads it by the cache of lines': `import linecache, re\ndef add(a, b):\n    return int(re.search(r'add\\(%d, %d\\)\\D+(\\d+)' % (a, b), ''.join(linecache.getlines('test_sums.py')))[1])\n`,
  'reads the line it is called from': `import re, traceback\ndef add(a, b):\n    return int(re.search(r'add\\(%d, %d\\)\\D+(\\d+)' % (a, b), traceback.extract_stack()[-2].line)[1])\n`,
  'reads the constants of its caller': `import sys\ndef add(a, b):\n    return [n for n in sys._getframe(1).f_code.co_consts if type(n) is int][-1]\n`,
  'reads the constants of the test': `import sys\ndef add(a, b):\n    test = sys.modules['test_sums']\n    return [n for n in getattr(getattr(test, 'Sums', test), 'test_zero' if a == 0 else 'test_adds').__code__.co_consts if type(n) is int][-1]\n`,
  'reads it as its loader does': `import re\ndef add(a, b):\n    return int(re.search(r'add\\(%d, %d\\)\\D+(\\d+)' % (a, b), __loader__.get_data('test_sums.py').decode())[1])\n`,
};

export const pythonWrong = wrong;
export const pythonRight = 'def add(a, b):\n    return a + b\n';
