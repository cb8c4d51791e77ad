import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readChannel } from '../channel.ts';
import { readingOf } from '../reading.ts';
import { unittestMain } from '../reporters/unittest.ts';
import { programName, type Runner } from './runner.ts';

export const unittest: Runner = {
  name: 'unittest',
  recognises: (words) =>
    /^(python[\d.]*|py|pypy[\d.]*)$/.test(programName(words[0])) &&
    words.indexOf('-m') > 0 &&
    words[words.indexOf('-m') + 1] === 'unittest',
  prepare(argv, place) {
    const main = join(place.reports, 'teamwright_unittest.py');
    const { channel } = place;
    writeFileSync(main, unittestMain);
    const at = argv.indexOf('-m');
    return {
      argv: [...argv.slice(0, at), main, ...argv.slice(at + 2)],
      env: { TEAMWRIGHT_TICKET: channel.ticket, PYTHONHASHSEED: '0' },
      reportFile: channel.records,
      read: () => readingOf(readChannel(channel), { root: place.root, normalise: place.normalise, separator: ' > ' }),
    };
  },
};
