/** A test command as it is typed or written in a manifest, read where it stands: what it comes down to, and what of it is not run. */
import { join, posix } from 'node:path';
import { findProgram } from '../process/index.ts';
import { plainWords, recognise, testCommandFromText } from './command-line.ts';
import { type Folder, textOf } from './folders.ts';
import { namedLinesAt } from './named-lines.ts';
import { environmentMaker, environmentOf, installing, type Pythons, pythonOf } from './pythons.ts';
import { isPython, scriptAt } from './runners/python.ts';
import { programName } from './runners/runner.ts';
import { asTap, isTapProgram } from './runners/tap.ts';
import { chainOf, type ScriptChain } from './script-chain.ts';
import type { TestCommand } from './types.ts';

/** `display` is what a person would type. */
export async function readLine(line: string, at: Folder, source: string, pythons: Pythons, display?: string): Promise<TestCommand> {
  const sourceHere = source === 'settings' || source === 'test files' ? source : posix.join(at.folder, source);
  const asItIs: ScriptChain = { line, cwd: at.folder, before: [], leftOut: [] };
  const chain = chainOf(line, namedLinesAt(at.root, at.folder), at.folder) ?? asItIs;
  const command = await commandOf(chain, at.root, sourceHere, pythons);
  if (command === undefined) return { ...testCommandFromText(chain.watched === undefined ? line : chain.line, sourceHere), cwd: at.folder };
  return {
    ...command,
    ...(display === undefined ? {} : { display }),
    ...(chain.before.length === 0 ? {} : { before: chain.before.join(' && ') }),
    ...(chain.leftOut.length === 0 ? {} : { leftOut: [...chain.leftOut] }),
  };
}

export async function commandOf(
  { line, cwd }: ScriptChain,
  root: string,
  source: string,
  pythons: Pythons,
): Promise<TestCommand | undefined> {
  const place: Folder = { root, folder: cwd, path: join(root, cwd), isTop: cwd === '' };
  const words = plainWords(line);
  const command = { display: line, cwd, source };
  if (words === undefined) return undefined;
  // What a project writes as `python` is the one that runs.
  const shown = (argv: readonly string[] = []): string => (source === 'settings' ? line : line.replace(/^python(?= )/, argv[0] ?? ''));
  const known = recognise(words);
  if (known !== undefined) {
    const { environment, ...rest } = known;
    if (known.runner !== 'pytest' && known.runner !== 'unittest') return { ...command, ...rest };
    const python = await withPython(known.argv, { tool: environment, isTyped: source === 'settings' }, place, pythons);
    return { ...command, ...rest, ...python, display: shown(python.argv) };
  }
  const script = pythonFile(words, place);
  if (script !== undefined) {
    const python = await withPython(script, { isTyped: source === 'settings' }, place, pythons);
    return { ...command, runner: 'unittest', ...python, display: shown(python.argv) };
  }
  if (isTapProgram(words)) {
    const at = words.findIndex((word) => /^(ava|tap|tape|qunit)$/.test(programName(word)));
    const env = Object.fromEntries(
      words
        .slice(0, at)
        .filter((word) => word.includes('='))
        .map((word) => word.split(/=(.*)/s).slice(0, 2)),
    );
    return { ...command, runner: 'command', argv: asTap(words.slice(at)), ...(Object.keys(env).length === 0 ? {} : { env }) };
  }
  return { ...testCommandFromText(line, source), cwd };
}

/** `python runtests.py`, `./runtests.py`: a file of the project that makes a runner of unittest or Django in its own process, with its Python in front. */
function pythonFile(words: readonly string[], { path }: Folder): string[] | undefined {
  const at = isPython(words[0]) ? scriptAt(words) : 0;
  const file = words[at];
  if (file === undefined || !/(\.py|(^|\/)runtests)$/.test(file) || /(^|\/)setup\.py$/.test(file)) return undefined;
  const text = textOf(join(path, file)) ?? '';
  if (/\bpytest\b/.test(text) || !/\bunittest\b|django\.test|DiscoverRunner|get_runner|execute_from_command_line|call_command/.test(text))
    return undefined;
  return [...(at > 0 ? words.slice(0, at) : ['python']), file.replace(/^\.\//, ''), ...words.slice(at + 1)];
}

/**
 * The words with the project's own interpreter: where a tool names its environment (`uv run`), where `python` is meant as the project's, and where the
 * machine has no program of that name.
 */
async function withPython(
  argv: readonly string[],
  { tool, isTyped }: { readonly tool?: string | undefined; readonly isTyped: boolean },
  at: Folder,
  pythons: Pythons,
): Promise<Pick<TestCommand, 'argv' | 'unready'>> {
  const [program = '', ...rest] = argv;
  const own = environmentOf(at);
  const isBare = !/[\\/]/.test(program);
  const isProgram = /^(pytest|py\.test)$/.test(program);
  if (!isBare || (tool === undefined && isProgram && (own === undefined || isTyped) && findProgram(program, at.root) !== undefined))
    return { argv: [...argv] };
  const python = own ?? pythonOf(at);
  const words = isProgram ? [python, '-m', 'pytest', ...rest] : [python, ...rest];
  const missing = pythons.startNothing ? undefined : await firstMissing(modulesOf(words), python, at, pythons);
  if (missing === undefined) return { argv: words };
  const where = own === undefined ? 'The project has no environment in its folder, and ' : '';
  const make = environmentMaker(at, tool) ?? installing(missing, own, at);
  return { argv: words, unready: `${where}${python} has no ${missing}; this brings it: ${make}` };
}

/** What the words start or name that Python has to have: a module to run, Django for its commands, a runner that is handed to it. */
function modulesOf(words: readonly string[]): readonly string[] {
  const at = words.indexOf('-m');
  const file = words[scriptAt(words)] ?? '';
  const runner = words.flatMap((word, index) =>
    word === '--testrunner' ? [words[index + 1] ?? ''] : (/^--testrunner=(.+)/.exec(word)?.[1] ?? []),
  );
  const names = [...(at > 0 ? [words[at + 1] ?? ''] : /(^|[\\/])manage\.py$/.test(file) ? ['django'] : []), ...runner];
  return names.map((name) => name.split('.')[0] ?? '').filter((name) => /^[A-Za-z_]\w*$/.test(name) && name !== 'unittest');
}

async function firstMissing(modules: readonly string[], python: string, at: Folder, pythons: Pythons): Promise<string | undefined> {
  for (const module of modules) if (!(await pythons.has(module, python, at))) return module;
  return undefined;
}
