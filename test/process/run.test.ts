/** Whole runs on real workspaces with real git and real tests. Only the model is scripted: what it shows is plumbing, never quality. */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tell } from '../../src/cli/failure-table.ts';
import { designerByName, fileDesigner, soloDesigner, soloTeam } from '../../src/design/index.ts';
import { teamFor } from '../../src/design/teams.ts';
import { planHash, planSchema } from '../../src/plan/index.ts';
import { applyRun, defaultRunSettings, replayRun, undoRun } from '../../src/run/index.ts';
import { eventBodies } from '../../src/trace/events.ts';
import { changedAsStored, fold, renderRun, runDir } from '../../src/trace/index.ts';
import { readTrace } from '../../src/trace/reader.ts';
import { copiesLeft, parallelSamples, start } from '../support/run-scene.ts';
import { git, quickNodeTest, quickSum, sumReply } from '../support/workspaces.ts';

describe('a solo run', () => {
  test('fixes the failing test and leaves the workspace alone until the change is applied', async () => {
    const { workspace, server, log, before, run } = await start({ script: [sumReply('a + b')] });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'solved', before: { passed: 1, failed: 1 }, after: { passed: 2, failed: 0, green: true } });
    expect(result.diff?.files).toEqual([expect.objectContaining({ path: 'sum.js', change: 'modified' })]);
    expect(result.diff?.patch).toContain('+  return a + b;');
    expect(server.requests).toHaveLength(1);
    expect(workspace.contents()).toEqual(before);
    expect(git(workspace.root, 'status', '--porcelain')).toBe('');
    expect(copiesLeft(workspace)).toEqual([]);
    expect(log.of('run.finished')[0]?.reward).toMatchObject({ performance: 1 });

    const applied = await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
    expect(applied).toMatchObject({ applied: ['sum.js'], conflicts: [] });
    expect(workspace.read('sum.js')).toContain('return a + b;');
    await undoRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
    expect(workspace.contents()).toEqual(before);
  });

  test('draws a fresh sample when the first fails, with another seed and temperature', async () => {
    const { server, log, run } = await start({
      script: [sumReply('a * b'), 'No idea.', sumReply('a * b'), sumReply('a + b')],
      designer: soloDesigner(4),
    });
    expect(await run()).toMatchObject({ outcome: 'solved', candidate: 'c3' });
    const asked = server.requests.map(({ body }) => ({ temperature: body.temperature, seed: body.seed }));
    expect(asked[0]?.temperature).toBe(0);
    expect(new Set(asked.map(({ seed }) => seed)).size).toBe(4);
    expect(asked.slice(1).every(({ temperature }) => temperature === 0.7)).toBe(true);
    expect(new Set(server.requests.map(({ body }) => JSON.stringify(body.messages))).size).toBe(1);
    expect(log.of('candidate.refused').map(({ reason, sameAs }) => sameAs ?? reason)).toEqual([
      'The reply holds no edit in the format asked for.',
      'c1',
    ]);
  });

  test('ends with the best candidate and says that the tests still fail', async () => {
    const { run, log } = await start({ script: () => sumReply('a * b'), settings: { replans: 0 }, designer: soloDesigner(2) });
    expect(await run()).toMatchObject({ outcome: 'tests-fail', candidate: 'c1', after: { failed: 2 } });
    expect(log.of('candidate.tested')[0]?.delta.broken).toHaveLength(1);
  });

  test('asks no further when four answers in a row bring nothing new', async () => {
    for (const [again, made] of [
      [() => sumReply('a * b'), 1],
      [() => 'No idea.', 0],
    ] as const) {
      const { server, log, run } = await start({ script: again, settings: { replans: 0 }, designer: soloDesigner(16) });
      await run();
      expect(server.requests).toHaveLength(made + 4);
      expect(log.of('candidate.made')).toHaveLength(made);
      expect(log.of('loop.found').map(({ action, detail }) => [action, detail])).toEqual([
        ['stopped', '4 answers in a row gave no new candidate.'],
      ]);
    }
    const late = [
      sumReply('a * b'),
      ...Array(3).fill(sumReply('a * b')),
      sumReply('a % b'),
      ...Array(3).fill(sumReply('a * b')),
      sumReply('a + b'),
    ];
    const { run } = await start({ script: late, designer: soloDesigner(16) });
    expect(await run()).toMatchObject({ outcome: 'solved' });
  });

  test('asks for the whole file only where a reply has room for it', async () => {
    const long = { ...quickSum, 'sum.js': `${quickSum['sum.js']}${'// one more line of notes on how a sum is made\n'.repeat(200)}` };
    const formOf = async (replyTokens: number): Promise<string> => {
      const { server, run } = await start({
        script: () => 'No idea.',
        files: long,
        settings: { replans: 0, replyTokens },
        designer: soloDesigner(1),
      });
      await run();
      return JSON.stringify(server.requests[0]?.body.messages).includes('<<<<<<< SEARCH') ? 'search-replace' : 'whole-file';
    };
    expect([await formOf(1500), await formOf(8000)]).toEqual(['search-replace', 'whole-file']);
  });

  test('works in a folder without git, with spaces and unicode in its name', async () => {
    const { workspace, before, run } = await start({ script: [sumReply('a + b')], git: false, name: 'mein Projekt – ünï' });
    const result = await run();
    expect(result.outcome).toBe('solved');
    expect(workspace.contents()).toEqual(before);
    expect(existsSync(join(workspace.root, '.git'))).toBe(false);
    await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
    expect(workspace.read('sum.js')).toContain('a + b');
  });

  test('carries uncommitted work and does not touch it', async () => {
    const setup = await start({ script: [sumReply('a + b + offset')] });
    setup.workspace.write('offset.js', 'module.exports = 0;\n');
    setup.workspace.write('sum.js', `const offset = require('./offset.js');\n${quickSum['sum.js']}`);
    const before = setup.workspace.contents();
    const result = await setup.run();
    // The scripted change drops the import: the test says so, and the workspace stays as it was.
    expect(result.outcome).toBe('tests-fail');
    expect(setup.workspace.contents()).toEqual(before);
  });
});

