/** Exports of real runs, through the command line and over the wire: killed and gone on with, sent as spans, and graded by executing teams again. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { verdictRecord } from '../../src/lessons/record.ts';
import { verdictRecordSchema } from '../../src/lessons/record-schema.ts';
import { openRun } from '../../src/trace/index.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { writeManyRuns } from '../support/lesson-runs.ts';
import { designedTeam, fixRequest, type RealRuns, realRuns } from '../support/real-runs.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { sumReply } from '../support/workspaces.ts';

let runs: RealRuns;
beforeAll(async () => {
  runs = await realRuns();
});
afterAll(() => runs?.dispose());

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const fresh = (): CommandLine => {
  const cli = commandLine();
  cleanUps.push(cli.dispose);
  return cli;
};

// biome-ignore lint/suspicious/noExplicitAny: rows of different formats, looked into field by field
type Row = any;
const rowsIn = (file: string): Row[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the verdict record of real runs', () => {
  const recordOf = async (runId: string) => {
    const run = await openRun(runs.dataDir, runId);
    return await verdictRecord((await run.read()).events, run.readBlob);
  };

  test('holds design, plan, transcripts, candidates with their tests, the user’s words and the terms of the reward', async () => {
    const record = await recordOf('samples');
    expect(verdictRecordSchema.parse(record)).toEqual(record);
    expect(record).toMatchObject({
      version: 2,
      runId: 'samples',
      request: { text: fixRequest },
      briefing: { languages: [expect.objectContaining({ name: 'JavaScript' })], baseline: { passed: 1, failed: 1 } },
      plans: [{ name: 'solo', approval: 'approved', approvedBy: 'flag', outcome: { score: 1, solved: true, calls: 3 } }],
      candidates: [
        {
          id: 'c1',
          call: 'r0/draft/1',
          kind: 'generate',
          role: 'coder',
          score: 0,
          right: false,
          tests: { before: { failed: 1 }, after: { failed: 2 } },
        },
        {
          id: 'c2',
          call: 'r0/draft/3',
          score: 1,
          right: true,
          tests: { after: { passed: 2, failed: 0 }, delta: { fixed: [expect.stringContaining('adds two numbers')] } },
        },
      ],
      refused: [{ call: 'r0/draft/2' }],
      hunks: [{ candidate: 'c2', decision: 'accepted', reason: 'right' }],
      result: { outcome: 'solved', candidate: 'c2', patch: expect.stringContaining('+  return a + b;') },
      reward: { performance: 1, complexity: 0, accepted: 1 },
    });
    expect(record?.calls.map(({ call, reply }) => [call, reply?.text])).toEqual([
      ['r0/draft/1', sumReply('a * b')],
      ['r0/draft/2', 'No idea.'],
      ['r0/draft/3', sumReply('a + b')],
    ]);
    expect(record?.calls[0]?.messages[1]?.content).toContain(fixRequest);
  });

  test('a designed run has its rounds of design with prompt, thoughts and plan', async () => {
    const record = await recordOf('designed');
    const [round] = record?.design ?? [];
    expect(round).toMatchObject({ designer: 'model', valid: true, reasoning: 'It is a one-line bug.', plan: record?.plans[0]?.hash });
    expect(round?.messages).toEqual(record?.calls[0]?.messages);
    expect(JSON.parse(round?.reply ?? '')).toEqual(designedTeam);
    expect(record?.calls[0]).toMatchObject({ kind: 'design', agent: 'designer' });
  });

  test('runs on copies of the same files are about the same problem', async () => {
    const problems = await Promise.all(['samples', 'designed', 'failed', 'other'].map(async (name) => (await recordOf(name))?.problem));
    expect(new Set(problems.slice(0, 3)).size).toBe(1);
    expect(problems[3]).not.toBe(problems[0]);
  });
});

describe('teamwright export', () => {
  test('lists its formats, and says what is wrong with what was asked', async () => {
    const cli = fresh();
    const { code, stdout } = await cli.run(['export']);
    expect(code).toBe(0);
    for (const name of ['designs-sft', 'roles-sft', 'plans-dpo', 'diffs-dpo', 'kto', 'grpo', 'openai-rft', 'atif', 'otlp']) {
      expect(stdout).toContain(name);
    }
    const refused = async (...args: string[]): Promise<string> => {
      const { code: exit, stderr } = await cli.run(['export', ...args]);
      expect(exit).toBe(2);
      return stderr;
    };
    expect(await refused('--format', 'csv', '--out', 'x')).toContain('There is no format "csv"');
    expect(await refused('--format', 'kto')).toContain('not said where to write');
    expect(await refused('--format', 'kto', '--out', 'x')).toContain('There are no runs to export yet.');
    expect(await refused('--format', 'kto', '--out', 'x', '--since', 'yesterday')).toContain('--since is no date');
    expect(await refused('--format', 'kto', '--out', 'x', '--split', '1.5')).toContain('--split takes a share');
    expect(await refused('--format', 'otlp')).toContain('needs an endpoint');
    expect(await refused('--format', 'otlp', '--endpoint', 'localhost:4318')).toContain('is no');
  });

  test('asks in training data what the designer asked over the wire, byte for byte', async () => {
    const cli = fresh();
    const out = join(cli.home, 'designs');
    const { code, stdout } = await cli.run(['export', '--format', 'designs-sft', '--data', runs.dataDir, '--out', out, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'export', format: 'designs-sft', rows: 2, runs: 5 });
    const [row] = rowsIn(join(out, 'train.jsonl'));
    expect(row.messages.slice(0, -1)).toEqual(runs.designPrompt);
  });

  test('critics that recognised and mended a mistake are kept at half the weight', async () => {
    const cli = fresh();
    const out = join(cli.home, 'roles');
    await cli.run(['export', '--format', 'roles-sft', '--data', runs.dataDir, '--out', out]);
    const rows = rowsIn(join(out, 'train.jsonl')).filter(({ run_id }) => run_id === 'mended');
    expect(rows.map(({ role, label, weight, score }) => ({ role, label, weight, score }))).toEqual([
      { role: 'coder', label: 'fixed', weight: 0.5, score: 1 },
      { role: 'reviewer', label: 'fixed', weight: 0.5, score: 1 },
    ]);
    expect(rows[0].messages.at(-1).content).toBe(sumReply('a + b'));
    expect(rows[0].messages.at(-2).content).toContain('does not do it yet');
    expect(rows[1].messages.at(-1).content).toContain('REJECT');
  });

  test('nothing of this machine is in the files: no home, no user’s workspace path, no known key', async () => {
    const cli = fresh();
    for (const format of ['roles-sft', 'diffs-dpo', 'atif']) {
      const out = join(cli.home, format);
      const { code } = await cli.run(['export', '--format', format, '--data', runs.dataDir, '--out', out]);
      expect(code).toBe(0);
      for (const name of readdirSync(out)) {
        const text = readFileSync(join(out, name), 'utf8');
        expect(text).not.toContain(runs.workspace);
        expect(text).not.toContain(runs.dataDir);
      }
    }
  });

  test('killed with -9 in the middle and resumed, its files are those of an export nobody disturbed', async () => {
    const cli = fresh();
    writeManyRuns(cli.dataDir, 420);
    const command = (out: string, ...more: string[]): string[] => [
      'export',
      '--format',
      'kto',
      '--split',
      '0.2',
      '--out',
      join(cli.home, out),
      ...more,
    ];
    expect((await cli.run(command('whole'))).code).toBe(0);
    const progress = join(cli.home, 'cut', 'progress.jsonl');
    let kills = 0;
    let seen = 0;
    for (;;) {
      const { child, done } = cli.start(command('cut', ...(kills > 0 ? ['--resume'] : [])));
      let over = false;
      const ended = done.then((result) => {
        over = true;
        return result;
      });
      // Each time until one checkpoint more is on the disk.
      const lines = (): number => (existsSync(progress) ? readFileSync(progress, 'utf8').split('\n').length : 0);
      while (!over && kills < 2 && lines() <= Math.max(2, seen)) await sleep(2);
      if (!over && kills < 2) {
        seen = lines();
        child.kill('SIGKILL');
        await ended;
        kills += 1;
        continue;
      }
      expect(await ended).toMatchObject({ code: 0, stderr: '' });
      break;
    }
    expect(kills).toBe(2);
    const contents = (folder: string) =>
      readdirSync(join(cli.home, folder))
        .sort()
        .map((name) => [name, readFileSync(join(cli.home, folder, name), 'utf8')]);
    expect(contents('cut')).toEqual(contents('whole'));
  }, 300_000);
});

/** Takes spans as a collector does; refuses every so often when told to. */
async function collector(refuse: (request: number) => boolean = () => false) {
  const spans: Row[] = [];
  const resources: Row[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests += 1;
      if (refuse(requests)) {
        response.writeHead(400).end('no');
        return;
      }
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      for (const { resource, scopeSpans } of resourceSpans) {
        resources.push(resource);
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil));
  cleanUps.push(() => new Promise((fulfil) => server.close(fulfil)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, spans, resources };
}

const attributeOf = (span: Row, name: string): unknown => {
  const value = span.attributes.find(({ key }: { key: string }) => key === name)?.value;
  return value && Object.values(value)[0];
};

describe('otlp', () => {
  test('a run is one trace: the team, its agents, their calls, with the names of the GenAI conventions', async () => {
    const cli = fresh();
    const { url, spans, resources } = await collector();
    const { code, stdout } = await cli.run([
      'export',
      '--format',
      'otlp',
      '--endpoint',
      url,
      '--data',
      runs.dataDir,
      '--out',
      join(cli.home, 'sent'),
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^5 runs sent as \d+ spans/);
    expect(resources[0].attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'teamwright' } });
    const traces = Map.groupBy(spans, ({ traceId }) => traceId);
    expect(traces.size).toBe(5);
    const own = [...traces.values()].find((trace) => trace.some((span) => attributeOf(span, 'gen_ai.conversation.id') === 'samples')) ?? [];
    expect(own.map(({ name }) => name)).toEqual([
      'invoke_workflow solo',
      'invoke_agent coder',
      'chat scripted',
      'chat scripted',
      'chat scripted',
    ]);
    const [team, agent, chat] = own;
    expect(agent.parentSpanId).toBe(team.spanId);
    expect(chat.parentSpanId).toBe(agent.spanId);
    expect(attributeOf(chat, 'gen_ai.operation.name')).toBe('chat');
    expect(attributeOf(chat, 'gen_ai.request.model')).toBe('scripted');
    expect(Number(attributeOf(chat, 'gen_ai.usage.input_tokens'))).toBeGreaterThan(0);
    expect(JSON.parse(String(attributeOf(chat, 'gen_ai.output.messages')))).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: sumReply('a * b') }], finish_reason: 'stop' },
    ]);
    expect(attributeOf(team, 'teamwright.outcome')).toBe('solved');
    expect(JSON.stringify(spans)).not.toContain(runs.workspace);
  });

  test('what a server refused is sent by the next try, what it took is not sent twice', async () => {
    const cli = fresh();
    const { url, spans } = await collector((request) => request === 3);
    const send = ['export', '--format', 'otlp', '--endpoint', url, '--data', runs.dataDir, '--out', join(cli.home, 'sent')];
    const first = await cli.run(send);
    expect(first.code).toBe(5);
    expect(first.stderr).toContain('came to a halt');
    const second = await cli.run(send);
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('2 runs it had already');
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(5);
  });
});

