'use strict';
/**
 * Tells which lines of the project each test ran over, for one run whose verdict counts for nothing: where to look for a mistake. Loaded with --require
 * into every process of the run; one line of JSON a test (`coverage.ts` reads them), written as it ends. Of tests that run at the same time in one
 * process the lines are told together. Code that was made of other code as it was loaded, or before, is told by the lines of its source, by its map.
 */
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const Module = require('node:module');
const { dirname, isAbsolute, join, resolve, sep } = require('node:path');
const { fileURLToPath } = require('node:url');
const { threadId } = require('node:worker_threads');

const folder = process.env.TEAMWRIGHT_COVER;
const root = process.env.TEAMWRIGHT_COVER_ROOT + sep;
const apart = /(^|[\\/])(node_modules|\.yarn|bower_components)([\\/]|$)/;

/** The process of a test file, or the one in which all files run. */
const isNodeTest =
  process.env.NODE_TEST_CONTEXT !== undefined || process.execArgv.some((word) => /^--(experimental-)?test-isolation(=none)?$/.test(word));
/** Mocha, or one of its workers. */
const isMocha = /[\\/](_?mocha|mocha[\\/]lib[\\/]nodejs[\\/]worker)(\.c?js)?$/.test(process.argv[1] ?? '');

/** Tests that are told of begin and end with these, under any runner; the first call starts the recorder of this process or thread. */
let recorder;
const begin = (name) => {
  recorder ??= record();
  recorder.begin(name);
};
const end = (outcome) => recorder?.end(outcome);
module.exports = {
  begin,
  end,
  /** Of what is loaded from here on the lines are known. */
  start() {
    recorder ??= record();
  },
};

if (folder !== undefined && isNodeTest) {
  module.exports.start();
  const { beforeEach, afterEach } = require('node:test');
  beforeEach((context) => begin(context.fullName ?? context.name));
  afterEach((context) => end(context.passed === undefined ? 'unknown' : context.passed ? 'passed' : 'failed'));
} else if (folder !== undefined && isMocha) {
  module.exports.start();
  module.exports.mochaHooks = {
    beforeEach() {
      begin(this.currentTest.fullTitle());
    },
    afterEach() {
      end(this.currentTest.state ?? 'unknown');
    },
  };
} else if (folder !== undefined) listenToJest();

/** Jest says what its tests do to whoever stands in for their environment; where it runs them, its runner is loaded. */
function listenToJest() {
  const load = Module._load;
  Module._load = function (request, ...more) {
    const loaded = Reflect.apply(load, this, [request, ...more]);
    if (!/[\\/]jest-circus[\\/](build[\\/])?runner(\.js)?$/.test(request)) return loaded;
    module.exports.start();
    const run = loaded.default ?? loaded;
    return (globalConfig, config, environment, ...rest) => {
      const own = environment.handleTestEvent;
      environment.handleTestEvent = function (event, state) {
        if (event.name === 'test_start') begin(nameOf(event.test));
        if (event.name === 'test_done') end(event.test.errors.length > 0 ? 'failed' : 'passed');
        return own === undefined ? undefined : Reflect.apply(own, this, [event, state]);
      };
      return run(globalConfig, config, environment, ...rest);
    };
  };
  const nameOf = ({ name, parent }) => (parent?.parent === undefined ? name : `${nameOf(parent)} > ${name}`);
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
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

  /** By the number of a script: where its lines begin, in ascending order; undefined for what is not of the project. */
  const known = new Map();
  /** Names of the tests that are under way, the innermost last. */
  const under = [];
  /** Tests of one name are told apart by when they ended. */
  let nth = 0;

  /** What ran since it was asked last. */
  const take = (test, outcome) => {
    const scripts = post('Profiler.takePreciseCoverage')?.result ?? [];
    learn(scripts.filter(({ scriptId }) => !known.has(scriptId)));
    const files = {};
    for (const { scriptId, functions } of scripts) {
      const starts = known.get(scriptId);
      if (starts === undefined) continue;
      for (const [file, line] of linesRun(functions, starts)) {
        files[file] ??= new Set();
        files[file].add(line);
      }
    }
    const told = Object.entries(files).map(([file, lines]) => [file, [...lines].sort((one, other) => one - other)]);
    if (outcome !== 'none' || told.length > 0)
      appendFileSync(
        join(folder, `${process.pid}-${threadId}.jsonl`),
        `${JSON.stringify({ test, nth, outcome, files: Object.fromEntries(told) })}\n`,
      );
    nth += 1;
  };

  const learn = (scripts) => {
    const own = scripts.filter(({ scriptId, url }) => {
      const isOwn = ownPath(url) !== undefined;
      if (!isOwn) known.set(scriptId, undefined);
      return isOwn;
    });
    if (own.length === 0) return;
    // Places are told in the text that the engine was given, which only its debugger knows.
    post('Debugger.enable');
    for (const { scriptId, url } of own) {
      const text = post('Debugger.getScriptSource', { scriptId })?.scriptSource ?? '';
      known.set(scriptId, startsIn(text, ownPath(url)));
    }
    post('Debugger.disable');
  };

  return {
    begin(name) {
      take(under.at(-1) ?? '', 'none');
      under.push(name);
    },
    end(outcome) {
      const name = under.pop();
      if (name !== undefined) take(name, outcome);
    },
  };
}

/** Of a file of the project that is none of its libraries, in any of the ways a script is named. */
function ownPath(url) {
  if (!url.startsWith('file:') && !url.startsWith(root)) return undefined;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  return path.startsWith(root) && !apart.test(path.slice(root.length)) ? path : undefined;
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
  const plain = name.startsWith('file:') ? fileURLToPath(name) : name;
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

/** Lines that ran: the innermost range around the beginning of each says so, and inner ones are told after outer ones. */
function linesRun(functions, { offsets, lines }) {
  const ran = new Uint8Array(lines.length);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? 1 : 0, firstFrom(offsets, startOffset), firstFrom(offsets, endOffset));
  }
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