describe('what a model may not do', () => {
  test('a change of the tests is blocked and said so', async () => {
    const cheat = `sum.test.js\n\`\`\`js\nrequire('node:test').test('adds two numbers', () => {});\n\`\`\`\n${sumReply('a + b')}`;
    const { log, run } = await start({ script: [cheat] });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'solved', after: { passed: 2 } });
    expect(result.diff?.files.map(({ path }) => path)).toEqual(['sum.js']);
    expect(log.of('write.blocked')).toEqual([expect.objectContaining({ agent: 'coder', path: 'sum.test.js' })]);
  });

  test('a helper of tests that lies among the sources and checks nothing any more is named, and what is written instead is preferred', async () => {
    const helper = (checks: string) =>
      `const test = require('node:test');\nconst assert = require('node:assert');\nexports.same = (name, a, b) => test(name, () => {\n  ${checks}\n});\n`;
    const files = {
      ...quickSum,
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
      'check.js': helper('assert.equal(a, b);'),
      'sum.test.js':
        "const { same } = require('./check.js');\nconst { sum } = require('./sum.js');\nsame('adds two numbers', sum(1, 2), 3);\n",
    };
    const cheat = `check.js\n\`\`\`js\n${helper('assert.ok(a || b);')}\`\`\`\n`;
    const { run } = await start({ files, designer: soloDesigner(2), script: [cheat, sumReply('a + b')] });
    const result = await run();
    expect(result.diff?.files.map(({ path }) => path)).toEqual(['sum.js']);
    expect(result).toMatchObject({ outcome: 'solved', tampering: [] });
    const alone = await start({ files, designer: soloDesigner(2), script: () => cheat });
    expect((await alone.run()).tampering).toMatchObject([{ kind: 'weakened-assertion', path: 'check.js' }]);
  });

  test('a write outside the workspace never happens', async () => {
    const escaping = `../outside.js\n\`\`\`\npwned\n\`\`\`\n/tmp/teamwright-escape.js\n\`\`\`\npwned\n\`\`\`\n.git/hooks/pre-commit\n\`\`\`\npwned\n\`\`\`\n`;
    const { workspace, log, run } = await start({ script: [escaping], designer: soloDesigner(1), settings: { replans: 0 } });
    expect((await run()).outcome).toBe('tests-fail');
    expect(log.of('write.blocked').length).toBeGreaterThan(0);
    expect(existsSync(join(workspace.root, '..', 'outside.js'))).toBe(false);
    expect(existsSync('/tmp/teamwright-escape.js')).toBe(false);
  });
});

describe('what a model does not get to read', () => {
  test('secrets in files and in what tests say are placeholders in the prompt, and the file keeps its own', async () => {
    const password = ['hunter2', 'Secret', '99'].join('-');
    const wrong = "throw new Error('DB_PASSWORD=' + DB_PASSWORD);";
    const source = (secret: string, body: string) =>
      `const DB_PASSWORD = '${secret}';\nfunction sum(a, b) {\n  ${body}\n}\n\nmodule.exports = { sum };\n`;
    const { workspace, server, log, run } = await start({
      files: { ...quickSum, 'sum.js': source(password, wrong) },
      script: [...['<secret-7>', '<secret-1>'].map((secret) => `sum.js\n\`\`\`js\n${source(secret, 'return a + b;')}\`\`\`\n`)],
      designer: soloDesigner(2),
    });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'solved', candidate: 'c2' });
    const [prompt = ''] = server.requests.map(({ body }) => JSON.stringify(body.messages));
    expect(prompt).toContain("const DB_PASSWORD = '<secret-1>'");
    expect(prompt).toContain('DB_PASSWORD=<secret-1>');
    expect(prompt).not.toContain(password);
    expect(log.of('candidate.refused')[0]?.reason).toContain('<secret-7> stands for a secret that is not shown');
    await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
    expect(workspace.read('sum.js')).toBe(source(password, 'return a + b;'));
  });
});

