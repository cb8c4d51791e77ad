import { readChannel } from '../channel.ts';
import { readingOf } from '../reading.ts';
import { guardEnv, moduleAt, startedByUs } from './python.ts';
import type { Runner } from './runner.ts';

export const unittest: Runner = {
  name: 'unittest',
  recognises: (words) => moduleAt(words, 'unittest') > 0,
  prepare(argv, place) {
    const { channel, root, normalise } = place;
    return {
      argv: startedByUs(argv, moduleAt(argv, 'unittest')),
      env: guardEnv('unittest', place),
      reportFile: channel.records,
      read: () => readingOf(readChannel(channel), { root, normalise, separator: ' > ' }),
    };
  },
};
