/** A first reply mends nothing, and what stays red may be what was meant: that is no end, and no endless one either. */
import { describe, expect, test } from 'vitest';
import { fileDesigner, soloDesigner, soloTeam } from '../../src/design/index.ts';
import type { Designer } from '../../src/design/types.ts';
import { planSchema } from '../../src/plan/index.ts';
import { parseRequest } from '../../src/request/index.ts';
import { replayRun } from '../../src/run/index.ts';
import { python } from '../support/python.ts';
import { start } from '../support/run-scene.ts';
import { quickNodeTest } from '../support/workspaces.ts';

/** The red test speaks of the invoice, the request and the mistake of the rate behind it. */
const rate = (text: string, note = ''): string => `${note}function rate(year) {\n  return ${text};\n}\n\nmodule.exports = { rate };\n`;
const invoice = "const { rate } = require('./tax.js');\nmodule.exports.invoice = (net, year) => net + (net * rate(year)) / 100;\n";
const invoiceTest = (runner = "const { test } = require('node:test');\n"): string =>
  `${runner}const assert = require('node:assert');\nconst { invoice } = require('../invoice.js');\ntest('invoice of 2020', () => assert.equal(invoice(100, 2020), 116));\ntest('invoice of 2021', () => assert.equal(invoice(100, 2021), 119));\n`;
const files = {
  'package.json': `{"scripts":{"test":"${quickNodeTest}"}}`,
  'tax.js': rate('19'),
  'invoice.js': invoice,
  'test/invoice.test.js': invoiceTest(),
};
const request = 'The function rate() in tax.js gives 19 for every year, and it was 16 in 2020.';
const reply = (text: string, note = ''): string => `tax.js\n\`\`\`js\n${rate(text, note)}\`\`\`\n`;
const noted = (n = 1): string => reply('19', `// note ${n}\n`);
const right = reply('year === 2020 ? 16 : 19');
const red = 'test/invoice.test.js > invoice of 2020';
const doubt = { state: 'unproven', unrelated: [], reasons: [{ kind: 'perhaps-meant', tests: [red], count: 1 }] };

/** One draft, and a revision where it is not done. */
const revising = (samples = 1) => {
  const { coder } = soloTeam(1, 'easy').agents;
  return fileDesigner(
    planSchema.parse({
      teamwright: 1,
      name: 'revising',
      difficulty: 'easy',
      agents: { coder },
      steps: [
        { id: 'draft', do: 'generate', agent: 'coder', samples, stop: samples > 1 ? 'never' : 'first-pass' },
        { id: 'test', do: 'test' },
        { id: 'if-red', do: 'when', if: 'tests-fail', steps: [{ id: 'mend', do: 'revise', agent: 'coder', samples: 3 }] },
        { id: 'test-again', do: 'test' },
        { id: 'choose', do: 'select' },
      ],
    }),
  );
};

