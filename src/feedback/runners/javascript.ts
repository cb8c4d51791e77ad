import { readChannel } from '../channel.ts';
import { guardFile, guardVariable } from '../guard-files.ts';
import { readingOf } from '../reading.ts';
import { type Prepared, programName, type Runner, type RunPlace, withoutOption } from './runner.ts';

export const vitest: Runner = {
  name: 'vitest',
  recognises: (words) => programName(words[0]) === 'vitest' && !['bench', 'list', 'init'].includes(words[1] ?? ''),
  prepare(argv, place) {
    const [program = 'vitest', ...words] = withoutOption(argv, '--reporter', '--outputFile').filter(
      (word) => !/^(-w|--(watch|ui)(=(?!false$).*)?)$/.test(word),
    );
    const command = /^(run|watch|dev|related)$/.test(words[0] ?? '') ? words.shift() : 'run';
    const verb = command === 'related' ? ['related', '--run'] : ['run'];
    return { ...guarded(place, 'vitest.cjs'), argv: [program, ...verb, `--reporter=${guardFile('vitest-reporter.mjs')}`, ...words] };
  },
};

export const jest: Runner = {
  name: 'jest',
  recognises: (words) => programName(words[0]) === 'jest',
  prepare(argv, place) {
    const [program = 'jest', ...words] = withoutOption(argv, '--reporters', '--outputFile').filter(
      (word) => !/^(--(watch|watchAll)(=(?!false$).*)?|--json|--ci)$/.test(word),
    );
    return { ...guarded(place, 'jest.cjs'), argv: [program, `--reporters=${guardFile('jest.cjs')}`, '--ci', ...words] };
  },
};

export const mocha: Runner = {
  name: 'mocha',
  recognises: (words) => /^_?mocha$/.test(programName(words[0])),
  prepare(argv, place) {
    const [program = 'mocha', ...words] = withoutOption(argv, '--reporter', '-R', '--reporter-option', '--reporter-options', '-O').filter(
      (word) => !/^(-w|--watch)$/.test(word),
    );
    return { ...guarded(place, 'mocha.cjs'), argv: [program, '--reporter', guardFile('mocha.cjs'), ...words] };
  },
};

/** The guard is loaded before the runner's own program. */
function guarded({ channel, root, normalise }: RunPlace, guard: string): Omit<Prepared, 'argv'> {
  return {
    preload: guardFile(guard),
    env: { [guardVariable]: channel.ticket },
    reportFile: channel.records,
    read: (cutShort) => readingOf(readChannel(channel), { root, normalise, separator: ' > ' }, undefined, cutShort),
  };
}
