import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readChannel } from '../channel.ts';
import { readingOf } from '../reading.ts';
import { pytestPlugin } from '../reporters/pytest.ts';
import { programName, type Runner } from './runner.ts';

/** `pytest …` or `python -m pytest …`; -1 when it is neither. Gives the index of the word after which options may stand. */
function pytestAt(words: readonly string[]): number {
  const program = programName(words[0]);
  if (program === 'pytest' || program === 'py.test') return 0;
  if (!/^(python[\d.]*|py|pypy[\d.]*)$/.test(program)) return -1;
  const module = words.indexOf('-m');
  return module > 0 && words[module + 1] === 'pytest' ? module + 1 : -1;
}

export const pytest: Runner = {
  name: 'pytest',
  recognises: (words) => pytestAt(words) >= 0,
  prepare(argv, place) {
    const { channel } = place;
    writeFileSync(join(place.reports, 'teamwright_report.py'), pytestPlugin);
    const at = pytestAt(argv) + 1;
    // The cache goes out of the workspace by its folder: `-p no:cacheprovider` would break projects whose options name the cache (`--ff`).
    const options = [
      '-p',
      'teamwright_report',
      '-o',
      `cache_dir=${join(place.reports, 'cache')}`,
      '--rootdir=.',
      '--color=no',
      '--tb=short',
    ];
    const path = [place.reports, ...(process.env.PYTHONPATH ? [process.env.PYTHONPATH] : [])].join(delimiter);
    return {
      argv: [...argv.slice(0, at), ...options, ...argv.slice(at)],
      env: { TEAMWRIGHT_TICKET: channel.ticket, PYTHONPATH: path, PYTHONHASHSEED: '0' },
      reportFile: channel.records,
      read: () =>
        readingOf(readChannel(channel), { root: place.root, normalise: place.normalise, separator: '::' }, (file) =>
          file === '' ? file : join(place.cwd, file),
        ),
    };
  },
};
