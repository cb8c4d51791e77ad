import { runners } from './runners/index.ts';
import { scriptAt } from './runners/python.ts';
import { programName } from './runners/runner.ts';
import type { RunnerName, TestCommand } from './types.ts';

/**
 * What a person typed, as words, when it needs no shell: no pipes, redirections, substitutions or variables. Undefined when it does.
 * Wildcards are let through: the runners expand them. Backslashes are taken as they are on Windows, as escapes elsewhere.
 */
export function plainWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index] as string;
    if (quote !== undefined) {
      if (letter === quote) quote = undefined;
      else if (quote === '"' && (letter === '$' || letter === '`')) return undefined;
      else if (quote === '"' && letter === '\\' && /["\\$`]/.test(text[index + 1] ?? '')) word += text[++index] as string;
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (letter === '\\' && process.platform !== 'win32') {
      word = (word ?? '') + (text[++index] ?? '');
    } else if (/[ \t]/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[|&;<>()$`\n\r#{}]/.test(letter) || (letter === '~' && word === undefined)) {
      return undefined;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== undefined) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/** A word as a shell reads it back. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The line of these words: `plainWords` reads them back. */
export const lineOf = (words: readonly string[]): string => words.map(quoted).join(' ');

interface Recognised {
  readonly runner: RunnerName;
  readonly argv: string[];
  readonly env?: Record<string, string>;
  /** What runs Python in an environment of its own (`uv run`): its Python takes the place of the one on the PATH. */
  readonly environment?: string;
  readonly envFile?: string;
}

/** The runner behind some words, past `VAR=value`, `cross-env`, `npx` and the like. */
export function recognise(words: readonly string[]): Recognised | undefined {
  const env: Record<string, string> = {};
  let rest = [...words];
  let environment: string | undefined;
  let envFile: string | undefined;
  for (let length = -1; length !== rest.length; ) {
    length = rest.length;
    if (/^(cross-env|env)$/.test(programName(rest[0])) && !(rest[1] ?? '').startsWith('-')) rest = rest.slice(1);
    while (/^[A-Za-z_]\w*=/.test(rest[0] ?? '')) {
      const [assignment = '', ...others] = rest;
      const cut = assignment.indexOf('=');
      env[assignment.slice(0, cut)] = assignment.slice(cut + 1);
      rest = others;
    }
    const dotenv = withoutDotenv(rest);
    envFile ??= dotenv?.file;
    rest = withoutPassers(withoutLauncher(dotenv?.rest ?? rest));
    const python = withoutEnvironment(rest);
    environment ??= python?.tool;
    rest = python?.rest ?? rest;
  }
  const script = rest.findIndex((word) => /(^|[\\/])node_modules[\\/].*\b(vitest|jest|mocha)(\.[cm]?js)?$/.test(word));
  if (programName(rest[0]) === 'node' && script > 0 && rest.slice(1, script).every((word) => word.startsWith('-'))) {
    // `node --experimental-vm-modules node_modules/jest/bin/jest.js …`
    if (script > 1) env.NODE_OPTIONS = rest.slice(1, script).join(' ');
    rest = [programName(rest[script]).replace(/\.[cm]?js$/, ''), ...rest.slice(script + 1)];
  }
  rest = asModuleOfDjango(rest);
  const runner = Object.values(runners).find((one) => one.recognises(rest));
  if (runner === undefined) return undefined;
  return {
    runner: runner.name,
    argv: rest,
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(environment === undefined ? {} : { environment }),
    ...(envFile === undefined ? {} : { envFile }),
  };
}

/** `django-admin test`, also with a Python in front, as `python -m django test`: the same but that the folder it runs in can be imported from. */
function asModuleOfDjango(words: string[]): string[] {
  const at = Math.max(0, scriptAt(words));
  if (!/^django-admin(\.py)?$/.test(programName(words[at]))) return words;
  const python = at > 0 ? words.slice(0, at) : [(words[0] ?? '').replace(/django-admin(\.py)?/, 'python')];
  return [...python, '-m', 'django', ...words.slice(at + 1)];
}

/** `dotenv -e .env.test -- jest`, with one file. */
function withoutDotenv(words: readonly string[]): { readonly file: string; readonly rest: string[] } | undefined {
  const at = words.indexOf('--');
  if (!/^(dotenv|dotenvx)$/.test(programName(words[0])) || at < 1) return undefined;
  const options = words.slice(1, at).filter((word) => word !== 'run');
  if (options.length === 0) return { file: '.env', rest: words.slice(at + 1) };
  const [option = '', file, ...others] = options.flatMap((word) => word.split(/=(.*)/s).filter((part) => part !== ''));
  return /^(-e|-f|--env-file)$/.test(option) && file !== undefined && others.length === 0 ? { file, rest: words.slice(at + 1) } : undefined;
}

/** Programs that only start another one. */
function withoutPassers(words: string[]): string[] {
  const program = programName(words[0]);
  if (program === 'time' || program === 'exec') return words.slice(1);
  if (program === 'xvfb-run') return words.slice(1 + words.slice(1).findIndex((word) => !word.startsWith('-')));
  return words;
}

/** `uv run --frozen pytest`: words behind the options of what runs Python in an environment of its own. */
function withoutEnvironment(words: readonly string[]): { readonly tool: string; readonly rest: string[] } | undefined {
  const tool = programName(words[0]);
  if (words[1] !== 'run' || !/^(uv|poetry|pdm|pipenv|hatch|rye|pixi|poe)$/.test(tool)) return undefined;
  const takes = /^(--extra|--group|--only-group|--with|--with-editable|--python|-p|--env-file|--index|--index-url|--environment|-e|-m)$/;
  let at = 2;
  // `-m` of uv starts a module; others that change the folder or the package are more than options.
  while ((words[at] ?? '').startsWith('-') && words[at] !== '-m' && !/^--(directory|project|package|script|module)\b/.test(words[at] ?? ''))
    at += takes.test(words[at] ?? '') ? 2 : 1;
  const rest = words.slice(at);
  if (tool === 'uv' && rest[0] === '-m') return { tool, rest: ['python', ...rest] };
  // `hatch run test.py3.12:pytest` names an environment.
  if (tool === 'hatch' && /^[\w.-]+:\w/.test(rest[0] ?? '')) rest[0] = (rest[0] ?? '').replace(/^[\w.-]+:/, '');
  return rest.length === 0 || (rest[0] ?? '').startsWith('-') ? undefined : { tool, rest };
}

/** `npx vitest` and `pnpm exec vitest` start the local `vitest`, which we find without them. */
function withoutLauncher(words: readonly string[]): string[] {
  const program = programName(words[0]);
  if (program === 'npx' || program === 'bunx' || program === 'pnpx') {
    const rest = words.slice(1).filter((word, index) => !(index < 2 && /^(--yes|-y|--no-install|--no|--)$/.test(word)));
    return (rest[0] ?? '').startsWith('-') ? [...words] : rest;
  }
  if (['npm', 'pnpm', 'yarn'].includes(program) && words[1] === 'exec') {
    return words.slice(2).filter((word, index) => !(index === 0 && word === '--'));
  }
  // `yarn jest`, `pnpm vitest run`, `bun run mocha`: a program that no script is named after.
  if (['pnpm', 'yarn', 'bun'].includes(program)) {
    const rest = words.slice(words[1] === 'run' || (words[1] === 'x' && program === 'bun') ? 2 : 1);
    if (/^(vitest|jest|_?mocha|ava|tape?|qunit|c8|nyc|cross-env)$/.test(rest[0] ?? '')) return rest;
  }
  return [...words];
}

/** What a person typed as their test command. Known runners are recognised, also behind `build && `; anything else is run as it is. */
export function testCommandFromText(text: string, source = 'settings'): TestCommand {
  const display = text.trim();
  const words = plainWords(display);
  const recognised = words === undefined ? undefined : recognise(words);
  if (recognised !== undefined) return { ...plain(recognised), display, cwd: '', source };
  const chained = afterBuild(display);
  if (chained !== undefined) return { ...plain(chained), before: chained.before, display, cwd: '', source };
  // Wildcards and variables in front are for a shell, when no runner takes them.
  const needsNoShell =
    words !== undefined && words.length > 0 && !words.some((word) => /[*?[]/.test(word)) && !/^\w+=/.test(words[0] ?? '');
  return { runner: 'command', display, ...(needsNoShell ? { argv: words } : { shell: display }), cwd: '', source };
}

/** Without the environment: whose Python it is only a place can tell. */
const plain = ({ environment: _, ...rest }: Recognised): Omit<Recognised, 'environment'> => rest;

/** `tsc -p . && node --test dist`: the last link of a chain of `&&`, when it is a known runner. */
function afterBuild(text: string): (Recognised & { before: string }) | undefined {
  const cut = text.lastIndexOf('&&');
  if (cut < 0) return undefined;
  const before = text.slice(0, cut).trim();
  const words = plainWords(text.slice(cut + 2));
  const recognised = words === undefined ? undefined : recognise(words);
  // `cd somewhere && …` changes where the rest runs; that needs the one shell.
  if (recognised === undefined || before === '' || /(^|[;&|\s])(cd|pushd|export|set|source|\.)\s/.test(before)) return undefined;
  return { ...recognised, before };
}
