import { join } from 'node:path';
import { readChannel } from '../channel.ts';
import { readingOf } from '../reading.ts';
import { guardEnv, moduleAt, startedByUs } from './python.ts';
import { programName, type Runner } from './runner.ts';

/** `pytest …` or `python -m pytest …`: the index of pytest; -1 when it is neither. */
function pytestAt(words: readonly string[]): number {
  return /^(pytest|py\.test)$/.test(programName(words[0])) ? 0 : moduleAt(words, 'pytest');
}

export const pytest: Runner = {
  name: 'pytest',
  recognises: (words) => pytestAt(words) >= 0,
  prepare(argv, place) {
    const { channel } = place;
    const at = pytestAt(argv);
    // The cache goes out of the workspace by its folder: `-p no:cacheprovider` would break projects whose options name the cache (`--ff`).
    // The guard takes them out of `sys.argv` by their number.
    const options = ['-o', `cache_dir=${join(place.reports, 'cache')}`, '--rootdir=.', '--color=no', '--tb=short'];
    const words = [...argv.slice(0, at + 1), ...options, ...argv.slice(at + 1)];
    return {
      argv: at === 0 ? words : startedByUs(words, at),
      env: guardEnv('pytest', place),
      reportFile: channel.records,
      read: () =>
        readingOf(readChannel(channel), { root: place.root, normalise: place.normalise, separator: '::' }, (file) =>
          file === '' ? file : join(place.cwd, file),
        ),
    };
  },
};