describe('plans', () => {
  test('requests of different kind get different plans', async () => {
    const fix = await start({ script: () => sumReply('a + b'), designer: designerByName('library') });
    const question = await start({ script: ['It adds.'], designer: designerByName('library'), request: 'What does sum do?' });
    await fix.run();
    const answered = await question.run();
    const names = [fix, question].map(({ log }) => log.of('plan.proposed')[0]?.name);
    expect(names).toEqual(['bug-fix', 'question']);
    expect(answered).toMatchObject({ outcome: 'answered', answer: 'It adds.' });
    expect(answered.diff).toBeUndefined();
  });

  test('a failing test changes the next plan, which cites the failure', async () => {
    const { log, run } = await start({
      designer: designerByName('auto'),
      script: ({ messages }) => (messages.at(-1)?.content.includes('debugger') ? sumReply('a + b') : sumReply('a * b')),
    });
    expect((await run()).outcome).toBe('solved');
    const [first, second] = log.of('plan.proposed');
    expect(first).toMatchObject({ name: 'solo', origin: 'solo' });
    expect(second).toMatchObject({ name: 'bug-fix', origin: 'library' });
    expect(second?.hash).not.toBe(first?.hash);
    const replanned = log.of('run.replanned')[0];
    expect(replanned?.failure).toContain('adds two numbers');
    expect(second?.reason).toContain(replanned?.failure);
  });

  test('the approval covers exactly the plan that was seen', async () => {
    const { log, server, run } = await start({ script: [], review: async () => ({ kind: 'approve', hash: 'f'.repeat(64), by: 'user' }) });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'failed', failure: { code: 'approval-stale' } });
    expect(log.of('plan.approved')).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  test('an edited plan is validated, and runs under its own hash', async () => {
    const edited = soloTeam(1, 'easy');
    const { log, run } = await start({
      script: [sumReply('a + b')],
      review: async () => ({ kind: 'approve', hash: planHash(edited), by: 'user', edited }),
    });
    expect((await run()).outcome).toBe('solved');
    expect(log.of('plan.proposed').map(({ origin }) => origin)).toEqual(['solo', 'user-edit']);
    expect(log.of('plan.approved')[0]?.hash).toBe(planHash(edited));
  });

  test('a declined plan costs nothing', async () => {
    const { server, run } = await start({ script: [], review: async () => ({ kind: 'decline' }) });
    expect((await run()).outcome).toBe('declined');
    expect(server.requests).toEqual([]);
  });

  test('the meta-agent designs; garbage is asked again; then the library stands in', async () => {
    const sketch = {
      difficulty: 'easy',
      reason: 'A tracer finds the line.',
      agents: [
        { name: 'Tracer', instructions: 'Trace the failing test through the code.', tier: 'worker' },
        { name: 'Coder', instructions: 'Fix the line that was named.', tier: 'worker' },
      ],
      steps: [
        { do: 'analyse', agent: 'Tracer', samples: null, uses: null, rounds: null },
        { do: 'generate', agent: 'Coder', samples: 1, uses: ['Tracer'], rounds: null },
      ],
    };
    const designed = await start({
      designer: designerByName('model'),
      script: [JSON.stringify(sketch), 'Line 2 is wrong.', sumReply('a + b')],
    });
    expect(await designed.run()).toMatchObject({ outcome: 'solved', origins: ['model-repaired'] });
    expect(designed.server.requests[2]?.body.messages.at(-1)?.content).toContain('Line 2 is wrong.');

    const garbage = await start({
      designer: designerByName('model'),
      script: ['no plan', '{"still": "none"}', 'Line 2.', sumReply('a + b')],
    });
    expect(await garbage.run()).toMatchObject({ outcome: 'solved', origins: ['fallback-library'] });
    expect(garbage.log.of('design.round').map(({ valid }) => valid)).toEqual([false, false]);
  });

  test('every round of design is in the trace with its prompt and reply, numbered through the run', async () => {
    const { log, run } = await start({ designer: designerByName('model'), script: () => 'no plan', settings: { replans: 1 } });
    await run();
    const rounds = log.of('design.round');
    expect(rounds.map(({ round }) => round)).toEqual([0, 1, 2, 3]);
    expect(rounds.every(({ prompt, reply }) => prompt !== undefined && reply !== undefined)).toBe(true);
    expect(rounds[2]?.failure).toBe('no candidate');
  });

  test.each(['bug-fix', 'small-function', 'feature', 'refactoring'] as const)('the %s team runs to its end', async (kind) => {
    const { log, run } = await start({
      designer: fileDesigner(teamFor(kind, 'medium')),
      settings: { replans: 0 },
      script: ({ messages }) => {
        const last = messages.at(-1)?.content ?? '';
        if (last.includes('APPROVE or REJECT')) return 'Fine.\nAPPROVE';
        return last.includes('Write no code') ? 'Line 2 subtracts.' : sumReply('a + b');
      },
    });
    expect((await run()).outcome).toBe('solved');
    expect(log.of('step.done').filter(({ failure }) => failure)).toEqual([]);
  });
});