describe('a reply that mends nothing', () => {
  test('earns another attempt, which may be right', async () => {
    const { log, run, server, workspace } = await start({ files, request, script: [noted(), right], designer: soloDesigner(3) });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'solved', candidate: 'c2', judgement: { targets: [red], unrelated: [] } });
    expect(log.of('candidate.tested').map(({ judgement }) => judgement)).toMatchObject([doubt, { state: 'solved' }]);
    expect(server.requests).toHaveLength(2);
    const replayed = await replayRun(
      { dataDir: workspace.dataDir, runId: result.runId, mayRunUnfenced: async () => true },
      new AbortController().signal,
    );
    expect(replayed.result).toMatchObject({ outcome: 'solved', candidate: 'c2' });
  });

  test.each([
    ['and one that leaves it so', [noted(1), noted(2), right]],
    ['and the same once more', [noted(1), noted(1), right]],
  ])('earns one more attempt and no other: %s', async (_, script) => {
    const { run, server } = await start({ files, request, script, designer: soloDesigner(3) });
    expect(await run()).toMatchObject({ outcome: 'unproven', candidate: 'c1', judgement: doubt });
    expect(server.requests).toHaveLength(2);
  });

  test('earns another plan, where its own has no further attempt', async () => {
    const designer: Designer = {
      name: 'two-plans',
      design: (input, signal) => soloDesigner(input.failures.length + 1).design(input, signal),
    };
    const { run, server, log } = await start({ files, request, script: [noted(1), noted(2), right], designer });
    expect((await run()).outcome).toBe('unproven');
    expect([log.of('run.replanned').length, server.requests.length]).toEqual([1, 2]);
    const better = await start({ files, request, script: [noted(), right], designer });
    expect((await better.run()).outcome).toBe('solved');
  });

  test.each([
    ['one draft', 1, [noted(), right]],
    ['drafts side by side, of which none was told', 2, [noted(1), noted(2), right]],
  ])('is revised with what may be meant: %s', async (_, samples, script) => {
    const { run, server } = await start({ files, request, script, designer: revising(samples) });
    expect(await run()).toMatchObject({ outcome: 'solved', judgement: { targets: [red] } });
    const asked = server.requests.at(-1)?.body.messages.at(-1)?.content ?? '';
    expect(asked).toContain('Nothing shows yet that your change does what was asked.\nPerhaps meant: these tests fail as before.');
    expect(asked).toContain('- invoice of 2020:');
    expect(asked).not.toContain('does not do it yet');
  });

  test.each([
    ['gives it once more', noted()],
    ['says so without a change', 'The failing test is about something else.'],
    ['makes another change that leaves it so', noted(2)],
  ])('is handed over where the agent that is told %s', async (_, said) => {
    const { run, server } = await start({ files, request, script: [noted(), said, right], designer: revising() });
    expect(await run()).toMatchObject({ outcome: 'unproven', candidate: 'c1', judgement: doubt });
    expect(server.requests).toHaveLength(2);
  });

  test('and breaks what passed is red, as ever', async () => {
    const { run } = await start({ files, request, script: [reply('16', '// all\n').replace('16;', '18;')], settings: { replans: 0 } });
    expect(await run()).toMatchObject({ outcome: 'tests-fail', judgement: { state: 'red' } });
  });
});

