/** Commands that watch, as what they do each time something changes: a program that watches for others is left out, and one that can is told to run once. */
import { lineOf, plainWords } from './command-line.ts';
import { programName } from './runners/runner.ts';

/** Options of programs that start another one, which take a word. */
const withValue: Readonly<Record<string, RegExp>> = {
  nodemon: /^(?:-[weids]|--(?:watch|ext|ignore|delay|signal|config|cwd|on-change-only))$/,
  onchange: /^(?:-[eipdjo]|--(?:exclude|ignore|poll|delay|jobs|outpipe))$/,
  watchexec: /^(?:-[ewfidso]|--(?:exts|watch|filter|ignore|debounce|signal|shell|on-busy-update))$/,
  reflex: /^(?:-[rgRGsd]|--(?:regex|glob|inverse-regex|inverse-glob|decoration))$/,
};

/** The command that is run over and over, as a line; undefined for one that does not watch, or not in a way that is known. */
export function runOnce(text: string): string | undefined {
  const all = plainWords(text);
  if (all === undefined) return undefined;
  const started = /^(?:npx|bunx|pnpx)$/.test(all[0] ?? '') ? all.slice(1) : all;
  const [first = '', ...rest] = started;
  const program = programName(first);
  const inner = startedBy(program, rest);
  if (inner !== undefined) return inner === '' ? undefined : inner;
  const once = toldToEnd(program, rest);
  return once === undefined ? undefined : lineOf([...all.slice(0, all.length - rest.length), ...once]);
}

/** What a program that only watches starts; undefined for other programs. */
function startedBy(program: string, words: readonly string[]): string | undefined {
  const dashes = words.indexOf('--');
  const behind = dashes < 0 ? [] : words.slice(dashes + 1);
  const wordOf = (name: RegExp): string | undefined => {
    const at = words.findIndex((word) => name.test(word));
    const word = words[at] ?? '';
    return word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[at + 1];
  };
  switch (program) {
    case 'nodemon': {
      const at = words.findIndex((word) => /^(?:-x|--exec)$/.test(word));
      if (at >= 0) return [words[at + 1] ?? '', lineOf(words.slice(at + 2).filter((word) => word !== '--'))].join(' ').trim();
      return lineOf(['node', ...withoutOptions(words, withValue.nodemon)]);
    }
    case 'node-dev':
      return lineOf(['node', ...withoutOptions(words, /^$/)]);
    case 'chokidar':
      return wordOf(/^(?:-c|--command)(?:=|$)/) ?? '';
    case 'onchange':
    case 'watchexec':
    case 'reflex':
      return lineOf(dashes >= 0 ? behind : program === 'onchange' ? [] : withoutOptions(words, withValue[program]));
    case 'watch':
      return words[0] ?? '';
    case 'ptw':
    case 'pytest-watch':
    case 'pytest-watcher':
      return lineOf(['pytest', ...behind]);
    case 'cargo': {
      if (words[0] !== 'watch') return undefined;
      const [run, shell] = [wordOf(/^(?:-x|--exec)(?:=|$)/), wordOf(/^(?:-s|--shell)(?:=|$)/)];
      return words.some((word) => /^(?:-x|--exec)/.test(word))
        ? `cargo ${run}`
        : dashes >= 0
          ? lineOf(behind)
          : words.some((word) => /^(?:-s|--shell)/.test(word))
            ? (shell ?? '')
            : '';
    }
    case 'bacon':
      return words[0] === 'test' || words[0] === 'nextest' ? `cargo ${words[0] === 'test' ? 'test' : 'nextest run'}` : '';
    default:
      return undefined;
  }
}

function withoutOptions(words: readonly string[], takesWord: RegExp = /^$/): string[] {
  let at = 0;
  while (at < words.length && words[at]?.startsWith('-')) at += takesWord.test(words[at] ?? '') ? 2 : 1;
  return words.slice(at);
}

/** Runners that watch of themselves unless they are told otherwise, and what tells them. */
const ends: Readonly<Record<string, { readonly command?: RegExp; readonly say: string }>> = {
  'react-scripts': { command: /^test$/, say: '--watchAll=false' },
  'react-app-rewired': { command: /^test$/, say: '--watchAll=false' },
  craco: { command: /^test$/, say: '--watchAll=false' },
  ng: { command: /^(?:test|t)$/, say: '--watch=false' },
  karma: { command: /^start$/, say: '--single-run' },
};
const watches = /^--(?:watch|watchAll|watch-all|auto-watch|no-single-run|looponfail|ui)(?:=(?!false$).*)?$/;
/** Of these the short form is one more. */
const short: Readonly<Record<string, RegExp>> = { pytest: /^-f$/, wtr: /^-w$/, jasmine: /^-w$/ };
/** Subcommands that watch, and the one that does not. */
const verbs: Readonly<Record<string, readonly [from: string, to: string | undefined]>> = {
  tsx: ['watch', undefined],
  turbo: ['watch', 'run'],
  cypress: ['open', 'run'],
};

/** Their own readers (`runners/`) leave out what makes them watch. */
const known = new Set(['vitest', 'jest', 'mocha', '_mocha', 'node', 'nodejs', 'tap', 'ava']);

/** The words behind the program so that it ends; undefined where nothing has to be said. */
function toldToEnd(program: string, words: readonly string[]): string[] | undefined {
  if (known.has(program)) return undefined;
  const own = ends[program];
  const verb = verbs[program];
  const kept = words.filter((word) => !watches.test(word) && !short[program]?.test(word));
  if (verb !== undefined && kept[0] === verb[0]) kept.splice(0, 1, ...(verb[1] === undefined ? [] : [verb[1]]));
  if (own?.command?.test(kept[0] ?? '') === true && !kept.includes(own.say)) kept.push(own.say);
  return lineOf(kept) === lineOf(words) ? undefined : kept;
}
