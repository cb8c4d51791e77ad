/** What the `test` script of a package comes down to: the one known runner in its chain of commands. */
import { plainWords, recognise } from './command-line.ts';
import { programName } from './runners/runner.ts';

export interface ScriptChain {
  /** The link that is a known runner, without a program for coverage around it. */
  readonly line: string;
  /** Links in front of it, which may build what the tests need. */
  readonly before: readonly string[];
  /** Links that say nothing of the tests, or come after them, as written. */
  readonly leftOut: readonly string[];
}

interface Link {
  readonly text: string;
  /** The scripts that lead to it. */
  readonly names: readonly string[];
  /** Programs for coverage around it. */
  readonly coverage: readonly string[];
}

type Scripts = Readonly<Record<string, string>>;

/** Undefined when no link is a known runner, when several are, or when the line does more than run one command after the other. */
export function chainOf(script: string, scripts: Scripts): ScriptChain | undefined {
  const links = expand({ text: script, names: ['test'], coverage: [] }, scripts);
  if (links === undefined || links.some(({ text }) => changesTheShell.test(text))) return undefined;
  const runs = links.map(({ text }) => isRunner(text));
  const at = runs.indexOf(true);
  const found = links[at];
  if (found === undefined || runs.lastIndexOf(true) !== at) return undefined;
  const before = links.slice(0, at);
  return {
    line: found.text,
    before: before.filter((link) => !isCheck(link)).map(({ text }) => text),
    leftOut: [...before.filter(isCheck), ...links.slice(at + 1)].map(({ text }) => text).concat(found.coverage),
  };
}

/** Whether a script only looks at the sources (lint, types, format), so that tests can do without it. */
export const onlyChecks = (name: string, scripts: Scripts): boolean =>
  expand({ text: scripts[name] ?? '', names: [name], coverage: [] }, scripts)?.every(isCheck) ?? false;

const isRunner = (text: string): boolean => {
  const words = plainWords(text);
  return words !== undefined && recognise(words) !== undefined;
};

/** `cd somewhere && …` changes where the rest runs; that needs the one shell. */
const changesTheShell = /^(cd|pushd|export|set|source|\.)\s/;
const deepest = 8;
const mostLinks = 40;

/** The commands behind a link, with every script it names in place of its name. */
function expand(link: Link, scripts: Scripts): Link[] | undefined {
  const parts = linksOf(link.text);
  if (parts === undefined) return undefined;
  const found: Link[] = [];
  for (const part of parts) {
    const { text, program } = withoutCoverage(part, scripts);
    const coverage = program === undefined ? link.coverage : [...link.coverage, program];
    const targets = link.names.length > deepest ? undefined : scriptsNamed(text, scripts);
    if (targets === undefined) found.push({ text, names: link.names, coverage });
    for (const name of targets ?? []) {
      const inner = expand({ text: scripts[name] ?? '', names: [...link.names, name], coverage }, scripts);
      if (inner === undefined) return undefined;
      found.push(...inner);
    }
    if (found.length > mostLinks) return undefined;
  }
  return found;
}

