/** What an agent does with its tools, over the real protocol: a scripted model calls them, everything else is real. */
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { stopped } from '../../src/errors.ts';
import { applyRun, replayRun, undoRun } from '../../src/run/index.ts';
import { fold } from '../../src/trace/index.ts';
import { emptySummary, summarise } from '../../src/trace/summary.ts';
import { agentRun, call, mend } from '../support/agent-scene.ts';
import { quickSum } from '../support/workspaces.ts';

const signal = new AbortController().signal;

describe('delete and rename', () => {
  const files = { ...quickSum, 'old.js': 'exports.old = 1;\n', 'name.js': 'exports.name = 1;\n' };

  test('are in the diff, on record, applied with it and undone with it', async () => {
    const { result, told, log, workspace, before, where } = await agentRun(
      {},
      [mend, call('delete', { path: 'old.js' }), call('rename', { path: 'name.js', to: 'lib/name.js' })],
      { files },
    );
    expect(result.outcome).toBe('solved');
    expect(told.slice(0, 3)).toEqual(['Changed sum.js.', 'Changed old.js.', expect.stringContaining('lib/name.js')]);
    expect(log.of('tool.used').map(({ tool, ok }) => [tool, ok])).toEqual([
      ['edit', true],
      ['delete', true],
      ['rename', true],
      ['test', true],
    ]);
    expect(result.diff?.files.map(({ path, oldPath, change }) => [change, oldPath, path])).toEqual([
      ['renamed', 'name.js', 'lib/name.js'],
      ['deleted', undefined, 'old.js'],
      ['modified', undefined, 'sum.js'],
    ]);
    expect(workspace.contents()).toEqual(before);
    await applyRun({ ...where, by: 'user' }, signal);
    expect(Object.keys(workspace.contents()).sort()).toEqual(['lib/name.js', 'package.json', 'sum.js', 'sum.test.js']);
    expect(workspace.contents()['lib/name.js']).toBe(files['name.js']);
    await undoRun(where, signal);
    expect(workspace.contents()).toEqual(before);
    expect(await replayRun(where, signal)).toMatchObject({ same: true });
  });

  test('are refused like an edit for tests, secrets, git and what lies outside; each is told and on record', async () => {
    const refused: readonly [string, object, string][] = [
      ['delete', { path: 'sum.test.js' }, 'sum.test.js'],
      ['delete', { path: '../outside.js' }, '../outside.js'],
      ['delete', { path: '.git' }, '.git'],
      ['delete', { path: '.env' }, '.env'],
      ['rename', { path: 'old.js', to: 'sum.test.js' }, 'sum.test.js'],
      ['rename', { path: 'sum.test.js', to: 'src/spare.js' }, 'sum.test.js'],
      ['rename', { path: 'old.js', to: '../outside.js' }, '../outside.js'],
      ['rename', { path: 'old.js', to: '.env' }, '.env'],
    ];
    const { result, log } = await agentRun({ write: ['*.js', 'src/**'] }, [mend, ...refused.map(([tool, input]) => call(tool, input))], {
      files: { ...files, '.env': 'A=1\n' },
    });
    expect(
      log
        .of('tool.used')
        .slice(1, -1)
        .map(({ tool, ok }) => [tool, ok]),
    ).toEqual(refused.map(([tool]) => [tool, false]));
    expect(log.of('write.blocked').map(({ path }) => path)).toEqual(refused.map(([, , path]) => path));
    expect(result.diff?.files.map((file) => file.path)).toEqual(['sum.js']);
  });
});