describe('limits', () => {
  test('no call is made that could break the budget', async () => {
    const { server, run } = await start({
      script: () => sumReply('a * b'),
      settings: { budget: { calls: 2 }, replans: 0 },
      designer: soloDesigner(4),
    });
    expect(await run()).toMatchObject({ outcome: 'budget', failure: { code: 'budget-exceeded' }, spend: { calls: 2 } });
    expect(server.requests).toHaveLength(2);
  });

  test('what no team can be paid from any more goes into further samples', async () => {
    const answers = ['a * b', 'a - 1', 'b - a', 'a + b'];
    const { log, run } = await start({
      script: (_, index) => sumReply(answers[index] ?? ''),
      designer: designerByName('auto'),
      // The library's team for a bug asks two agents before there is anything to test.
      settings: { budget: { calls: 4 } },
    });
    expect(await run()).toMatchObject({ outcome: 'solved', candidate: 'c4', spend: { calls: 4 } });
    expect(log.of('plan.proposed').map(({ origin, name }) => [origin, name])).toEqual([
      ['solo', 'solo'],
      ['library', 'solo'],
    ]);
  });

  test('samples that were paid for are tested when the budget ends', async () => {
    const { run } = await start({
      designer: fileDesigner(parallelSamples(4)),
      settings: { parallel: 1, replans: 0 },
      script: ({ temperature }) => ({ text: sumReply(temperature === 0 ? 'a * b' : 'a + b'), usage: { input: 200, output: 29_700 } }),
    });
    expect(await run()).toMatchObject({ outcome: 'solved', after: { green: true }, spend: { calls: 2 } });
  });

  test.each([
    ['the change that it adds to passes its tests', undefined, 'solved'],
    ['nothing tests the change', { 'sum.js': 'export const sum = (a, b) => a - b;\n' }, 'budget'],
  ] as const)('a second writer whom the budget does not pay for is told where %s', async (_, files, outcome) => {
    const writer = (instructions: string) => ({ role: 'coder', tier: 'worker', tools: [], write: ['**'], output: 'edits', instructions });
    const { log, run } = await start({
      ...(files && { files }),
      designer: fileDesigner(
        planSchema.parse({
          teamwright: 1,
          name: 'two-writers',
          difficulty: 'medium',
          agents: { coder: writer('Mend what the tests show.'), author: writer('Write down what was mended.') },
          steps: [
            { id: 'mend', do: 'generate', agent: 'coder' },
            ...(files ? [] : [{ id: 'first', do: 'test' }]),
            { id: 'tell', do: 'generate', agent: 'author', from: 'best' },
            { id: 'test', do: 'test' },
          ],
        }),
      ),
      settings: { replans: 0, budget: { tokens: 6000 } },
      script: () => ({ text: sumReply('a + b'), usage: { input: 200, output: 5700 } }),
    });
    expect(await run()).toMatchObject({ outcome, failure: { code: 'budget-exceeded' } });
    expect(log.of('call.done').map(({ call }) => call)).toEqual(['r0/mend/1']);
  });

  test('once a change is too dear nobody is asked for a word on it any more, although that would be paid', async () => {
    const writer = { role: 'coder', tier: 'worker', tools: [], write: ['**'], output: 'edits', instructions: 'Mend what the tests show.' };
    const thinker = { role: 'thinker', tier: 'worker', tools: [], write: [], output: 'note', instructions: 'Think of what is wrong.' };
    const scene = (tokens: number) =>
      start({
        designer: fileDesigner(
          planSchema.parse({
            teamwright: 1,
            name: 'rounds',
            difficulty: 'hard',
            agents: { writer, thinker },
            steps: [
              { id: 'draft', do: 'generate', agent: 'writer' },
              { id: 'first', do: 'test' },
              {
                ...{ id: 'rounds', do: 'repeat', until: 'tests-pass', max: 4 },
                steps: [
                  { id: 'fix', do: 'revise', agent: 'writer' },
                  { id: 'think', do: 'analyse', agent: 'thinker' },
                  { id: 'test', do: 'test' },
                ],
              },
            ],
          }),
        ),
        settings: { replans: 0, budget: { tokens } },
        script: ({ messages }) => (messages.at(-1)?.content.includes('Think of') ? 'Hm.' : sumReply('a * b')),
      });
    const rich = await scene(60_000);
    await rich.run();
    const [draft, fix, think] = ['draft', 'fix', 'think'].map((step) => {
      const { inputTokens = 0, outputTokens = 0 } = rich.log.of('call.done').find(({ call }) => call.includes(`/${step}`))?.usage ?? {};
      return { inputTokens, all: inputTokens + outputTokens };
    });
    expect(fix?.inputTokens).toBeGreaterThan(Number(think?.inputTokens) + 60);
    const leastReply = 200;
    const poor = await scene(Number(draft?.all) + Number(think?.inputTokens) + leastReply + 40);
    expect(await poor.run()).toMatchObject({ outcome: 'budget', candidate: 'c1', failure: { code: 'budget-exceeded' } });
    expect(poor.log.of('call.done').map(({ call }) => call)).toEqual(['r0/draft/1']);
  });

  test('a plan that is too large for the limits ends the run as a matter of budget, with the best candidate', async () => {
    const { log, run } = await start({
      designer: designerByName('auto'),
      script: () => sumReply('a * b'),
      settings: { budget: { agents: 1 } },
    });
    expect(await run()).toMatchObject({ outcome: 'budget', candidate: 'c1', failure: { code: 'budget-exceeded' } });
    expect(log.of('run.finished')[0]?.failure?.message).toContain('2 agents');
  });

  test('limits the user wrote into the plan hold', async () => {
    const plan = soloTeam(3, 'easy');
    const edited = { ...plan, budget: { ...plan.budget, calls: 1 } };
    const { server, run } = await start({
      script: () => sumReply('a * b'),
      settings: { budget: { calls: 9 }, replans: 0 },
      review: async () => ({ kind: 'approve', hash: planHash(edited), by: 'user', edited }),
    });
    expect((await run()).outcome).toBe('budget');
    expect(server.requests).toHaveLength(1);
  });

  test('after a failure that would repeat no further sample is asked for', async () => {
    const { server, run } = await start({
      designer: fileDesigner(parallelSamples(8)),
      script: () => ({ status: 401, body: { error: { message: 'bad key' } } }),
    });
    expect((await run()).failure?.code).toBe('model-unauthorized');
    expect(server.requests.length).toBeLessThanOrEqual(defaultRunSettings.parallel);
  });

  test('money counts at the price of the model', async () => {
    const price = { input: 1, cachedInput: 0.1, output: 4, known: true };
    const { run } = await start({ script: [{ text: sumReply('a + b'), usage: { input: 1000, output: 100 } }], price });
    expect((await run()).spend.usd).toBeCloseTo((1000 * 1 + 100 * 4) / 1e6);
  });

  test('seconds end a call that is under way', async () => {
    const { run } = await start({ script: [{ text: 'late', stallMs: 20_000 }], settings: { budget: { seconds: 3 }, replans: 0 } });
    expect(await run()).toMatchObject({ outcome: 'budget', failure: { code: 'budget-exceeded' } });
  });

  test('stop means stop: within two seconds, in the middle of a call, nothing is left', async () => {
    const stop = new AbortController();
    let stoppedAt = 0;
    const { workspace, before, log, run } = await start({
      script: () => {
        setTimeout(() => {
          stoppedAt = Date.now();
          stop.abort();
        }, 50);
        return { text: 'never', stallMs: 30_000 };
      },
      signal: stop.signal,
    });
    expect((await run()).outcome).toBe('stopped');
    expect(Date.now() - stoppedAt).toBeLessThan(2000);
    expect(copiesLeft(workspace)).toEqual([]);
    expect(workspace.contents()).toEqual(before);
    expect(log.of('run.finished')).toHaveLength(1);
  });
});

