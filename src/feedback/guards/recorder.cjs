'use strict';
/**
 * Tells which lines of the project each test ran over, for one run whose verdict counts for nothing: where to look for a mistake. Loaded with --require
 * into every process of the run; one line of JSON a test (`coverage.ts` reads them), written as it ends. Of tests that run at the same time in one
 * process the lines are told together. Code that was made of other code as it was loaded, or before, is told by the lines of its source, by its map.
 * What a test that does not end ran over so far is written by a thread beside it, where the test runs in the main one.
 */
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const { Session, url: debuggerAddress } = require('node:inspector');
const Module = require('node:module');
const { dirname, isAbsolute, join, resolve, sep } = require('node:path');
const { fileURLToPath } = require('node:url');
const { Worker, isMainThread, parentPort, threadId, workerData } = require('node:worker_threads');

const folder = process.env.TEAMWRIGHT_COVER;
const root = process.env.TEAMWRIGHT_COVER_ROOT + sep;
const apart = /(^|[\\/])(node_modules|\.yarn|bower_components)([\\/]|$)/;

/** The process of a test file, or the one in which all files run. */
const isNodeTest =
  process.env.NODE_TEST_CONTEXT !== undefined || process.execArgv.some((word) => /^--(experimental-)?test-isolation(=none)?$/.test(word));
/** Mocha, or one of its workers. */
const isMocha = /[\\/](_?mocha|mocha[\\/]lib[\\/]nodejs[\\/]worker)(\.c?js)?$/.test(process.argv[1] ?? '');

let recorder;
/** Of what is loaded from here on the lines are known. */
const start = () => {
  recorder ??= record();
};
/** Where tests run. What they start finds nothing of us: it would take itself for a process of tests. */
const startHidden = () => {
  start();
  hideFromChildren();
};
/** A test within those that are under way. */
const beginWithin = (name) => {
  startHidden();
  recorder.begin(name);
};
/** A test in place of one that is under way: runners whose tests hold no others do not tell the end of all that they leave out. */
const begin = (name) => {
  idle();
  beginWithin(name);
};
const end = (outcome) => recorder?.end(outcome);
const idle = () => recorder?.idle();
module.exports = { start: startHidden, begin, end, idle };

/**
 * Asked of the engine first. Counts of blocks, and not only of functions; places are told in the text that the engine was given, which only its debugger
 * knows. Once that is on it stays so: turned off, it takes the blocks of all functions along that ran before.
 */
const beginning = [
  ['Debugger.enable'],
  ['Debugger.setSkipAllPauses', { skip: true }],
  ['Profiler.enable'],
  ['Profiler.startPreciseCoverage', { callCount: true, detailed: true }],
];
/** After which time a thread looks at what a test is doing, and how often then; ms. */
const patience = 1000;
const glance = 500;
/** By this the thread that looks knows itself. */
const watching = 'teamwright-watch';

if (workerData?.[watching] !== undefined) watchMainThread(workerData[watching]);
else if (folder !== undefined && isNodeTest) {
  startHidden();
  const { beforeEach, afterEach } = require('node:test');
  beforeEach((context) => beginWithin(context.fullName ?? context.name));
  afterEach((context) => end(context.passed === undefined ? 'unknown' : context.passed ? 'passed' : 'failed'));
} else if (folder !== undefined && isMocha) {
  // It may have workers to start before it runs a test, or instead.
  start();
  module.exports.mochaHooks = {
    beforeEach() {
      begin(this.currentTest.fullTitle());
    },
    afterEach() {
      end(this.currentTest.state ?? 'unknown');
    },
  };
}

function hideFromChildren() {
  const { env } = process;
  if (env.TEAMWRIGHT_COVER === undefined) return;
  delete env.TEAMWRIGHT_COVER;
  delete env.TEAMWRIGHT_COVER_ROOT;
  const options = (env.NODE_OPTIONS ?? '').replace(`--require ${JSON.stringify(__filename)}`, '').trim();
  if (options === '') delete env.NODE_OPTIONS;
  else env.NODE_OPTIONS = options;
}

