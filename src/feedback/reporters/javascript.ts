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