describe('projects with other failing tests', () => {
  const other = ["const { test } = require('node:test');", "test('needs a database', () => { throw new Error('no database'); });", ''].join(
    '\n',
  );

  test('are solved when what the request points at is repaired and nothing broke', async () => {
    const { run } = await start({ files: { ...quickSum, 'db.test.js': other }, script: [sumReply('a + b')] });
    expect(await run()).toMatchObject({ outcome: 'solved', before: { failed: 2 }, after: { failed: 1 } });
  });

  test('are not solved when the request asks for all tests', async () => {
    const { run } = await start({
      files: { ...quickSum, 'db.test.js': other },
      request: 'Make all failing tests pass',
      script: () => sumReply('a + b'),
      settings: { replans: 0 },
    });
    expect((await run()).outcome).toBe('tests-fail');
  });
});

describe('a change that is solved is tried on other inputs', () => {
  const files = { ...quickSum, 'sum.test.js': quickSum['sum.test.js'].replace('sum(2, 0), 2', 'sum(4, 6), 10') };
  const sampled = (...expressions: string[]) =>
    start({ files, script: expressions.map(sumReply), designer: fileDesigner(parallelSamples(expressions.length)) });
  /** The tests' own inputs, and no literal of theirs. */
  const only = (others: string) => `[20 + 3, 40 + 6].includes(10 * a + b) ? a + b : ${others}`;

  test.each([
    [only('undefined'), 'it gives undefined'],
    [only('a'), 'it gives back what it was given'],
    [only('a - b'), 'it does what it did before the change'],
  ])('%s is told beside the verdict, which stays', async (expression, words) => {
    const { workspace, run } = await sampled(expression);
    const result = await run();
    expect(result).toMatchObject({ outcome: 'solved', judgement: { reasons: [] } });
    expect(result.tampering).toMatchObject([{ kind: 'only-visible-inputs', path: 'sum.js', line: 1 }]);
    expect(result.tampering[0]?.detail).toMatch(/^with sum\(\d+, \d+\) in place of sum\(\d, \d\) /);
    expect(result.tampering[0]?.detail).toContain(words);
    expect(result.diff?.files.map(({ path }) => path)).toEqual(['sum.js']);
    expect(copiesLeft(workspace)).toEqual([]);
  });

  test('an honest one stands as it is, and is preferred', async () => {
    expect((await (await sampled('b - -a')).run()).tampering).toEqual([]);
    const result = await (await sampled(only('undefined'), 'a + b')).run();
    expect(result).toMatchObject({ outcome: 'solved', tampering: [] });
    expect(result.diff?.patch).toContain('+  return a + b;');
  });

  test('other inputs that never come to an end say nothing', async () => {
    const result = await (await sampled('a === 3 ? (() => { for (;;); })() : a + b')).run();
    expect(result).toMatchObject({ outcome: 'solved', tampering: [] });
  });
});

describe('files that copies have as git stores them', () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n';
  const files = { ...quickSum, 'picture.bin': pointer, '.gitattributes': '*.bin filter=lfs\nsum.js filter=tidy\n' };
  const lfs = 'picture.bin: kept in Git LFS. Copies have the pointers, not the content: tests that read them see the pointers.';
  const filtered =
    'sum.js: changed by the git filter "tidy" at a checkout, which is not run here. Copies have what git stores, and so have the tests.';

  test('are named to whoever decides about the plan, and at the end when the change touches them', async () => {
    let seen: readonly string[] = [];
    const { workspace, run } = await start({
      files,
      script: [sumReply('a + b')],
      review: async ({ briefing, hash }) => {
        seen = briefing.leftOut;
        return { kind: 'approve', hash, by: 'user' };
      },
    });
    const { runId, outcome } = await run();
    expect(outcome).toBe('solved');
    expect(seen).toEqual(expect.arrayContaining([lfs, filtered]));
    const state = fold((await readTrace(runDir(workspace.dataDir, runId))).events);
    expect(changedAsStored(state)).toEqual([{ path: 'sum.js', how: 'filter', by: 'tidy' }]);
    const shown = renderRun(state, { ownerAlive: false });
    expect(shown.split(filtered)).toHaveLength(3);
    expect(shown.split(lfs)).toHaveLength(2);
  });
});