/** The parts of a line that only chains with `&&`; undefined when it does more. */
export function linksOf(line: string): string[] | undefined {
  const links: string[] = [];
  let quote: string | undefined;
  let from = 0;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] as string;
    if (quote !== undefined) {
      if (letter === quote) quote = undefined;
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '&' && line[at + 1] === '&') {
      links.push(line.slice(from, at).trim());
      at += 1;
      from = at + 1;
    } else if (/[&|;\n\r()`]/.test(letter)) return undefined;
  }
  links.push(line.slice(from).trim());
  return quote !== undefined || links.some((link) => link === '') ? undefined : links;
}

const byPackageManager =
  /^(?:npm (?:run|run-script)|pnpm(?: run)?|yarn(?: run)?|bun run)\s+(?:-s\s+|--silent\s+)?([\w:.-]+)(?:\s+(?:-s|--silent))?$/;
const severalScripts = /^(?:run-s|run-p|npm-run-all2?)\s(.+)$/;

/** Names of scripts that a link runs, in order; undefined when it is no such link, or names one that is not there. */
function scriptsNamed(text: string, scripts: Scripts): string[] | undefined {
  const one = byPackageManager.exec(text)?.[1];
  if (one !== undefined) {
    return Object.hasOwn(scripts, one) ? withHooks(one, scripts) : undefined;
  }
  const several = severalScripts.exec(text)?.[1];
  const words = several === undefined ? undefined : plainWords(several)?.filter((word) => !word.startsWith('-'));
  const names = words?.flatMap((word) => matching(word, Object.keys(scripts)));
  return names?.length ? names.flatMap((name) => withHooks(name, scripts)) : undefined;
}

const withHooks = (name: string, scripts: Scripts): string[] =>
  [`pre${name}`, name, `post${name}`].filter((one) => Object.hasOwn(scripts, one));

/** `test:*` is every script of one more name, `test:**` of any. */
function matching(word: string, names: readonly string[]): string[] {
  const [front = '', stars] = word.split(/(\*{1,2})$/);
  if (stars === undefined) return names.filter((name) => name === word);
  return names.filter((name) => name.startsWith(front) && (stars === '**' || !name.slice(front.length).includes(':')));
}

/** `c8 -r lcov mocha` is `mocha`: what it measures says nothing of the tests, and its limits would judge them. */
function withoutCoverage(text: string, scripts: Scripts): { readonly text: string; readonly program?: string } {
  const found = /^((?:(?:npx|cross-env|[A-Za-z_]\w*=\S*)\s+)*)(c8|nyc)\s+/.exec(text);
  if (found === null) return { text };
  const [whole, front = ''] = found;
  for (let rest = text.slice(whole.length); rest !== ''; rest = rest.replace(/^\S+\s*/, '')) {
    const inner = `${front.replace(/npx\s+$/, '')}${rest}`;
    if (isRunner(inner) || scriptsNamed(inner, scripts) !== undefined)
      return { text: inner, program: text.slice(front.length, text.length - rest.length).trim() };
  }
  return { text };
}

/** Programs that look at the sources and need nothing of them to run. */
const checkers = new Set(
  'eslint prettier biome standard xo tslint stylelint oxlint markdownlint markdownlint-cli2 cspell knip depcheck publint attw tsd size-limit'.split(
    ' ',
  ),
);
const checkWord = /(^|[^a-z])(lint|format|fmt|prettier|style|types?|typecheck|type-check|spell|audit|licen[cs]es?)([^a-z]|$)/i;

/** Its name says that something is made, which tests may need. */
const makes = /build|compil|bundl|generat|prepar|transpil|(^|:)(gen|make|dist)(:|$)/i;
const compilers = new Set([
  'tsc',
  'vue-tsc',
  'sass',
  'less',
  'postcss',
  'babel',
  'swc',
  'esbuild',
  'rollup',
  'webpack',
  'vite',
  'tsup',
  'unbuild',
]);

/** Only where it is clear that nothing is made: a build step left out would let the tests run on what was built before. */
function isCheck({ text, names }: Link): boolean {
  const words = (plainWords(text) ?? text.split(/\s+/)).filter((word) => !/^\w+=/.test(word) && !['npx', 'cross-env'].includes(word));
  const program = programName(words[0]);
  if (checkers.has(program)) return true;
  if (program === 'tsc' || program === 'vue-tsc') {
    if (words.some((word) => /^--noEmit$/i.test(word))) return true;
    if (words.length > 1) return false;
  } else if (compilers.has(program)) return false;
  const named = names.slice(1);
  if (named.some((name) => makes.test(name))) return false;
  if (named.some((name) => checkWord.test(name))) return true;
  if (program === 'node')
    return checkWord.test((words.find((word, index) => index > 0 && !word.startsWith('-')) ?? '').replace(/\.\w+$/, ''));
  return byPackageManager.test(text) && checkWord.test(text);
}
