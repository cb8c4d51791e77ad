'use strict';
/**
 * Tells which lines of the project each test ran over, for one run whose verdict counts for nothing: where to look for a mistake. Loaded with --require
 * into every process of the run; one line of JSON a test (`coverage.ts` reads them), written as it ends. Of tests that run at the same time in one
 * process the lines are told together.
 */
const { appendFileSync, readFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const { join, sep } = require('node:path');
const { fileURLToPath } = require('node:url');

const folder = process.env.TEAMWRIGHT_COVER;
const root = process.env.TEAMWRIGHT_COVER_ROOT + sep;
const apart = /(^|[\\/])(node_modules|\.yarn|bower_components)([\\/]|$)/;

const isNodeTest = process.env.NODE_TEST_CONTEXT !== undefined;
const isMocha = /[\\/]_?mocha(\.c?js)?$/.test(process.argv[1] ?? '');
if (folder !== undefined && (isNodeTest || isMocha)) module.exports = record();

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

  const starts = new Map();
  /** Names of the tests that are under way, the innermost last. */
  const under = [];

  /** What ran since it was asked last. */
  const take = (test, outcome) => {
    const files = {};
    for (const { url, functions } of post('Profiler.takePreciseCoverage')?.result ?? []) {
      const path = pathOf(url);
      if (path === undefined) continue;
      const lines = linesRun(functions, startsOf(path));
      if (lines.length > 0) files[path.slice(root.length)] = lines;
    }
    if (outcome !== 'none' || Object.keys(files).length > 0)
      appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify({ test, outcome, files })}\n`);
  };

  /** Where the code of each line begins, for those that have some. */
  const startsOf = (path) => {
    const known = starts.get(path);
    if (known !== undefined) return known;
    const found = { offsets: [], lines: [] };
    let at = 0;
    for (const [index, line] of textOf(path).split('\n').entries()) {
      const code = line.search(/\S/);
      if (code >= 0) {
        found.offsets.push(at + code);
        found.lines.push(index + 1);
      }
      at += line.length + 1;
    }
    starts.set(path, found);
    return found;
  };

  const begin = (name) => {
    take(under.at(-1) ?? '', 'none');
    under.push(name);
  };
  const end = (outcome) => {
    const name = under.pop();
    if (name !== undefined) take(name, outcome);
  };

  if (isNodeTest) {
    const { beforeEach, afterEach } = require('node:test');
    beforeEach((context) => begin(context.fullName ?? context.name));
    afterEach((context) => end(context.passed === undefined ? 'unknown' : context.passed ? 'passed' : 'failed'));
  }
  return {
    mochaHooks: {
      beforeEach() {
        begin(this.currentTest.fullTitle());
      },
      afterEach() {
        end(this.currentTest.state ?? 'unknown');
      },
    },
  };
}

function pathOf(url) {
  if (!url.startsWith('file:') && !url.startsWith(root)) return undefined;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  return path.startsWith(root) && !apart.test(path.slice(root.length)) ? path : undefined;
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Numbers of the lines that ran: the innermost range around the beginning of each says so, and inner ones are told after outer ones. */
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