describe('what may be meant', () => {
  const other = { 'zone.js': "module.exports.zone = () => 'CET';\n", 'test/zone.test.js': zoneTest() };
  function zoneTest(): string {
    return "const { zone } = require('../zone.js');\nrequire('node:test').test('zone is UTC', () => require('node:assert').equal(zone(), 'UTC'));\n";
  }

  test('is somebody else’s failure once something else was mended, and stands in the way of nothing', async () => {
    const { run, server } = await start({ files: { ...files, ...other }, request, script: [right], designer: soloDesigner(3) });
    expect(await run()).toMatchObject({
      outcome: 'solved',
      judgement: { targets: [red], unrelated: ['test/zone.test.js > zone is UTC'], reasons: [] },
    });
    expect(server.requests).toHaveLength(1);
  });

  test('are all that stay red, while none was mended', async () => {
    const { run } = await start({ files: { ...files, ...other }, request, script: [noted(1), noted(2)], designer: soloDesigner(3) });
    expect((await run()).judgement?.reasons).toMatchObject([{ kind: 'perhaps-meant', tests: [red, 'test/zone.test.js > zone is UTC'] }]);
  });

  test.each([
    ['a selection', 'It was 16 in 2020.', { selection: { path: 'tax.js', startLine: 1, endLine: 3 } }],
    ['a problem at a place', 'It was 16 in 2020.', { diagnostic: { path: 'tax.js', message: 'wrong year', startLine: 2 } }],
    ['a file', 'It was 16 in 2020.', { files: ['tax.js'] }],
  ])('is found where the request points at %s', async (_, text, on) => {
    const { run, log } = await start({
      files,
      asked: { ...parseRequest(text), ...on },
      script: [noted(), right],
      designer: soloDesigner(3),
    });
    expect(await run()).toMatchObject({ outcome: 'solved', judgement: { targets: [red] } });
    expect(log.of('candidate.tested')[0]?.judgement).toMatchObject(doubt);
  });

  test.each([
    ['a test that the request names in code', `${request} The test \`invoice of 2020\` fails.`],
    ['a test that it names in quotes', `${request} The test "invoice of 2020" fails.`],
    ['a test that the request names', `${request} The test invoice of 2020 fails.`],
    ['the file of tests that it names', `${request} test/invoice.test.js fails.`],
  ])('is not in doubt: %s', async (_, text) => {
    const { run, log } = await start({ files, request: text, script: [noted(), right], designer: soloDesigner(3) });
    expect((await run()).outcome).toBe('solved');
    expect(log.of('candidate.tested')[0]?.judgement).toMatchObject({ state: 'red', reasons: [{ kind: 'target-fails', tests: [red] }] });
  });

  test('is looked at in the part of a long suite that failed, and the whole runs before the hand-over', async () => {
    const slow =
      "require('node:test').test('slow', async () => {\n  await new Promise((done) => setTimeout(done, 5500));\n  require('node:assert').equal(require('../tax.js').rate(2021), 19);\n});\n";
    const long = { ...files, 'test/slow.test.js': slow };
    const solved = await start({ files: long, request, script: [noted(), right], designer: soloDesigner(3) });
    expect(await solved.run()).toMatchObject({ outcome: 'solved', candidate: 'c2' });
    const seen = solved.log
      .of('candidate.tested')
      .map(({ candidate, only, judgement }) => [candidate, only !== undefined, judgement?.state]);
    expect(seen).toEqual([
      ['c1', true, 'unproven'],
      ['c2', true, 'unproven'],
      ['c2', false, 'solved'],
    ]);
    const left = await start({ files: long, request, script: [noted(1), noted(1)], designer: soloDesigner(3) });
    expect(await left.run()).toMatchObject({ outcome: 'unproven', judgement: doubt, after: { passed: 2, failed: 1 } });
  });

  test.runIf(python)('is found in Python too', async () => {
    const tax = (text: string, note = ''): string => `${note}def rate(year):\n    return ${text}\n`;
    const answer = (text: string, note = ''): string => `tax.py\n\`\`\`python\n${tax(text, note)}\`\`\`\n`;
    const { run, log } = await start({
      files: {
        'tax.py': tax('19'),
        'invoice.py': 'from tax import rate\n\n\ndef invoice(net, year):\n    return net + net * rate(year) // 100\n',
        'test_invoice.py':
          'import unittest\nfrom invoice import invoice\n\n\nclass Invoice(unittest.TestCase):\n    def test_then(self):\n        self.assertEqual(invoice(100, 2020), 116)\n\n    def test_now(self):\n        self.assertEqual(invoice(100, 2021), 119)\n',
      },
      request: 'The function rate() in tax.py gives 19 for every year, and it was 16 in 2020.',
      script: [answer('19', '# a note\n'), answer('16 if year == 2020 else 19')],
      designer: soloDesigner(3),
    });
    expect(await run()).toMatchObject({ outcome: 'solved', candidate: 'c2' });
    expect(log.of('candidate.tested')[0]?.judgement).toMatchObject({
      state: 'unproven',
      // On a busy machine this suite counts as a long one.
      reasons: expect.arrayContaining([expect.objectContaining({ kind: 'perhaps-meant', count: 1 })]),
    });
  });

  test('is found by an agent with tools, too', async () => {
    const edit = (text: string) => ({
      toolCalls: [{ name: 'edit', arguments: { path: 'tax.js', search: 'function rate(year) {\n  return 19;', replace: text } }],
    });
    const { run, log } = await start({
      files,
      request,
      capabilities: { strength: 'strong', tools: true },
      script: [
        edit('// a note\nfunction rate(year) {\n  return 19;'),
        ...['Done.', 'Done.', 'Done.'],
        edit('function rate(year) {\n  return year === 2020 ? 16 : 19;'),
        ...['Done.', 'Done.', 'Done.'],
      ],
      designer: soloDesigner(3),
    });
    expect(await run()).toMatchObject({ outcome: 'solved' });
    expect(log.of('candidate.tested')[0]?.judgement).toMatchObject(doubt);
  });
});