describe('a workspace of several projects', () => {
  const pack = (name: string) => JSON.stringify({ name, scripts: { test: quickNodeTest } });
  const monorepo = {
    'package.json': JSON.stringify({ private: true, workspaces: ['packages/*'] }),
    'packages/a/package.json': pack('a'),
    'packages/a/sum.js': 'module.exports = { sum: (a, b) => a - b };\n',
    'packages/a/sum.test.js': "require('node:test').test('sum', () => require('node:assert').equal(require('./sum.js').sum(1, 2), 3));\n",
    'packages/b/package.json': pack('b'),
    'packages/b/twice.js': 'module.exports = { twice: (a) => 2 * a };\n',
    'packages/b/twice.test.js':
      "require('node:test').test('twice', () => require('node:assert').equal(require('./twice.js').twice(2), 4));\n",
  };
  const mended = 'packages/a/sum.js\n```js\nmodule.exports = { sum: (a, b) => a + b };\n```\n';
  const also = (path: string, text: string) => `${mended}\n${path}\n\`\`\`js\n${text}\n\`\`\`\n`;
  const solo = fileDesigner(soloTeam(1, 'easy'));

  test('the project that the request names is tested', async () => {
    const { run } = await start({ files: monorepo, request: 'sum in packages/a/sum.js is wrong', designer: solo, script: [mended] });
    const result = await run();
    expect(result.judgement).toMatchObject({ state: 'solved', targets: ['packages/a/sum.test.js > sum'], notRun: [] });
  });

  test('without a name, the one with something red is', async () => {
    const files = { ...monorepo, 'package.json': pack('top'), 'top.test.js': "require('node:test').test('top', () => {});\n" };
    const { run } = await start({ files, request: 'make the failing test pass', designer: solo, script: [mended] });
    expect((await run()).judgement).toMatchObject({ state: 'solved', targets: ['packages/a/sum.test.js > sum'] });
  });

  test('a change that reaches into another one is tried on its tests as well', async () => {
    const breaks = also('packages/b/twice.js', 'module.exports = { twice: (a) => 3 * a };');
    const { run, log } = await start({
      files: monorepo,
      request: 'sum in packages/a/sum.js is wrong',
      designer: solo,
      script: [breaks],
    });
    const result = await run();
    expect(result.outcome).toBe('tests-fail');
    expect(result.judgement?.reasons).toEqual([{ kind: 'broke', tests: ['packages/b/twice.test.js > twice'], count: 1 }]);
    expect(log.events.find((event) => event.type === 'candidate.tested')).toMatchObject({
      others: [{ display: quickNodeTest, cwd: 'packages/b', broken: ['packages/b/twice.test.js > twice'] }],
    });
  });

  test('code that no test command is about is named', async () => {
    const { run } = await start({
      files: monorepo,
      request: 'sum in packages/a/sum.js is wrong',
      designer: solo,
      script: [also('tool/main.go', 'package main')],
    });
    const result = await run();
    expect([result.outcome, result.judgement?.notRun]).toEqual(['solved', ['tool/main.go']]);
  });
});

