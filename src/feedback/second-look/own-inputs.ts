/**
 * Inputs that somebody thought of, to tell changes apart that the tests hold for equally good (S*, arXiv 2502.14382): calls of what the changes
 * define, with plain values, made in a copy of their own as tests of ours whose failures say what came back. Which answer is right nobody knows; what
 * is told is which changes answer alike. Pure but for looking which Python a project has.
 */
import { posix } from 'node:path';
import { pythonOf } from '../pythons.ts';
import type { ChangedFile } from '../steering-changes.ts';
import type { TestCommand, TestReport } from '../types.ts';
import { answersIn, javascriptWith, pythonWith } from './trial.ts';
import { callIn, definitionsIn, type Expression, textOf } from './trial-inputs.ts';

/** A call that somebody proposes. */
export interface OwnInput extends Expression {
  /** The file that defines what it calls. */
  readonly path: string;
}

export const inputText = (input: OwnInput): string => textOf(input).replace(/\s+/g, ' ');

/** Functions at the top of changed files that can be called by themselves, with their file; none in other languages than JavaScript, TypeScript and Python. */
export function callableIn(changed: readonly ChangedFile[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, { path }] of definitionsIn(changed)) if (!/\.[jt]sx$|\.pyi$/i.test(path)) found.set(name, path);
  return found;
}

/** The calls of a reply, one in each line, the same one once, and how many lines with words are none. Marks of lists and blocks of code go without saying. */
export function inputsIn(
  reply: string,
  callable: ReadonlyMap<string, string>,
): { readonly inputs: readonly OwnInput[]; readonly unread: number } {
  const names = new Set(callable.keys());
  const inputs = new Map<string, OwnInput>();
  let unread = 0;
  for (const whole of reply.split(/\r?\n/)) {
    const line = whole
      .trim()
      .replace(/^(?:[-*]|\d{1,3}[.)])\s+/, '')
      .replace(/^`([^`]*)`$/, '$1')
      .replace(/;$/, '');
    if (line === '' || line.startsWith('```')) continue;
    const path = callable.get(/^[\w$]{1,81}/.exec(line)?.[0] ?? '');
    const call = path === undefined ? undefined : callIn(path, line, names);
    if (path === undefined || call === undefined) unread += 1;
    else inputs.set(textOf(call), { path, callee: call.callee, args: call.args });
  }
  return { inputs: [...inputs.values()], unread };
}

/** The tests that make the calls into one file. */
export interface OwnTrial {
  /** Where they stand, and their text. */
  readonly path: string;
  readonly text: string;
  readonly command: TestCommand;
  /** What came back for each of the inputs, in their order; undefined: nothing that can be compared. */
  answers(report: Pick<TestReport, 'cases'>): readonly (string | undefined)[];
  readonly inputs: readonly OwnInput[];
}

/** Longest answer that is compared whole; of a longer one its beginning and its length are. */
const longestCompared = 400;

/** One for each file whose functions are called. `root`: the copy they run in; `mark`: letters and digits nobody else knows. */
export function ownTrials(inputs: readonly OwnInput[], root: string, mark: string): readonly OwnTrial[] {
  return [...Map.groupBy(inputs, ({ path }) => path)].map(([path, own], at) => {
    const calls = own.map((visible) => ({ name: visible.callee, visible, variants: [] }));
    const isPython = /\.py$/i.test(path);
    const file = isPython ? `teamwright_${mark}_${at}.py` : `teamwright-${mark}-${at}.test.mjs`;
    const write = isPython ? pythonWith(longestCompared) : javascriptWith(`test_${mark}`, longestCompared);
    const head = isPython ? pythonHead(path, own, mark) : javascriptHead(path, own, mark);
    const folder = { root, folder: '', path: root, isTop: true };
    const argv = isPython ? [pythonOf(folder), '-m', 'unittest', file] : ['node', '--test', file];
    return {
      inputs: own,
      path: file,
      text: `${head}\n${calls.map((call, index) => write(call, mark, index)).join('\n')}\n`,
      command: { runner: isPython ? 'unittest' : 'node-test', argv, display: argv.join(' '), cwd: '', source: 'teamwright' },
      answers: (report) => {
        const said = new Map(answersIn(report, { files: new Map(), calls, mark }).map(({ call, visible }) => [call, visible]));
        return calls.map((call) => {
          const answer = said.get(call);
          return answer === undefined || answer.said.includes(mark) ? undefined : `${answer.threw ? 'throws ' : ''}${answer.said}`;
        });
      },
    };
  });
}

const namesOf = (inputs: readonly OwnInput[]): readonly string[] => [...new Set(inputs.map(({ callee }) => callee))];

/** As a module of either kind hands it out; a call of what it does not says nothing. */
const javascriptHead = (path: string, inputs: readonly OwnInput[], mark: string): string =>
  [
    `import { test as test_${mark} } from 'node:test';`,
    `const own_${mark} = await import(${JSON.stringify(`./${path}`)});`,
    `const find_${mark} = (name) => [own_${mark}[name], own_${mark}.default?.[name], own_${mark}.default?.name === name ? own_${mark}.default : undefined].find((one) => typeof one === 'function') ?? (() => { throw '${mark}'; });`,
    ...namesOf(inputs).map((name) => `const ${name} = find_${mark}('${name}');`),
  ].join('\n');

/** As a module of its package, where it is in one. */
const pythonHead = (path: string, inputs: readonly OwnInput[], mark: string): string =>
  [
    `import importlib as _importlib_${mark}, os as _os_${mark}, sys as _sys_${mark}`,
    `def _own_${mark}():`,
    `    folder, names = _os_${mark}.path.abspath(${JSON.stringify(posix.dirname(path))}), [${JSON.stringify(posix.basename(path).replace(/\.py$/i, ''))}]`,
    `    while _os_${mark}.path.exists(_os_${mark}.path.join(folder, '__init__.py')):`,
    `        folder, names = _os_${mark}.path.dirname(folder), [_os_${mark}.path.basename(folder), *names]`,
    `    _sys_${mark}.path.insert(0, folder)`,
    `    return _importlib_${mark}.import_module('.'.join(names))`,
    `def _absent_${mark}(*_, **__):`,
    `    raise LookupError('${mark}')`,
    `_module_${mark} = _own_${mark}()`,
    ...namesOf(inputs).map((name) => `${name} = getattr(_module_${mark}, '${name}', _absent_${mark})`),
  ].join('\n');
