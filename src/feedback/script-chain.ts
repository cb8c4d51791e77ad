/** What a line of tests comes down to: the one known runner in its chain of commands, through the scripts and targets it names. */
import { posix } from 'node:path';
import { plainWords, quoted, recognise } from './command-line.ts';
import type { NamedLines } from './named-lines.ts';
import { runOnce } from './run-once.ts';
import { programName } from './runners/runner.ts';
import { isTapProgram, withoutPrettyTap } from './runners/tap.ts';

export interface ScriptChain {
  /** The link that is a known runner, without a program for coverage around it. */
  readonly line: string;
  /** Folder it runs in, relative to the workspace. */
  readonly cwd: string;
  /** Links in front of it, which may build what the tests need. */
  readonly before: readonly string[];
  /** The link as written, where it watches: `line` is what it runs each time. */
  readonly watched?: string;
  /** Links that say nothing of the tests, or come after them, as written. */
  readonly leftOut: readonly string[];
}

interface Link {
  readonly text: string;
  readonly cwd: string;
  /** The scripts that lead to it. */
  readonly names: readonly string[];
  /** Programs for coverage around it. */
  readonly coverage: readonly string[];
  /** As written, where that watches. */
  readonly watched?: string;
  /** It starts tests by their file alone. */
  readonly isTests?: boolean;
}

/** Undefined when no link is a known runner, when several are, or when the line does more than run one command after the other. `cwd`: of the line. */
export function chainOf(line: string, known: NamedLines, cwd = ''): ScriptChain | undefined {
  const all = expand({ text: line, cwd, names: [], coverage: [] }, known);
  if (all === undefined || all.some(({ text }) => changesTheShell.test(text))) return undefined;
  const [watching, links] = [all.filter(isWatcher), all.filter((link) => !isWatcher(link))];
  const [found, ...others] = testsIn(links.length > 0 ? links : all);
  if (found === undefined || others.length > 0) return undefined;
  const at = links.indexOf(found);
  const before = links.slice(0, Math.max(0, at));
  const inFolder = (link: Link): string =>
    link.cwd === found.cwd ? link.text : `(cd ${quoted(posix.relative(found.cwd, link.cwd) || '.')} && ${link.text})`;
  return {
    line: found.text,
    cwd: found.cwd,
    ...(found.watched === undefined ? {} : { watched: found.watched }),
    before: before.filter((link) => !isCheck(link)).map(inFolder),
    leftOut: [...before.filter(isCheck), ...links.slice(at + 1), ...watching.filter((link) => link !== found)]
      .map(({ text, watched = text }) => watched)
      .concat(found.coverage),
  };
}

/** Whether a script only looks at the sources (lint, types, format), so that tests can do without it. */
export const onlyChecks = (name: string, known: NamedLines): boolean =>
  expand({ text: known.scripts[name] ?? '', cwd: '', names: [], coverage: [] }, known)?.every(isCheck) ?? false;

/** The known runners among links; where there is none, the one link that is no check, if checks stand around it. */
function testsIn(links: readonly Link[]): readonly Link[] {
  const runners = links.filter(({ text, isTests }) => isTests === true || isRunner(text));
  if (runners.length > 0) return runners;
  if (links.length < 2) return links.filter(({ watched }) => watched !== undefined);
  return links.filter((link) => !isCheck(link));
}

const isRunner = (text: string): boolean => {
  const words = plainWords(text);
  return words !== undefined && (recognise(words) !== undefined || isTapProgram(words) || startsTests.test(text));
};

/** A program of a Python project that starts its tests. */
const startsTests = /^(?:python[\d.]* +|\.\/)[\w./-]*runtests(?:\.py)?(?: |$)/;

/** It never comes to an end by itself; a runner among them is run once, where no other link runs tests. */
function isWatcher({ text, names, watched }: Link): boolean {
  if (watched !== undefined) return true;
  const words = text.split(/\s+/);
  if (words.some((word) => /^--watch(All)?(=true)?$/.test(word)) || names.some((name) => /(^|:)watch(:|$)/.test(name))) return true;
  return ['nodemon', 'chokidar', 'tsc-watch'].includes(programName(words[0])) || (programName(words[0]) === 'tsc' && words.includes('-w'));
}

/** What stays changed for the commands after it; that needs the one shell. */
const changesTheShell = /^(cd|pushd|export|set|source|\.)\s/;
const deepest = 8;
const mostLinks = 40;
/** Characters; a longer line is no chain that a person wrote. */
const longestLine = 2000;