describe('run', () => {
  const gen = `
const fs = require('node:fs');
fs.writeFileSync('sum.js', fs.readFileSync('sum.js', 'utf8').replace('a - b', 'a + b'));
fs.writeFileSync('sum.test.js', '// nothing to test');
fs.mkdirSync('out', { recursive: true });
fs.writeFileSync('out/report.txt', 'x');
fs.writeFileSync('ignored.log', 'x');
try { fs.writeFileSync(${JSON.stringify(tmpdir())} + '/teamwright-run-outside', 'x'); } catch {}
console.log('generated ' + process.argv.slice(2).join(','));
`;
  const files = {
    ...quickSum,
    'gen.js': gen,
    '.gitignore': '*.log\n',
    'long.js': "for (let n = 1; n <= 3000; n++) console.log('line ' + n);\n",
  };
  const agent = { tools: ['edit', 'run'], write: ['*.js'], commands: ['node gen.js', 'node long.js'] };

  test('what an allowed command writes in the scope is an edit, all else is undone; the rest of its output can be read on', async () => {
    const { result, told, log, workspace, before, where } = await agentRun(
      agent,
      [
        call('run', { command: 'node gen.js a b' }),
        call('run', { command: 'node long.js' }),
        call('more', { answer: 1, from: 2999 }),
        call('more', { answer: 7, from: 1 }),
        call('run', { command: 'node gen.js', folder: '../..' }),
        call('run', { command: 'node gen.js' }),
      ],
      { files },
    );
    expect(told[0]).toBe(
      'It ended with code 0.\nIt changed sum.js.\nUndone, as you may not write there: out/report.txt, sum.test.js.\ngenerated a,b',
    );
    expect(told[1]).toMatch(
      /^It ended with code 0\.\nline 1\nline 2\n[\s\S]*… \d+ more lines\. To read on, call more with \{"answer": 1, "from": \d+\}\.$/,
    );
    expect(told[1]?.length).toBeLessThan(9000);
    expect(told[2]).toBe('line 2998\nline 2999\nline 3000');
    expect(told[3]).toBe('There is no answer 7 to read on in.');
    expect(told[4]).toContain('goes up');
    expect(told[5]).not.toContain('changed');
    expect(log.of('write.blocked').map(({ path }) => path)).toEqual(['sum.test.js', 'sum.test.js']);
    expect(result.outcome).toBe('solved');
    expect(result.diff?.files.map(({ path }) => path)).toEqual(['sum.js']);
    expect(workspace.contents()).toEqual(before);
    expect(await replayRun(where, signal)).toMatchObject({ same: true });
  });

  test('what the plan does not grant is not started, told, and on record as a breach', async () => {
    const refused = ['node long.js; node gen.js', 'node gen', 'node', 'sh -c "node gen.js"', './gen.js', 'node ./gen.js'];
    const { told, log, result } = await agentRun(agent, [mend, ...refused.map((command) => call('run', { command }))], { files });
    expect(told.slice(1, 1 + refused.length).every((text) => text.includes('Allowed: node gen.js; node long.js.'))).toBe(true);
    expect(log.of('right.refused').map(({ right, what }) => [right, what])).toEqual(refused.slice(1).map((what) => ['command', what]));
    expect(result.outcome).toBe('solved');
    expect(log.events.reduce(summarise, emptySummary).breaches).toEqual({ coder: 5 });
  });

  test('a tool that the plan does not grant is a breach as well', async () => {
    const { log } = await agentRun({}, [mend, call('run', { command: 'node gen.js' })], { files });
    expect(log.of('right.refused')).toMatchObject([{ agent: 'coder', right: 'tool', what: 'run' }]);
  });

  test('a stop ends it within two seconds, with all it started', async () => {
    const stop = new AbortController();
    const hang =
      "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 1, 1000) // teamwright-hang']); setInterval(() => 1, 1000);";
    let began = 0;
    const { result } = await agentRun({ tools: ['edit', 'run'], commands: ['node hang.js'] }, [call('run', { command: 'node hang.js' })], {
      files: { ...quickSum, 'hang.js': hang },
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type !== 'call.done') return;
        setTimeout(() => {
          began = performance.now();
          stop.abort(stopped('the user'));
        }, 4000);
      },
    });
    expect(result.outcome).toBe('stopped');
    expect(performance.now() - began).toBeLessThan(2000);
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(left).not.toContain('teamwright-hang');
  });
});

