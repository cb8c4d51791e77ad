import { readChannel } from '../channel.ts';
import { readingOf } from '../reading.ts';
import { guardEnv, moduleAt, scriptAt, startedByUs } from './python.ts';
import type { Runner } from './runner.ts';

/** Words of `python [options] manage.py test …`: the index of the file. */
const managed = (words: readonly string[]): number => {
  const at = scriptAt(words);
  return /(^|[\\/])manage\.py$/.test(words[at] ?? '') && words[at + 1] === 'test' ? at : -1;
};

/** `python -m django test …` makes a runner of unittest by itself, as `manage.py` does. */
const djangoAt = (words: readonly string[]): number => {
  const at = moduleAt(words, 'django');
  return at > 0 && words[at + 1] === 'test' ? at : -1;
};

/** Of Django and of a program of the project that starts tests: tests in processes of their own are heard by nobody. */
function oneProcess(argv: readonly string[]): string[] {
  const at = argv.findIndex((word) => /^--parallel(=|$)/.test(word));
  const value = argv[at] === '--parallel' && /^(auto|\d+)$/.test(argv[at + 1] ?? '') ? 2 : 1;
  return at < 0 ? [...argv] : argv.toSpliced(at, value);
}

export const unittest: Runner = {
  name: 'unittest',
  recognises: (words) => moduleAt(words, 'unittest') > 0 || djangoAt(words) > 0 || managed(words) > 0,
  prepare(argv, place) {
    const { channel, root, normalise } = place;
    const module = moduleAt(argv, 'unittest');
    const django = djangoAt(argv);
    const program = module < 0 && django < 0 ? (argv[scriptAt(argv)] ?? '') : '';
    return {
      argv: module > 0 ? startedByUs(argv, module) : django > 0 ? startedByUs(oneProcess(argv), django) : oneProcess(argv),
      env: guardEnv(module > 0 ? 'unittest' : 'program', place, program),
      reportFile: channel.records,
      read: () => readingOf(readChannel(channel), { root, normalise, separator: ' > ' }),
    };
  },
};
