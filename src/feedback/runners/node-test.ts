import { pathToFileURL } from 'node:url';
import { globSync } from 'tinyglobby';
import { readChannel } from '../channel.ts';
import { guardFile, guardVariable } from '../guard-files.ts';
import { readingOf } from '../reading.ts';
import { programName, type Runner, withoutOption } from './runner.ts';

export const nodeTest: Runner = {
  name: 'node-test',
  recognises: (words) => ['node', 'nodejs', 'tsx'].includes(programName(words[0])) && words.includes('--test'),
  prepare(argv, { channel, cwd, root, normalise }) {
    const guard = guardFile('node-test.cjs');
    const [program = 'node', ...rest] = withoutOption(argv, ...['--test-reporter', '--test-reporter-destination', '--watch-path']).filter(
      (word) => !/^--watch(-preserve-output)?$/.test(word),
    );
    const options = ['--require', guard, `--test-reporter=${pathToFileURL(guard).href}`, '--test-reporter-destination=stdout'];
    return {
      argv: [program, ...options, ...rest.flatMap((word) => expand(word, cwd))],
      env: { [guardVariable]: channel.ticket },
      reportFile: channel.records,
      read: (cutShort) => readingOf(readChannel(channel), { root, normalise, separator: ' > ' }, undefined, cutShort),
    };
  },
};

/** Node 20 takes no globs; a shell would have expanded these. */
function expand(word: string, cwd: string): string[] {
  if (word.startsWith('-') || !/[*?]/.test(word)) return [word];
  const files = globSync(word.replaceAll('\\', '/'), { cwd, dot: false, expandDirectories: false }).sort();
  return files.length > 0 ? files : [word];
}
