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