describe('symbols, references and diagnostics', () => {
  const files = {
    ...quickSum,
    'box.ts': 'export class Box {\n  // sum is not used here\n  total(): number {\n    return sum(1, 2); // sum\n  }\n}\n',
    'calc.py': 'def sum(a, b):\n    return "sum" + a\n',
    'notes.md': 'sum\n',
  };
  const tools = ['edit', 'symbols', 'references', 'diagnostics'];

  test('come from the syntax tree, side by side in one turn, and from the editor where there is one', async () => {
    const turn = {
      toolCalls: [
        { name: 'symbols', arguments: { path: 'box.ts' } },
        { name: 'symbols', arguments: {} },
        { name: 'references', arguments: { name: 'sum' } },
        { name: 'references', arguments: { name: 'sum', path: 'box.ts' } },
        { name: 'diagnostics', arguments: { path: 'box.ts' } },
      ],
    };
    const asked: (readonly string[])[] = [];
    const { server, log, where } = await agentRun({ tools }, [turn, mend], {
      files,
      diagnose: async (paths) => {
        asked.push(paths);
        return [{ path: 'box.ts', line: 4, column: 12, severity: 'error', message: "Cannot find name 'sum'.", source: 'ts' }];
      },
    });
    const answers = server.requests[1]?.body.messages.filter(({ role }) => role === 'tool').map(({ content }) => content) ?? [];
    expect(answers[0]).toBe('box.ts\n  1-6: export class Box\n  2-5: total(): number');
    expect(answers[1]).toContain('calc.py\n  1-2: def sum(a, b)');
    expect(answers[2]?.split('\n')).toEqual(
      expect.arrayContaining([
        'calc.py:1: def sum(a, b): (defines the function)',
        'box.ts:4: return sum(1, 2); // sum',
        'Without a grammar, so only searched for the letters, which are there: notes.md, package.json.',
      ]),
    );
    expect(answers[2]).not.toMatch(/box\.ts:2|calc\.py:2/);
    expect(answers[3]).toBe('box.ts:4: return sum(1, 2); // sum');
    expect(answers[4]).toBe("box.ts:4:12: error: Cannot find name 'sum'. [ts]");
    expect(asked).toEqual([['box.ts']]);
    expect(
      log
        .of('tool.used')
        .map(({ tool, outside }) => (outside ? `${tool}!` : tool))
        .slice(0, 5),
    ).toEqual(['symbols', 'symbols', 'references', 'references', 'diagnostics!']);
    expect(await replayRun(where, signal)).toMatchObject({ same: true });
  });

  test('where there is no editor diagnostics say so', async () => {
    const { told } = await agentRun({ tools }, [call('diagnostics', {}), mend], { files });
    expect(told[0]).toMatch(/^Not available: there is no editor here/);
  });
});

describe('ask', () => {
  const agent = { tools: ['edit', 'ask'] };
  const question = { question: 'Add or subtract?' };

  test('the run waits without its clock; what was answered is in the trace, and a replay asks nobody', async () => {
    let now = Date.now();
    const choice = { ...question, options: ['Add', 'Subtract', 'Add'] };
    const { told, log, where, result } = await agentRun(agent, [call('ask', choice), mend], {
      clock: () => now,
      askUser: async (asked) => {
        expect(asked).toEqual({ agent: 'coder', text: 'Add or subtract?', options: ['Add', 'Subtract'] });
        now += 3_600_000;
        return 'Add, please.';
      },
    });
    expect(told[0]).toBe('The user answers: Add, please.');
    expect(result).toMatchObject({ outcome: 'solved' });
    expect(result.spend.seconds).toBeLessThan(600);
    expect(log.of('question.answered')).toMatchObject([
      { agent: 'coder', question: 'Add or subtract?', answer: 'Add, please.', by: 'user' },
    ]);
    expect(log.of('question.asked')).toMatchObject([{ options: ['Add', 'Subtract'] }]);
    expect(fold(log.events).questions).toMatchObject([{ open: false, answer: 'Add, please.' }]);
    expect(await replayRun(where, signal)).toMatchObject({ same: true });
  });

  test('with nobody to ask the agent is told to go on by itself', async () => {
    const { told, log } = await agentRun(agent, [call('ask', question), mend]);
    expect(told[0]).toMatch(/^There is nobody to ask/);
    expect(log.of('question.answered')).toMatchObject([{ by: 'nobody' }]);
  });

  test('a stop ends the waiting; resumed it asks again, and what was answered before is kept', async () => {
    const stop = new AbortController();
    const second = { question: 'And for negative numbers?' };
    const script = [call('ask', question), call('ask', second), mend];
    const first = await agentRun(agent, script, {
      signal: stop.signal,
      askUser: (asked, ended) =>
        asked.text === question.question
          ? Promise.resolve('Add.')
          : new Promise((_, reject) => {
              ended.addEventListener('abort', () => reject(ended.reason));
              stop.abort(stopped('the user'));
            }),
    });
    expect(first.result.outcome).toBe('stopped');
    expect(fold(first.log.events).questions.map(({ open, answer }) => [open, answer])).toEqual([
      [false, 'Add.'],
      [false, undefined],
    ]);
    const asked: string[] = [];
    const again = await agentRun(agent, [mend], {
      on: first.workspace,
      continues: { runId: first.result.runId, how: 'resume' },
      askUser: async ({ text }) => {
        asked.push(text);
        return 'The same.';
      },
    });
    expect(again.result.outcome).toBe('solved');
    expect(asked).toEqual([second.question]);
    expect(again.log.of('question.answered').map(({ by, answer }) => [by, answer])).toEqual([
      ['replay', 'Add.'],
      ['user', 'The same.'],
    ]);
    expect(await replayRun(again.where, signal)).toMatchObject({ same: true });
  });
});
