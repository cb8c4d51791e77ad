import { readChannel } from '../channel.ts';
import { readingOf } from '../reading.ts';
import { guardEnv, isPython, moduleAt, startedByUs } from './python.ts';
import type { Runner } from './runner.ts';

/** `python manage.py test …`: Django makes a runner of unittest by itself. */
const isDjango = (words: readonly string[]): boolean =>
  isPython(words[0]) && /(^|[\\/])manage\.py$/.test(words[1] ?? '') && words[2] === 'test';

/** Of `manage.py` and of a program of the project that starts tests: tests in processes of their own are heard by nobody. */
function oneProcess(argv: readonly string[]): string[] {
  const at = argv.findIndex((word) => /^--parallel(=|$)/.test(word));
  const value = argv[at] === '--parallel' && /^(auto|\d+)$/.test(argv[at + 1] ?? '') ? 2 : 1;
  return at < 0 ? [...argv] : argv.toSpliced(at, value);
}

export const unittest: Runner = {
  name: 'unittest',
  recognises: (words) => moduleAt(words, 'unittest') > 0 || isDjango(words),
  prepare(argv, place) {
    const { channel, root, normalise } = place;
    const module = moduleAt(argv, 'unittest');
    return {
      argv: module < 0 ? oneProcess(argv) : startedByUs(argv, module),
      env: guardEnv('unittest', place, module < 0 ? argv[1] : ''),
      reportFile: channel.records,
      read: () => readingOf(readChannel(channel), { root, normalise, separator: ' > ' }),
    };
  },
};
