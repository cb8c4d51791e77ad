/** A test command as it is typed or written in a manifest, read where it stands: what it comes down to, and what of it is not run. */
import { join, posix } from 'node:path';
import { findProgram } from '../process/index.ts';
import { plainWords, recognise, testCommandFromText } from './command-line.ts';
import { type Folder, textOf } from './folders.ts';
import { namedLinesAt } from './named-lines.ts';
import { environmentMaker, environmentOf, type Pythons, pythonOf } from './pythons.ts';
import { isPython } from './runners/python.ts';
import { programName } from './runners/runner.ts';
import { asTap, isTapProgram } from './runners/tap.ts';
import { chainOf, type ScriptChain } from './script-chain.ts';
import type { TestCommand } from './types.ts';

/** `display` is what a person would type. */
export async function readLine(line: string, at: Folder, source: string, pythons: Pythons, display?: string): Promise<TestCommand> {
  const sourceHere = source === 'settings' || source === 'test files' ? source : posix.join(at.folder, source);
  const asItIs = { line, cwd: at.folder, before: [], leftOut: [] };
  const chain = chainOf(line, namedLinesAt(at.root, at.folder), at.folder) ?? asItIs;
  const command = await commandOf(chain, at.root, sourceHere, pythons);
  if (command === undefined) return { ...testCommandFromText(line, sourceHere), cwd: at.folder };
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
  const known = recognise(words);
  if (known !== undefined) {
    const { environment, ...rest } = known;
    if (known.runner !== 'pytest' && known.runner !== 'unittest') return { ...command, ...rest };
    const python = await withPython(known.argv, { tool: environment, isTyped: source === 'settings' }, place, pythons);
    // What a project writes as `python` is the one that runs.
    const shown = source === 'settings' ? line : line.replace(/^python(?= )/, python.argv?.[0] ?? '');
    return { ...command, ...rest, ...python, display: shown };
  }
  const script = pythonFile(words, place);
  if (script !== undefined)
    return { ...command, runner: 'unittest', ...(await withPython(script, { isTyped: source === 'settings' }, place, pythons)) };
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
  const [file, rest] = isPython(words[0]) ? [words[1], words.slice(2)] : [words[0], words.slice(1)];
  if (file === undefined || !/(\.py|(^|\/)runtests)$/.test(file) || /(^|\/)setup\.py$/.test(file)) return undefined;
  const text = textOf(join(path, file)) ?? '';
  if (/\bpytest\b/.test(text) || !/\bunittest\b|django\.test|DiscoverRunner|get_runner|execute_from_command_line|call_command/.test(text))
    return undefined;
  return [isPython(words[0]) ? (words[0] as string) : 'python', file.replace(/^\.\//, ''), ...rest];
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
  const needsPytest = isProgram || (rest[0] === '-m' && rest[1] === 'pytest');
  if (!needsPytest || pythons.startNothing || (await pythons.hasPytest(python, at))) return { argv: words };
  const make = environmentMaker(at, tool);
  if (make === undefined) return { argv: words };
  const where = own === undefined ? 'The project has no environment in its folder' : `${own} has no pytest`;
  return { argv: words, unready: `${where}; this makes it: ${make}` };
}