describe('teamwright grade', () => {
  const graded = async (answer: string, expression: string, runId = 'failed') => {
    const cli = fresh();
    const server = await startScriptedServer(() => sumReply(expression));
    cleanUps.push(server.close);
    await cli.knows(server.url);
    const { code, stdout, stderr } = await cli.run(
      ['grade', runId, '--data', runs.dataDir, '--model', `scripted@${server.url}`, '--json'],
      { input: answer },
    );
    return { code, stderr, calls: server.requests.length, ...(JSON.parse(stdout) as Row) };
  };

  test('executes the team of an answer on the recorded files and gives its reward', async () => {
    const answer = `<think>\nOne line.\n</think>\n\n${JSON.stringify(designedTeam)}`;
    const good = await graded(answer, 'a + b');
    expect(good).toMatchObject({
      code: 0,
      kind: 'grade',
      valid: true,
      outcome: 'solved',
      terms: { performance: 1, complexity: 0 },
      calls: 1,
    });
    expect(good.reward).toBeGreaterThan(0.9);
    const bad = await graded(answer, 'a * b');
    expect(bad).toMatchObject({ code: 0, outcome: 'tests-fail', terms: { performance: 0 } });
    expect(bad.reward).toBeLessThan(0.1);
  });

  test('also when the workspace has changed or is gone', async () => {
    writeFileSync(join(runs.workspace, 'sum.js'), 'module.exports = {};\n');
    expect(await graded(JSON.stringify(designedTeam), 'a + b', 'samples')).toMatchObject({ code: 0, outcome: 'solved' });
  });

  test('an answer that is no plan gets −1 and costs nothing', async () => {
    expect(await graded('I would write the code myself.', 'a + b')).toMatchObject({ code: 0, reward: -1, valid: false, calls: 0 });
  });

  test('a model that fails gives no reward', async () => {
    const cli = fresh();
    const server = await startScriptedServer(() => ({ status: 400, body: { error: { message: 'no such parameter' } } }));
    cleanUps.push(server.close);
    await cli.knows(server.url);
    const { code, stderr } = await cli.run(['grade', 'failed', '--data', runs.dataDir, '--model', `scripted@${server.url}`], {
      input: JSON.stringify(designedTeam),
    });
    expect(code).toBe(5);
    expect(stderr).toContain('No reward on run failed');
  });

  test('the grader of the grpo export calls it', async () => {
    const cli = fresh();
    const out = join(cli.home, 'grpo');
    await cli.run(['export', '--format', 'grpo', '--data', runs.dataDir, '--out', out]);
    const [row] = rowsIn(join(out, 'train.jsonl'));
    mkdirSync(join(cli.home, 'bin'));
    const program = join(cli.home, 'bin', 'teamwright');
    writeFileSync(program, '#!/bin/sh\ncat > "$0.input"\necho "$@" > "$0.args"\necho \'{"reward": 0.5}\'\n', { mode: 0o755 });
    const child = spawn('python3', [join(out, 'grader.py')], {
      env: { ...process.env, TEAMWRIGHT: program, TEAMWRIGHT_GRADE_OPTIONS: '--seed 7' },
    });
    child.stdin.end(JSON.stringify({ row, completion: row.known_completions[0] }));
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk;
    });
    const code = await new Promise((fulfil) => child.on('close', fulfil));
    expect(code).toBe(0);
    expect(JSON.parse(printed)).toEqual({ reward: 0.5 });
    expect(readFileSync(`${program}.args`, 'utf8').trim()).toBe(`grade ${row.run_id} --json --seed 7`);
    expect(readFileSync(`${program}.input`, 'utf8')).toBe(row.known_completions[0]);
  });
});

test('the index is a file of its own that only its owner can read', async () => {
  const cli = fresh();
  writeManyRuns(cli.dataDir, 2);
  const { stderr } = await cli.run(['export', '--format', 'atif', '--out', join(cli.home, 'x')]);
  // node:sqlite warns that it is experimental; nobody needs to read that here.
  expect(stderr).toBe('');
  expect(statSync(join(cli.dataDir, 'runs.v5.sqlite')).mode & 0o077).toBe(0);
});