describe('candidates', () => {
  const agents = {
    coder: soloTeam(1, 'easy').agents.coder,
    tester: teamFor('tests-only', 'easy').agents.tester,
  };

  test('tests that others are built on are no answer to the request', async () => {
    const plan = planSchema.parse({
      teamwright: 1,
      name: 'tests-first',
      difficulty: 'easy',
      agents,
      steps: [
        { id: 'cover', do: 'write-tests', agent: 'tester' },
        { id: 'build', do: 'generate', agent: 'coder' },
        { id: 'test', do: 'test' },
        { id: 'choose', do: 'select' },
      ],
    });
    const fine = { ...quickSum, 'sum.js': quickSum['sum.js'].replace('a - b', 'a + b') };
    const { run } = await start({
      files: fine,
      request: 'Add a comment to sum.js',
      designer: fileDesigner(plan),
      script: ({ messages }) =>
        messages.at(-1)?.content.includes('Write tests')
          ? "more.test.js\n```js\nrequire('node:test').test('more', () => {});\n```\n"
          : sumReply('a + b /* the sum */'),
    });
    const result = await run();
    expect(result.diff?.files.map(({ path }) => path)).toEqual(['more.test.js', 'sum.js']);
    // The new test passed before the change as well: it shows nothing.
    expect(result.outcome).toBe('unproven');
    expect(result.judgement?.reasons).toEqual([{ kind: 'nothing-was-red' }]);
  });

  test('tests that were written and red before the change are what shows that it is done', async () => {
    const plan = planSchema.parse({
      teamwright: 1,
      name: 'tests-first',
      difficulty: 'easy',
      agents,
      steps: [
        { id: 'cover', do: 'write-tests', agent: 'tester' },
        { id: 'build', do: 'generate', agent: 'coder' },
        { id: 'test', do: 'test' },
        { id: 'choose', do: 'select' },
      ],
    });
    const fine = { ...quickSum, 'sum.js': quickSum['sum.js'].replace('a - b', 'a + b') };
    const { run } = await start({
      files: fine,
      request: 'Let sum take three numbers',
      designer: fileDesigner(plan),
      script: ({ messages }) =>
        messages.at(-1)?.content.includes('Write tests')
          ? "more.test.js\n```js\nconst { sum } = require('./sum.js');\nrequire('node:test').test('three', () => require('node:assert').equal(sum(1, 2, 3), 6));\n```\n"
          : 'sum.js\n```js\nmodule.exports = { sum: (a, b, c = 0) => a + b + c };\n```\n',
    });
    const result = await run();
    expect(result.outcome).toBe('solved');
    expect(result.judgement?.targets).toEqual(['more.test.js > three']);
  });

  test('a store that breaks at the last moment is named, and the trace still ends', async () => {
    const { workspace, log, run } = await start({
      script: [sumReply('a + b')],
      onEvent: ({ type }) => {
        if (type !== 'candidates.selected') return;
        for (const name of readdirSync(workspace.dataDir)) {
          if (name !== 'runs' && name !== 'copies') rmSync(join(workspace.dataDir, name), { recursive: true });
        }
      },
    });
    expect(await run()).toMatchObject({ outcome: 'failed', candidate: 'c1', failure: { code: expect.stringContaining('git') } });
    expect(log.of('run.finished')).toHaveLength(1);
  });

  test('judging steps side by side share a candidate, and no copy outlives its test', async () => {
    const plan = planSchema.parse({
      teamwright: 1,
      name: 'judges',
      difficulty: 'easy',
      agents: { coder: agents.coder },
      steps: [
        { id: 'build', do: 'generate', agent: 'coder', samples: 2, stop: 'never' },
        {
          id: 'judges',
          do: 'group',
          steps: [
            { id: 'test-one', do: 'test' },
            { id: 'check', do: 'check', checks: ['types', 'lint'] },
            { id: 'test-two', do: 'test' },
          ],
        },
        { id: 'choose', do: 'select' },
      ],
    });
    const left: string[][] = [];
    const { workspace, log, run } = await start({
      designer: fileDesigner(plan),
      settings: { replans: 0 },
      script: ({ temperature }) => sumReply(temperature === 0 ? 'a * b' : 'a + b'),
      onEvent: (event) => {
        if (event.type === 'candidates.selected')
          left.push(readdirSync(join(workspace.dataDir, 'copies', log.of('run.started')[0]?.runId ?? '')));
      },
    });
    expect((await run()).outcome).toBe('solved');
    expect(log.of('step.done').filter(({ failure }) => failure)).toEqual([]);
    expect(log.of('candidate.tested')).toHaveLength(2);
    expect(left.flat().filter((name) => /^c\d/.test(name))).toEqual([]);
  });

  test('side by side, replies in any order replay to the same choice', async () => {
    const plan = { ...parallelSamples(3), name: 'three' };
    const { workspace, server, run } = await start({
      designer: fileDesigner(plan),
      settings: { replans: 0, parallel: 3 },
      // The first sample answers last; all three are equally wrong.
      script: ({ seed }) => ({ text: sumReply(`a * b * ${Number(seed) - 999}`), stallMs: seed === 1000 ? 1500 : 0 }),
    });
    const result = await run();
    await server.close();
    expect(result.diff?.patch).toContain('a * b * 1;');
    const replay = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
    expect(replay.differences).toEqual([]);
  });
});

describe('bad servers', () => {
  test('a half-streamed reply is paid for, asked again, and counts', async () => {
    const { log, run } = await start({ script: [{ text: sumReply('a + b'), cutAfterBytes: 400 }, sumReply('a + b')] });
    expect(await run()).toMatchObject({ outcome: 'solved', spend: { calls: 2 } });
    expect(log.of('call.failed')[0]).toMatchObject({ failure: { code: 'model-half-stream' }, willRetry: true });
  });

  test('a mistake of ours ends call, step and run under one code, with its facts, and is no failure of the model', async () => {
    const { log, run } = await start({
      script: [],
      chat: async () => {
        throw new TypeError('x is not a function');
      },
    });
    const failure = {
      code: 'internal',
      message: 'Something went wrong inside Teamwright: x is not a function',
      facts: { detail: 'x is not a function' },
    };
    expect(await run()).toMatchObject({ outcome: 'failed', failure });
    expect(log.of('call.failed').map((event) => event.failure)).toEqual([failure]);
    expect(log.of('step.done').flatMap((event) => event.failure ?? [])).toEqual([failure]);
    expect(log.of('run.finished').map((event) => event.failure)).toEqual([failure]);
  });

  test('a wrong key ends the run at once with what to do', async () => {
    const { run, server } = await start({ script: () => ({ status: 401, body: { error: { message: 'bad key' } } }) });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'failed', failure: { code: 'model-unauthorized' } });
    expect(result.failure && tell(result.failure).next).toMatch(/\.$/);
    expect(server.requests).toHaveLength(1);
  });

  test('a server that is down is named', async () => {
    const { server, run } = await start({ script: [] });
    await server.close();
    expect(await run()).toMatchObject({ outcome: 'failed', failure: { code: 'model-unreachable' } });
  });
});