/** The commands behind a link, with every script and target it names in place of its name. */
function expand(link: Link, known: NamedLines): Link[] | undefined {
  if (link.text.length > longestLine) return undefined;
  const parts = linksOf(withoutPrettyTap(link.text));
  if (parts === undefined) return undefined;
  const found: Link[] = [];
  let { cwd } = link;
  for (const part of parts) {
    const folder = /^cd\s+(["']?)([\w@./-]+)\1$/.exec(part)?.[2];
    const inner = folder === undefined ? undefined : known.at?.(posix.join(cwd, folder));
    if (inner !== undefined && folder !== undefined) {
      cwd = posix.join(cwd, folder);
      known = inner;
      continue;
    }
    const once = runOnce(part);
    const watched = link.watched ?? (once === undefined ? undefined : part);
    const { text, program } = withoutCoverage(once ?? part, known);
    const coverage = program === undefined ? link.coverage : [...link.coverage, program];
    const targets = link.names.length > deepest ? undefined : linesNamed(text, known, cwd);
    const tests = targets === undefined ? known.tests?.(text) : undefined;
    if (targets === undefined)
      found.push({
        text: tests ?? text,
        cwd,
        names: link.names,
        coverage,
        isTests: tests !== undefined,
        ...(watched === undefined ? {} : { watched }),
      });
    for (const { name, line, cwd: at = cwd, known: there = known } of targets ?? []) {
      const inside = expand(
        { text: line, cwd: at, names: [...link.names, name], coverage, ...(watched === undefined ? {} : { watched }) },
        there,
      );
      if (inside === undefined) return undefined;
      found.push(...inside);
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

interface NamedLine {
  readonly name: string;
  readonly line: string;
  readonly cwd?: string;
  readonly known?: NamedLines;
}

const name = String.raw`([\w:.@/-]+)`;
const quiet = String.raw`(?:-s\s+|--silent\s+|--if-present\s+)*`;
const byPackageManager = new RegExp(
  String.raw`^(?:(npm|pnpm|yarn|bun) (?:run |run-script )${quiet}|(npm) (?=(?:test|t|start)\b)|(pnpm|yarn) ${quiet}(?!-))${name}(?:\s+(.*))?$`,
);
const inPackage = new RegExp(
  `^(?:(yarn) workspace ${name} (?:run )?${name}|(npm) (?:run |run-script )?${name} (?:-w[= ]|--workspace[= ])${name}|(npm) (?:--prefix|-C)[= ]${name} (?:run )?${name}|(pnpm) (?:--filter|-F)[= ]${name} (?:run )?${name}|(pnpm) (?:-C|--dir)[= ]${name} (?:run )?${name})$`,
);
const severalScripts = /^(?:npx )?(?:run-s|run-p|npm-run-all2?)\s(.+)$/;
const targetsOf = new RegExp(
  String.raw`^(make|gmake|just|task)((?:\s+(?:-[sjk]\d*|--silent|--no-print-directory|-C \S+|\w+=\S*))*)(?:\s+${name})?$`,
);

/** What a link runs by its name, in order; undefined when it is no such link, or names what is not there. */
function linesNamed(text: string, known: NamedLines, cwd: string): NamedLine[] | undefined {
  const elsewhere = inPackage
    .exec(text)
    ?.slice(1)
    .filter((part) => part !== undefined);
  if (elsewhere !== undefined) {
    const [manager = '', first = '', second = ''] = elsewhere;
    const isFolder = / (--prefix|-C|--dir)[= ]/.test(text);
    const [where, script] = manager === 'npm' && !isFolder ? [second, first] : [first, second];
    const folder = isFolder ? posix.join(cwd, where) : known.packageFolder?.(where);
    const there = folder === undefined ? undefined : known.at?.(folder);
    return there === undefined ? undefined : scriptNamed(script, there, '').map((one) => ({ ...one, cwd: folder, known: there }));
  }
  const one = byPackageManager.exec(text);
  if (one !== null) {
    const [, ...parts] = one;
    const script = parts[3] === 't' && parts[1] === 'npm' ? 'test' : (parts[3] ?? '');
    const more = (parts[4] ?? '').replace(/(^|\s)(-s|--silent)$/, '').trim();
    const isNpm = text.startsWith('npm');
    if (isNpm && more !== '' && !more.startsWith('-- ')) return undefined;
    const found = scriptNamed(script, known, more.replace(/^--\s+/, ''));
    return found.length > 0 ? found : undefined;
  }
  const [, program = '', options = '', target = ''] = targetsOf.exec(text) ?? [];
  if (program !== '') {
    const folder = /-C (\S+)/.exec(options)?.[1];
    const there = folder === undefined ? known : known.at?.(posix.join(cwd, folder));
    const lines = /\w+=/.test(options) ? undefined : there?.recipe?.(program.replace('gmake', 'make'), target);
    return lines?.map((line) => ({ name: target, line, ...(folder === undefined ? {} : { cwd: posix.join(cwd, folder), known: there }) }));
  }
  const [, tool = '', ofTool = '', more = ''] = /^(?:(?:uv|poetry) run )?(pdm|hatch|poe) (?:run )?([\w-]+)(\s.*)?$/.exec(text) ?? [];
  const python = tool === '' ? undefined : known.python?.(tool, ofTool);
  if (python !== undefined) return [{ name: ofTool, line: `${tool} run ${python}${more}` }];
  if (/^(?:npx )?concurrently\s/.test(text)) return besideEachOther(text);
  const several = severalScripts.exec(text)?.[1];
  const words = several === undefined ? undefined : plainWords(several)?.filter((word) => !word.startsWith('-'));
  const names = words?.flatMap((word) => matching(word, Object.keys(known.scripts)));
  return names?.length ? names.flatMap((each) => scriptNamed(each, known, '')) : undefined;
}

/** A script with its hooks. `more` follows the script's own line, as npm has it. */
function scriptNamed(script: string, known: NamedLines, more: string): NamedLine[] {
  if (!Object.hasOwn(known.scripts, script)) return [];
  return [`pre${script}`, script, `post${script}`].flatMap((each) => {
    const line = known.scripts[each];
    if (line === undefined) return [];
    if (line.trim() === 'wireit') return (known.wireit?.(each) ?? [line]).map((one) => ({ name: each, line: one }));
    return [{ name: each, line: each === script && more !== '' ? `${line} ${more}` : line }];
  });
}

/** `concurrently "npm:lint" "jest"`: each word is a command. */
function besideEachOther(text: string): NamedLine[] | undefined {
  const words = plainWords(text)?.slice(text.startsWith('npx') ? 2 : 1);
  const takes = /^(-n|--names|-c|--prefix-colors|-p|--prefix|-s|--success|-m|--max-processes|--restart-tries)$/;
  const lines = words?.filter((word, index) => !word.startsWith('-') && !takes.test(words[index - 1] ?? ''));
  return lines?.map((line) => ({ name: '', line: line.replace(/^(npm|yarn|pnpm|bun):(?=\S)/, '$1 run ') }));
}

/** `test:*` is every script of one more name, `test:**` of any. */
function matching(word: string, names: readonly string[]): string[] {
  const [front = '', stars] = word.split(/(\*{1,2})$/);
  if (stars === undefined) return names.filter((one) => one === word);
  return names.filter((one) => one.startsWith(front) && (stars === '**' || !one.slice(front.length).includes(':')));
}

/** `c8 -r lcov mocha` is `mocha`: what it measures says nothing of the tests, and its limits would judge them. */
function withoutCoverage(text: string, known: NamedLines): { readonly text: string; readonly program?: string } {
  const found = /^((?:(?:npx|cross-env|env|[A-Za-z_]\w*=\S*)\s+)*)(c8|nyc|(?:python[\d.]* -m )?coverage run)\s+/.exec(text);
  if (found === null) return { text };
  const [whole, front = ''] = found;
  for (let rest = text.slice(whole.length); rest !== ''; rest = rest.replace(/^\S+\s*/, '')) {
    const python = /coverage run\s+$/.test(whole) ? `${/python[\d.]*/.exec(whole)?.[0] ?? 'python'} ` : '';
    const inner = `${front.replace(/npx\s+$/, '')}${python}${rest}`;
    if (isRunner(inner) || known.tests?.(inner) !== undefined || linesNamed(inner, known, '') !== undefined)
      return { text: inner, program: text.slice(front.length, text.length - rest.length).trim() };
  }
  return { text };
}

/** A line that only starts the tests of the packages in a workspace (npm, pnpm, yarn, lerna, turbo, nx). */
export function handsOn(line: string, known: NamedLines): boolean {
  const links = expand({ text: line, cwd: '', names: [], coverage: [] }, known) ?? [];
  return links.some(({ text }) => toAllPackages.test(text));
}

const toAllPackages =
  /^(?:(?:npx|pnpm|yarn)\s+)?(?:turbo|nx|lerna|moon|rush|wsrun|ultra)\s|^npm\s.*\s(?:--workspaces|-ws)\b|^pnpm\s+(?:.*\s)?(?:-r|--recursive|--filter|-F)\b|^yarn\s+workspaces\s/;

/** Programs that look at the sources and need nothing of them to run. */
const checkers = new Set(
  'eslint prettier biome standard xo tslint stylelint oxlint markdownlint markdownlint-cli2 cspell knip depcheck publint attw tsd size-limit ruff mypy pyright flake8 black isort pylint bandit golangci-lint pre-commit'.split(
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
  if (names.some((name) => makes.test(name))) return false;
  if (names.some((name) => checkWord.test(name))) return true;
  if (program === 'node')
    return checkWord.test((words.find((word, index) => index > 0 && !word.startsWith('-')) ?? '').replace(/\.\w+$/, ''));
  return byPackageManager.test(text) && checkWord.test(text) && !makes.test(text);
}
