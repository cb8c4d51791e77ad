import { shared } from './javascript.ts';

/**
 * Reporter for node:test (Node 18.15 and later), loaded with --test-reporter. Tests print through it, so it also limits what they print.
 * Files that run in their own process send their events only when their event loop turns; a test that never yields is known through the
 * preload below, which writes at once.
 */
export const nodeTestReporter = String.raw`
import { createHmac } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
${shared}const printLimit = 1024 * 1024;

export default async function* report(source) {
  const names = [];
  const printed = new Map();
  let yielded = 0;
  for await (const { type, data } of source) {
    if (type === 'test:stdout' || type === 'test:stderr') {
      const file = absolute(data.entryFile ?? data.file ?? '');
      const text = String(data.message).replace(/^\u001b\[[0-9;]*m/, '');
      printed.set(file, ((printed.get(file) ?? '') + text).slice(-8000));
      if (yielded < printLimit) {
        yielded += text.length;
        yield text;
      }
    } else if (type === 'test:start') {
      names[data.nesting] = data.name;
      names.length = data.nesting + 1;
    } else if (type === 'test:pass' || type === 'test:fail') {
      record(type === 'test:pass', data, names, printed);
    }
  }
  write({ t: 'end' });
}

function record(passed, data, names, printed) {
  const file = absolute(data.entryFile ?? data.file ?? '');
  const ofFile = data.nesting === 0 && data.file !== undefined && absolute(data.name) === absolute(data.file);
  const name = ofFile ? '' : [...names.slice(0, data.nesting), data.name].join(' > ');
  const error = data.details?.error;
  const kind = error?.failureType;
  if (kind === 'subtestsFailed') return;
  const suite = data.details?.type === 'suite';
  if (suite && passed) return;
  const outcome = !passed && data.todo === undefined ? 'failed' : data.skip !== undefined || data.todo !== undefined ? 'skipped' : 'passed';
  const message = passed ? undefined : ofFile ? printed.get(file) || describe(error) : describe(error);
  write({ t: 'case', file, name, outcome, message, ms: data.details?.duration_ms, whole: ofFile || suite });
}

function describe(error) {
  const cause = error?.cause;
  if (cause === undefined || cause === null) return String(error?.message ?? error);
  if (typeof cause !== 'object') return String(cause);
  const stack = String(cause.stack ?? '');
  const text = String(cause.message ?? error.message ?? '');
  return stack.includes(text) && stack !== '' ? stack : (cause.name ?? 'Error') + ': ' + text + '\n' + stack;
}

function absolute(file) {
  return file === '' || isAbsolute(file) ? file : resolve(file);
}
`;

/** Loaded with --require into each test process: who is running now, written before the test can block. */
export const nodeTestPreload = String.raw`
if (process.env.NODE_TEST_CONTEXT && process.env.TEAMWRIGHT_PROGRESS) {
  const { beforeEach, afterEach } = require('node:test');
  const { appendFileSync } = require('node:fs');
  const path = process.env.TEAMWRIGHT_PROGRESS;
  const file = process.argv[1] ?? '';
  const write = (record) => appendFileSync(path, JSON.stringify(record) + '\n');
  const nameOf = (test) => test.fullName ?? test.name;
  write({ t: 'start', file, name: '' });
  beforeEach((test) => write({ t: 'start', file, name: nameOf(test) }));
  afterEach((test) => {
    if (test.passed === undefined) return;
    const error = test.error?.cause ?? test.error;
    const message = test.passed ? undefined : String(error?.stack ?? error);
    write({ t: 'case', file, name: nameOf(test), outcome: test.passed ? 'passed' : 'failed', message });
  });
  process.on('exit', () => write({ t: 'over', file, name: '' }));
}
`;
