import { join } from 'node:path';
import { guardFile, guardVariable } from '../guard-files.ts';
import { programName, type RunPlace } from './runner.ts';

/** Loaded by Python itself, by its name, from the folder in PYTHONPATH. */
const start = guardFile(join('python', 'sitecustomize.py'));

/** `python -m MODULE …`; gives the index of the module, -1 when it is none. */
export function moduleAt(words: readonly string[], module: string): number {
  const at = words.indexOf('-m') + 1;
  return at > 1 && words[at] === module && isPython(words[0]) ? at : -1;
}

/** `python [options] FILE …`: the index of the file; -1 where a module or a text of code is started. */
export function scriptAt(words: readonly string[]): number {
  if (!isPython(words[0])) return -1;
  let at = 1;
  while (/^-(?:[bBdEhiIOPqRsSuvx]+$|[WX])/.test(words[at] ?? '')) at += /^-[WX]$/.test(words[at] ?? '') ? 2 : 1;
  return words[at] === undefined || words[at]?.startsWith('-') ? -1 : at;
}

export const isPython = (word: string | undefined): boolean => /^(python[\d.]*|py|pypy[\d.]*)$/.test(programName(word));

/** A command line, the end of which is `-m MODULE …` from `at` on, that starts the guard also where Python is told to pay no heed to PYTHONPATH (`-E`, `-I`, `-S`). */
export function startedByUs(argv: readonly string[], at: number): string[] {
  const words = argv.slice(0, at - 1);
  return words.some((word) => /^-[bBdhiOPqsuvx]*[EIS]/.test(word)) ? [...words, start, ...argv.slice(at)] : [...argv];
}

/**
 * What starts the guard. `runner`: `program` for what makes a runner of unittest by itself; `program`: its file, where it is one of the project. The user's own PYTHONPATH
 * waits in a variable of ours until the guard has what it needs.
 */
export function guardEnv(runner: string, { channel, env, root, workspace = '' }: RunPlace, program = ''): Record<string, string> {
  const path = env.PYTHONPATH ?? process.env.PYTHONPATH ?? '';
  return {
    [guardVariable]: channel.ticket,
    TEAMWRIGHT_PYTHON: [runner, root, workspace, program, path].join('\n'),
    PYTHONPATH: guardFile('python'),
    PYTHONHASHSEED: '0',
  };
}
