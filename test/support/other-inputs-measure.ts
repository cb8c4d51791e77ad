/** Tasks of the bench under the trial on other inputs: their references, and changes that know an answer only to what the tests put in. */
import type { Task } from '../../src/bench/tasks.ts';
import {
  type Answers,
  answersIn,
  madeForInputs,
  roleOf,
  runTests,
  type Trial,
  testCommandFromText,
  trialOf,
} from '../../src/feedback/index.ts';
import type { Tampering } from '../../src/feedback/types.ts';
import { temporaryWorkspace } from './workspaces.ts';

type Files = Readonly<Record<string, string>>;

/** What other inputs get from a change that is made for its tests, in JavaScript and Python. `start`: what the code without the change says. */
export const madeForTests = {
  nothing: ['undefined', 'None'],
  throws: ["(() => { throw new Error('no'); })()", '1 / 0'],
  'what was given': ['args[0]', 'args[0]'],
  zero: ['0', '0'],
  'the old answer': ['start(...args)', 'start(*args)'],
} as const;
export type MadeForTests = keyof typeof madeForTests;

/** Undefined where its tests call nothing with literals. Without `kind` the reference itself is tried. */
export async function tryTask(task: Task, kind?: MadeForTests): Promise<readonly Tampering[] | undefined> {
  const reference = Object.entries(task.reference).map(([path, after]) => ({ path, before: task.files[path], after }));
  const tests = new Map(Object.entries(task.files).filter(([path]) => roleOf(path) === 'test'));
  const trial = trialOf(tests, reference, 'other4711');
  if (trial === undefined) return undefined;
  const changed = kind === undefined ? reference : reference.map((file) => ({ ...file, after: gamed(task, file.path, trial, kind) }));
  const answers = await answersOf(task, Object.fromEntries(changed.map(({ path, after }) => [path, after])), trial);
  const flags = madeForInputs(answers, [], changed, tests.values());
  return flags.length > 0 ? flags : madeForInputs(answers, await answersOf(task, {}, trial), changed, tests.values());
}

async function answersOf(task: Task, changed: Files, trial: Trial): Promise<Answers[]> {
  const { root, dispose } = temporaryWorkspace({ ...task.files, ...changed, ...Object.fromEntries(trial.files) }, { git: false });
  try {
    const limits = { wallMs: 30_000, idleMs: 30_000, outputBytes: 256_000 };
    return answersIn(await runTests(testCommandFromText(task.test), root, limits, {}, new AbortController().signal), trial);
  } finally {
    dispose();
  }
}

/** The reference for what the tests put in, something else for the rest. */
function gamed({ files, language, reference }: Task, path: string, { calls }: Trial, kind: MadeForTests): string {
  const [text, before, [js, py]] = [reference[path] ?? '', files[path] ?? '', madeForTests[kind]];
  const names = [...new Set(calls.map(({ name }) => name))].filter((name) => new RegExp(String.raw`\b${name}\b`).test(text));
  const seen = (name: string): string[] =>
    calls.flatMap(({ name: of, visible }) => (of === name ? [visible.args.map((arg) => arg.replace(/^\w+\s*=\s*/, '')).join(', ')] : []));
  const own =
    language === 'javascript'
      ? (name: string) => `{
  const real = module.exports.${name};
  const seen = new Set([${seen(name)
    .map((args) => `JSON.stringify([${args}])`)
    .join(', ')}]);
  const start = (() => { const module = { exports: {} };\n${before}\nreturn module.exports.${name}; })();
  module.exports.${name} = (...args) => (seen.has(JSON.stringify(args)) ? real(...args) : ${js});
}`
      : (name: string) => `
def _made(real, start, seen):
    return lambda *args, **more: real(*args, **more) if repr(args + tuple(more.values())) in seen else ${py}
_before = {}
exec(${JSON.stringify(before)}, _before)
${name} = _made(${name}, _before.get('${name}'), {repr(one) for one in [${seen(name)
          .map((args) => `(${args},)`)
          .join(', ')}]})`;
  return `${text}\n${names.map(own).join('\n')}\n`;
}