function record() {
  const session = new Session();
  session.connect();
  const post = (method, parameters) => {
    let answer;
    session.post(method, parameters, (_error, result) => {
      answer = result;
    });
    return answer;
  };
  for (const [method, parameters] of beginning) post(method, parameters);

  const known = new Map();
  const file = join(folder, `${process.pid}-${threadId}.jsonl`);
  let watcher;
  /** The tests that are under way, the innermost last; of each what ran in it before one in it began. */
  const under = [];
  /** Tests of one name are told apart by when they ended. */
  let nth = 0;

  /** What ran since it was asked last. */
  const ran = () => {
    const scripts = post('Profiler.takePreciseCoverage')?.result ?? [];
    const unknown = unknownOf(scripts, known);
    for (const { scriptId, path } of unknown)
      known.set(scriptId, startsIn(post('Debugger.getScriptSource', { scriptId })?.scriptSource ?? '', path));
    return filesOf(scripts, known);
  };
  const tell = (test, outcome, files) => {
    // That a test was left out is told also where it ran over nothing since a thread looked at it.
    if (test !== '' || files.size > 0) write(file, { test, nth, outcome, files: sorted(files) });
    nth += 1;
    const now = under.at(-1);
    watcher?.postMessage(now === undefined ? undefined : { test: now.name, nth });
  };

  return {
    begin(name) {
      // What tests start runs none, and needs no thread.
      watcher ??= startWatching(file);
      const files = ran();
      const outer = under.at(-1);
      under.push({ name, before: new Map(), holds: false, redWithin: false });
      if (outer === undefined) return tell('', 'none', files);
      outer.holds = true;
      addTo(outer.before, files);
      tell(outer.name, 'none', files);
    },
    end(outcome) {
      const files = ran();
      const one = under.pop();
      if (one === undefined) return;
      addTo(files, one.before);
      // What a test is about was often made by the one that it is in.
      for (const { before } of under) addTo(files, before);
      const outer = under.at(-1);
      if (outer !== undefined && outcome !== 'passed') outer.redWithin = true;
      // The tests in it tell that, and what they ran over.
      tell(one.name, one.holds && (outcome === 'passed' || one.redWithin) ? 'none' : outcome, files);
    },
    idle() {
      if (under.length === 0) return;
      const [{ name }] = under.splice(0).reverse();
      tell(name, 'none', ran());
    },
  };
}

function addTo(files, more) {
  for (const [path, lines] of more) {
    const known = files.get(path);
    if (known === undefined) files.set(path, new Set(lines));
    else for (const line of lines) known.add(line);
  }
}

const sorted = (files) => Object.fromEntries([...files].map(([path, lines]) => [path, [...lines].sort((one, other) => one - other)]));

/** Those of the project that were not seen before; others are noted as none of it. `known`: by the number of a script where its lines begin. */
function unknownOf(scripts, known) {
  const unknown = [];
  for (const { scriptId, url } of scripts) {
    if (known.has(scriptId)) continue;
    const path = ownPath(url);
    if (path === undefined) known.set(scriptId, undefined);
    else unknown.push({ scriptId, path });
  }
  return unknown;
}

/** Path → numbers of the lines that ran. */
function filesOf(scripts, known) {
  const files = new Map();
  for (const { scriptId, functions } of scripts) {
    const starts = known.get(scriptId);
    if (starts === undefined) continue;
    for (const [path, line] of linesRun(functions, starts)) {
      if (!files.has(path)) files.set(path, new Set());
      files.get(path).add(line);
    }
  }
  return files;
}

function write(file, record) {
  appendFileSync(file, `${JSON.stringify(record)}\n`);
}

// ---- tests that do not end ------------------------------------------------------------------------------------------------------

/** A thread that is told which test is under way; undefined where none may be started, or a debugger that listens would wait for it at the end. */
function startWatching(file) {
  if (!isMainThread || debuggerAddress() !== undefined) return undefined;
  try {
    const env = { ...process.env, NODE_OPTIONS: '', TEAMWRIGHT_COVER_ROOT: root.slice(0, -sep.length) };
    const worker = new Worker(__filename, { workerData: { [watching]: file }, execArgv: [], env, stdout: true, stderr: true });
    worker.on('error', () => undefined);
    worker.unref();
    return worker;
  } catch {
    return undefined;
  }
}

/**
 * In that thread: the engine answers it also while the main one is in a loop. Beginning to count a second time loses functions that ran once since it was
 * asked last, so the thread does that only where a test takes long.
 */
function watchMainThread(file) {
  const session = new Session();
  session.connectToMainThread();
  const post = (method, parameters) => new Promise((resolve) => session.post(method, parameters, (_error, result) => resolve(result)));
  const known = new Map();
  let begun = false;
  let now;
  let since;
  parentPort.on('message', (test) => {
    now = test;
    since = Date.now();
  });

  const look = async () => {
    const seen = now;
    if (seen === undefined || Date.now() - since < patience) return;
    if (!begun) for (const [method, parameters] of beginning) await post(method, parameters);
    begun = true;
    const scripts = (await post('Profiler.takePreciseCoverage'))?.result ?? [];
    const unknown = unknownOf(scripts, known);
    for (const { scriptId, path } of unknown)
      known.set(scriptId, startsIn((await post('Debugger.getScriptSource', { scriptId }))?.scriptSource ?? '', path));
    const files = filesOf(scripts, known);
    // If another is under way by now, nobody knows which of them ran over these.
    const told = now === seen ? { ...seen, outcome: 'under-way' } : { test: '', nth: -1, outcome: 'none' };
    write(file, { ...told, files: sorted(files) });
  };
  const again = () => setTimeout(() => look().then(again, again), glance);
  again();
}