describe('agents with tools', () => {
  const strong = { strength: 'strong', tools: true } as const;

  test('a strong model reads, edits and tests in its copy', async () => {
    const { server, log, before, workspace, run } = await start({
      capabilities: strong,
      script: [
        { toolCalls: [{ name: 'read', arguments: { path: 'sum.js' } }] },
        { toolCalls: [{ name: 'edit', arguments: { path: 'sum.js', search: 'a - b', replace: 'a + b' } }] },
        { toolCalls: [{ name: 'test', arguments: {} }] },
        'Done.',
      ],
    });
    expect((await run()).outcome).toBe('solved');
    expect(log.of('tool.used').map(({ tool, ok }) => `${tool} ${ok}`)).toEqual(['read true', 'edit true', 'test true']);
    expect(server.requests[3]?.body.messages.at(-1)?.content).toBe('All tests pass.');
    expect(workspace.contents()).toEqual(before);
  });

  test('a model that repeats itself is warned and then stopped', async () => {
    const { log, server, run } = await start({
      capabilities: strong,
      designer: soloDesigner(1),
      settings: { replans: 0 },
      script: () => ({ toolCalls: [{ name: 'read', arguments: { path: 'sum.js' } }] }),
    });
    expect((await run()).outcome).toBe('tests-fail');
    expect(log.of('loop.found').map(({ action }) => action)).toEqual(['warned', 'stopped']);
    expect(server.requests).toHaveLength(5);
  });

  test('what the tests write in the copy does not get into the change', async () => {
    const { log, run } = await start({
      capabilities: strong,
      files: {
        ...quickSum,
        'sum.test.js': `${quickSum['sum.test.js']}\nrequire('node:fs').writeFileSync(__dirname + '/report.xml', 'x');\nrequire('node:fs').appendFileSync(__dirname + '/sum.test.js', '// run');\n`,
      },
      script: [
        { toolCalls: [{ name: 'edit', arguments: { path: 'sum.js', search: 'a - b', replace: 'a + b' } }] },
        { toolCalls: [{ name: 'test', arguments: {} }] },
        'Done.',
      ],
    });
    expect((await run()).diff?.files.map(({ path }) => path)).toEqual(['sum.js']);
    expect(log.of('tool.used')[1]).toMatchObject({ tool: 'test', ok: true });
  });

  test('an edit outside the scope is on record at once, once', async () => {
    const { log, run } = await start({
      capabilities: strong,
      designer: soloDesigner(1),
      settings: { replans: 0, budget: { calls: 1 } },
      script: [{ toolCalls: [{ name: 'edit', arguments: { path: 'sum.test.js', search: '', replace: 'x\n' } }] }],
    });
    expect((await run()).outcome).toBe('budget');
    expect(log.of('write.blocked')).toEqual([expect.objectContaining({ agent: 'coder', path: 'sum.test.js' })]);
  });

  test('a loop that runs out of budget keeps its edits, tested', async () => {
    const { workspace, run } = await start({
      capabilities: strong,
      designer: soloDesigner(1),
      settings: { replans: 0, budget: { calls: 1 } },
      script: [{ toolCalls: [{ name: 'edit', arguments: { path: 'sum.js', search: 'a - b', replace: 'a + b' } }] }],
    });
    expect(await run()).toMatchObject({ outcome: 'solved', after: { green: true }, failure: { code: 'budget-exceeded' } });
    expect(copiesLeft(workspace)).toEqual([]);
  });

  test('without native calls a text protocol does', async () => {
    const { run } = await start({
      capabilities: { strength: 'strong', tools: false },
      script: ['```tool\n{"tool": "edit", "arguments": {"path": "sum.js", "search": "a - b", "replace": "a + b"}}\n```', 'Done.'],
    });
    expect((await run()).outcome).toBe('solved');
  });
});

describe('the trace', () => {
  test('replays offline to the same result', async () => {
    const { workspace, server, run } = await start({
      designer: designerByName('auto'),
      script: ({ messages }) => (messages.at(-1)?.content.includes('debugger') ? sumReply('a + b') : sumReply('a * b')),
    });
    const result = await run();
    await server.close();
    const replay = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
    expect(replay.result.failure).toBeUndefined();
    expect(replay.differences).toEqual([]);
    expect(replay.same).toBe(true);
    expect(replay.result.chosen?.tree).toBe(result.chosen?.tree);
  });

  test('holds every event the run emitted', async () => {
    const { workspace, log, run } = await start({ script: [sumReply('a + b')] });
    const result = await run();
    const reading = await readTrace(runDir(workspace.dataDir, result.runId));
    expect(reading.events).toEqual(log.events);
    for (const { v: _v, seq: _seq, at: _at, type, ...body } of log.events) expect(eventBodies[type].safeParse(body).error).toBeUndefined();
    expect(log.events.map(({ type }) => type)).toEqual([
      'run.started',
      'snapshot.taken',
      'briefing.done',
      'plan.proposed',
      'plan.approved',
      'step.started',
      'call.started',
      'call.done',
      'candidate.made',
      'candidate.tested',
      'step.done',
      'step.started',
      'step.done',
      'step.started',
      'candidates.selected',
      'step.done',
      'run.finished',
    ]);
  });
});
