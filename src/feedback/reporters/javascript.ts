/** What the reporters below share: taking the ticket, and appending a signed record. */
export const shared = String.raw`
const ticket = process.env.TEAMWRIGHT_TICKET;
delete process.env.TEAMWRIGHT_TICKET;
const { key: runKey, records } = JSON.parse(readFileSync(ticket, 'utf8'));
rmSync(ticket);
const key = createHmac('sha256', Buffer.from(runKey, 'hex')).update('m').digest();
let seq = 0;
const write = (record) => {
  const json = JSON.stringify(record);
  const mac = createHmac('sha256', key).update('m ' + seq + ' ' + json).digest('hex');
  appendFileSync(records, 'm ' + seq + ' ' + mac + ' ' + json + '\n');
  seq += 1;
};
write({ t: 'open' });
`;

/**
 * Reporter for vitest. Version 3 and later tell of each test as it ends; older ones at the end of the run.
 * Vitest sends a worker's news in batches: of a test that never yields only the file is known.
 */
export const vitestReporter = String.raw`
import { createHmac } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
${shared}
const seen = new Set();
let ended = false;

const describe = (error) => {
  const head = (error.name ? error.name + ': ' : '') + (error.message ?? String(error));
  const stack = String(error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).join('\n');
  return [head, error.diff, stack].filter(Boolean).join('\n');
};
const messages = (errors) => errors.map(describe).join('\n\n');

function caseOf(test) {
  if (seen.has(test.id)) return;
  const { state, errors } = test.result();
  if (state === 'pending') return;
  seen.add(test.id);
  const expected = test.options?.fails === true;
  write({
    t: 'case',
    file: test.module.moduleId,
    name: test.fullName,
    outcome: state,
    message: state === 'failed' ? messages(errors ?? []) || (expected ? 'Expected to fail, but passed' : '') : undefined,
    ms: test.diagnostic?.()?.duration,
  });
}

export default class {
  onTestModuleQueued(module) {
    write({ t: 'start', file: module.moduleId, name: '' });
  }
  onTestCaseReady(test) {
    write({ t: 'start', file: test.module.moduleId, name: test.fullName });
  }
  onTestCaseResult(test) {
    caseOf(test);
  }
  onTestModuleEnd(module) {
    for (const test of module.children.allTests()) caseOf(test);
    for (const suite of module.children.allSuites()) {
      const errors = suite.errors?.() ?? [];
      if (errors.length > 0) write({ t: 'case', file: module.moduleId, name: suite.fullName, outcome: 'failed', message: messages(errors), whole: true });
    }
    const errors = module.errors();
    if (errors.length > 0) write({ t: 'case', file: module.moduleId, name: '', outcome: 'failed', message: messages(errors), whole: true });
    else write({ t: 'over', file: module.moduleId, name: '' });
  }
  onTestRunEnd(modules, unhandled) {
    this.finish(unhandled);
  }
  onFinished(files = [], unhandled = []) {
    if (ended) return;
    if (seen.size === 0) for (const file of files) this.walk(file, file, []);
    this.finish(unhandled);
  }
  finish(unhandled) {
    if (ended) return;
    ended = true;
    if (unhandled?.length > 0) write({ t: 'case', file: '', name: 'unhandled error', outcome: 'failed', message: messages(unhandled), whole: true });
    write({ t: 'end' });
  }
  walk(file, task, names) {
    const result = task.result ?? {};
    const errors = result.errors ?? (result.error ? [result.error] : []);
    if (task.type === 'test' || task.type === 'custom') {
      const skipped = task.mode === 'skip' || task.mode === 'todo';
      const outcome = result.state === 'pass' ? 'passed' : result.state === 'fail' ? 'failed' : 'skipped';
      const message = outcome === 'failed' ? messages(errors) : undefined;
      write({ t: 'case', file: file.filepath, name: names.join(' > '), outcome: skipped ? 'skipped' : outcome, message, ms: result.duration });
    } else if (errors.length > 0) {
      write({ t: 'case', file: file.filepath, name: names.join(' > '), outcome: 'failed', message: messages(errors), whole: true });
    }
    for (const child of task.tasks ?? []) this.walk(file, child, [...names, child.name]);
  }
}
`;

/** Reporter for jest 24 and later. */
export const jestReporter = String.raw`
const { createHmac } = require('node:crypto');
const { appendFileSync, readFileSync, rmSync } = require('node:fs');
${shared}
const written = new Map();
const nameOf = (one) => [...(one.ancestorTitles ?? []), one.title].join(' > ');

function caseOf(file, one) {
  const outcome = one.status === 'passed' || one.status === 'focused' ? 'passed' : one.status === 'failed' ? 'failed' : 'skipped';
  const message = outcome === 'failed' ? (one.failureMessages ?? []).join('\n\n') : undefined;
  write({ t: 'case', file, name: nameOf(one), outcome, message, ms: one.duration });
}

module.exports = class {
  onTestFileStart(test) {
    write({ t: 'start', file: test.path, name: '' });
  }
  onTestCaseStart(test, info) {
    write({ t: 'start', file: test.path, name: nameOf(info) });
  }
  onTestCaseResult(test, one) {
    const key = test.path + '\0' + nameOf(one);
    written.set(key, (written.get(key) ?? 0) + 1);
    caseOf(test.path, one);
  }
  onTestResult(test, result) {
    for (const one of result.testResults ?? []) {
      const key = test.path + '\0' + nameOf(one);
      const left = written.get(key) ?? 0;
      if (left > 0) written.set(key, left - 1);
      else caseOf(test.path, one);
    }
    const trouble = String(result.failureMessage || result.testExecError?.message || '').replace(/Jest failed to parse a file[\s\S]*?Details:\s*/, '');
    if (result.testExecError || (result.failureMessage && (result.testResults ?? []).length === 0)) {
      write({ t: 'case', file: test.path, name: '', outcome: 'failed', message: trouble, whole: true });
    } else write({ t: 'over', file: test.path, name: '' });
  }
  onRunComplete() {
    write({ t: 'end' });
  }
};
`;

/** Reporter for mocha 6 and later. */
export const mochaReporter = String.raw`
const { createHmac } = require('node:crypto');
const { appendFileSync, readFileSync, rmSync } = require('node:fs');
${shared}
const nameOf = (test) => (test.titlePath ? test.titlePath() : [test.fullTitle()]).join(' > ');
const fileOf = (test) => test.file ?? (test.parent ? fileOf(test.parent) : '');

module.exports = class {
  constructor(runner) {
    runner.on('test', (test) => write({ t: 'start', file: fileOf(test), name: nameOf(test) }));
    runner.on('pass', (test) => write({ t: 'case', file: fileOf(test), name: nameOf(test), outcome: 'passed', ms: test.duration }));
    runner.on('pending', (test) => write({ t: 'case', file: fileOf(test), name: nameOf(test), outcome: 'skipped' }));
    runner.on('fail', (test, error) => {
      const text = String(error?.stack ?? error?.message ?? error);
      const message = error?.message && !text.includes(error.message) ? error.message + '\n' + text : text;
      write({ t: 'case', file: fileOf(test), name: nameOf(test), outcome: 'failed', message, whole: test.type === 'hook' });
    });
    runner.on('end', () => write({ t: 'end' }));
  }
};
`;