// ---- lines ----------------------------------------------------------------------------------------------------------------------

/** Of a file of the project that is none of its libraries, in any of the ways a script is named. */
function ownPath(name) {
  const path = pathOf(name);
  return path.startsWith(root) && !apart.test(path.slice(root.length)) ? path : undefined;
}

function pathOf(name) {
  if (!name.startsWith('file:')) return name;
  try {
    return fileURLToPath(name);
  } catch {
    // The address of no file of this machine.
    return '';
  }
}

/** Where the code of each line of a script begins, and which line of which file that is. */
function startsIn(text, path) {
  const offsets = [];
  const lines = [];
  const add = (offset, file, line) => {
    offsets.push(offset);
    lines.push([file.slice(root.length), line]);
  };
  const originalOf = originals(text, path);
  if (originalOf === undefined && !isAsWritten(text, path)) return { offsets, lines };
  let at = 0;
  for (const [row, line] of text.split('\n').entries()) {
    if (originalOf === undefined) {
      const column = line.search(/\S/);
      if (column >= 0) add(at + column, path, row + 1);
    } else if (!line.startsWith('//# sourceMappingURL=')) {
      let last;
      for (const { index } of line.matchAll(/[\w$]+|[^\s\w$]+/g)) {
        const original = originalOf(row, index);
        if (original !== undefined && original.line !== last) add(at + index, original.file, original.line);
        last = original?.line;
      }
    }
    at += line.length + 1;
  }
  return { offsets, lines };
}

/** Code without a map is told line by line where it has as many of them as its file: types may be blank there, and a function stand around it. */
function isAsWritten(text, path) {
  const rows = (one) => one.split('\n').findLastIndex((row) => row.trim() !== '' && !row.startsWith('//# '));
  return Math.abs(rows(text) - rows(textOf(path))) <= 1;
}

/** By the map of a script, in it or beside it; undefined where it has none. */
function originals(text, path) {
  const given = text.slice(Math.max(0, text.lastIndexOf('sourceMappingURL='))).match(/^sourceMappingURL=(\S+)/)?.[1];
  if (given === undefined) return undefined;
  const inside = given.match(/^data:application\/json[^,]*?(;base64)?,(.*)$/);
  try {
    const json = inside === null ? readFileSync(resolve(dirname(path), decodeURIComponent(given)), 'utf8') : dataOf(inside);
    const payload = JSON.parse(json);
    const map = new Module.SourceMap(payload);
    const files = new Map();
    return (row, column) => {
      const { generatedLine, originalSource, originalLine } = map.findEntry(row, column);
      if (generatedLine !== row || typeof originalSource !== 'string') return undefined;
      if (!files.has(originalSource)) files.set(originalSource, sourceFile(originalSource, payload, path));
      const file = files.get(originalSource);
      return file === undefined ? undefined : { file, line: originalLine + 1 };
    };
  } catch {
    return undefined;
  }
}

const dataOf = ([, base64, data]) => (base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, 'base64').toString('utf8'));

/** A map names its sources by an address, a path, or a path beside the script; one that has a single source is of the script's own file if no other is there. */
function sourceFile(name, { sources = [], sourceRoot = '' }, path) {
  const plain = pathOf(name);
  const file = isAbsolute(plain) ? plain : resolve(dirname(path), name.startsWith(sourceRoot) ? '' : sourceRoot, plain);
  if (ownPath(file) !== undefined && existsSync(file)) return file;
  return sources.length === 1 ? path : undefined;
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Lines that ran: the innermost range around the beginning of each says so, and inner ones are told after outer ones; so does a function that ran and
 * begins in the line, behind what stands there when the file is loaded (`const twice = (n) => 2 * n`).
 */
function linesRun(functions, { offsets, lines }) {
  const ran = new Uint8Array(lines.length);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? 1 : 0, firstFrom(offsets, startOffset), firstFrom(offsets, endOffset));
  }
  for (const { ranges } of functions) if (ranges[0].count > 0) ran[firstFrom(offsets, ranges[0].startOffset + 1) - 1] = 1;
  return lines.filter((_, index) => ran[index] === 1);
}

/** Index of the first of the ascending numbers that is not below `least`. */
function firstFrom(numbers, least) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
