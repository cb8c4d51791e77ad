import { runners } from './runners/index.ts';
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

interface Recognised {
  readonly runner: RunnerName;
  readonly argv: string[];
  readonly env?: Record<string, string>;
}

/** The runner behind some words, past `VAR=value`, `cross-env`, `npx` and the like. */
export function recognise(words: readonly string[]): Recognised | undefined {
  const env: Record<string, string> = {};
  let rest = [...words];
  if (programName(rest[0]) === 'cross-env' || programName(rest[0]) === 'env') rest = rest.slice(1);
  while (/^[A-Za-z_]\w*=/.test(rest[0] ?? '')) {
    const [assignment = '', ...others] = rest;
    const cut = assignment.indexOf('=');
    env[assignment.slice(0, cut)] = assignment.slice(cut + 1);
    rest = others;
  }
  rest = withoutLauncher(rest);
  const script = rest.findIndex((word) => /(^|[\\/])node_modules[\\/].*\b(vitest|jest|mocha)(\.[cm]?js)?$/.test(word));
  if (programName(rest[0]) === 'node' && script > 0 && rest.slice(1, script).every((word) => word.startsWith('-'))) {
    // `node --experimental-vm-modules node_modules/jest/bin/jest.js …`
    if (script > 1) env.NODE_OPTIONS = rest.slice(1, script).join(' ');
    rest = [programName(rest[script]).replace(/\.[cm]?js$/, ''), ...rest.slice(script + 1)];
  }
  const runner = Object.values(runners).find((one) => one.recognises(rest));
  if (runner === undefined) return undefined;
  return { runner: runner.name, argv: rest, ...(Object.keys(env).length > 0 ? { env } : {}) };
}

/** `npx vitest` and `pnpm exec vitest` start the local `vitest`, which we find without them. */
function withoutLauncher(words: readonly string[]): string[] {
  const program = programName(words[0]);
  if (program === 'npx' || program === 'bunx' || program === 'pnpx') {
    const rest = words.slice(1).filter((word, index) => !(index < 2 && /^(--yes|-y|--no-install|--no|--)$/.test(word)));
    return (rest[0] ?? '').startsWith('-') ? [...words] : rest;
  }
  if ((program === 'npm' || program === 'pnpm' || program === 'yarn') && words[1] === 'exec') {
    return words.slice(2).filter((word, index) => !(index === 0 && word === '--'));
  }
  return [...words];
}

/** What a person typed as their test command. Known runners are recognised, also behind `build && `; anything else is run as it is. */
export function testCommandFromText(text: string, source = 'settings'): TestCommand {
  const display = text.trim();
  const words = plainWords(display);
  const recognised = words === undefined ? undefined : recognise(words);
  if (recognised !== undefined) return { ...recognised, display, cwd: '', source };
  const chained = afterBuild(display);
  if (chained !== undefined) return { ...chained, display, cwd: '', source };
  // Wildcards and variables in front are for a shell, when no runner takes them.
  const plain = words !== undefined && words.length > 0 && !words.some((word) => /[*?[]/.test(word)) && !/^\w+=/.test(words[0] ?? '');
  return { runner: 'command', display, ...(plain ? { argv: words } : { shell: display }), cwd: '', source };
}

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
