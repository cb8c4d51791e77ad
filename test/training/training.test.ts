/**
 * Exports of real runs load in their trainers, a few steps make the loss fall, and the adapters load back. The runs are real (worktrees, tests,
 * plans); the model is scripted, and the model that is trained is made on the spot. What falls here shows that the data trains, no more.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environment, setup, TrainingUnavailable } from '../../scripts/training.mjs';
import { defaultCacheDir } from '../../src/local-model/index.ts';
import { placesIn } from '../../src/local-model/places.ts';
import { loadEngine } from '../../src/local-model/server/llama.ts';
import { commandLine } from '../support/command-line.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { brokenSum, sumReply, temporaryWorkspace } from '../support/workspaces.ts';

const python = (() => {
  try {
    return setup();
  } catch (error) {
    if (!(error instanceof TrainingUnavailable)) throw error;
    console.log(`Skipped: ${error.message}`);
    return undefined;
  }
})();

const program = resolve(import.meta.dirname, '../../src/cli.ts');
const nothing = { agent: null, samples: null, uses: null, rounds: null };
const sketch = (instructions: string, samples: number) => ({
  difficulty: 'easy',
  reason: 'One coder is enough.',
  agents: [{ name: 'coder', instructions, tier: 'worker' }],
  steps: [{ ...nothing, do: 'generate', agent: 'coder', samples }],
});
const good = sketch('Read the failing test and mend the function.', 2);
const bad = sketch('Multiply the numbers whatever the test says.', 1);

/** Every second design is bad; a good team's first sample is wrong, its second right. */
function scriptedModel() {
  let designs = 0;
  const asked = new Map<string, number>();
  return startScriptedServer(({ messages }) => {
    const text = messages.map((message) => message.content).join('\n');
    if (text.includes('You design a team')) {
      designs += 1;
      return JSON.stringify(designs % 2 === 1 ? good : bad);
    }
    if (text.includes('Multiply')) return sumReply('a * b');
    const before = asked.get(text) ?? 0;
    asked.set(text, before + 1);
    return sumReply(before % 2 === 0 ? 'a - b - 1' : 'a + b');
  });
}

describe.skipIf(python === undefined)('the training kit', () => {
  const cli = commandLine();
  const workspaces = [0, 1, 2].map((place) => temporaryWorkspace(brokenSum, { name: `project-${place}` }));
  const folder = (name: string): string => join(cli.home, name);
  let server: Awaited<ReturnType<typeof scriptedModel>>;

  /** Runs the kit; gives what it printed last, as JSON. */
  async function kit(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Record<string, unknown>> {
    const child = spawn(python as string, ['-m', 'teamwright_training', ...args], {
      env: { ...environment(), HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', HF_HOME: folder('hub'), OMP_NUM_THREADS: '1', ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    const code = await new Promise((fulfil) => child.on('close', fulfil));
    if (code !== 0) throw new Error(`the kit ended with ${code}: ${args.join(' ')}\n${out.slice(-1500)}\n${err.slice(-3000)}`);
    const last = out.trim().split('\n').at(-1) ?? '';
    return last.startsWith('{') ? JSON.parse(last) : { last };
  }

  const exported = async (format: string): Promise<string> => {
    const { code, stderr } = await cli.run(['export', '--format', format, '--out', folder(format)]);
    expect(code, stderr).toBe(0);
    return folder(format);
  };

  beforeAll(async () => {
    server = await scriptedModel();
    await cli.knows(server.url);
    for (const [place, workspace] of workspaces.entries()) {
      for (const _ of ['good', 'bad']) {
        const request = `The tests of project ${place} fail: mend the function sum.`;
        const model = ['--model', `scripted@${server.url}`, '--designer', 'model', '--yes'];
        const { code, stderr } = await cli.run(['run', request, '--workspace', workspace.root, ...model]);
        expect([0, 1], stderr).toContain(code);
      }
    }
    for (const format of ['designs-sft', 'roles-sft', 'plans-dpo', 'diffs-dpo', 'kto', 'grpo']) await exported(format);
    await kit(['tiny', '--data', folder('designs-sft'), folder('diffs-dpo'), '--output', folder('tiny')]);
  });

  afterAll(async () => {
    await server?.close();
    for (const workspace of workspaces) workspace.dispose();
    cli.dispose();
  });

  /** The mean of the first of three passes over the rows against that of the last: steps hold unlike rows, and only passes can be compared. */
  const falls = (losses: readonly number[]): void => {
    const pass = losses.length / 3;
    expect(Number.isInteger(pass) && pass > 0, `${losses.length} steps are three passes`).toBe(true);
    const mean = (some: readonly number[]): number => some.reduce((sum, loss) => sum + loss, 0) / some.length;
    expect(mean(losses.slice(-pass))).toBeLessThan(mean(losses.slice(0, pass)));
  };

  for (const [objective, format] of [
    ['sft', 'designs-sft'],
    ['sft', 'roles-sft'],
    ['dpo', 'plans-dpo'],
    ['dpo', 'diffs-dpo'],
    ['kto', 'kto'],
  ] as const) {
    test(`${format} trains: the loss of ${objective} falls, and the adapter loads back`, async () => {
      const output = folder(`out-${format}`);
      const steps = ['--epochs', '3', '--accumulate', '2', '--rate', '2e-3', '--check'];
      const metrics = await kit([objective, '--data', folder(format), '--model', folder('tiny'), '--output', output, ...steps]);
      expect(metrics.rows).toBeGreaterThan(0);
      falls(metrics.losses as number[]);
      expect(metrics.largest_change).toBeGreaterThan(0);
    });
  }

  test('GRPO executes the plans a model writes, and the reward is what the run earned', async () => {
    // A model that has learned the two designs by heart writes valid plans; a fresh one would only earn -1.
    const memorised = folder('memorised');
    const byHeart = ['--rank', '0', '--steps', '120', '--accumulate', '1', '--rate', '2e-3'];
    await kit(['sft', '--data', folder('designs-sft'), '--model', folder('tiny'), '--output', memorised, ...byHeart]);
    const callsBefore = server.requests.length;
    const output = folder('out-grpo');
    const grader = {
      TEAMWRIGHT: `${process.execPath} ${program}`,
      TEAMWRIGHT_GRADE_OPTIONS: `--model scripted@${server.url}`,
      HOME: cli.home,
      TEAMWRIGHT_DATA: cli.dataDir,
    };
    const steps = ['--steps', '2', '--accumulate', '1', '--samples', '4', '--reply', '400', '--rate', '1e-3', '--check'];
    const metrics = await kit(['grpo', '--data', folder('grpo'), '--model', memorised, '--output', output, ...steps], grader);
    const rewards = readFileSync(join(output, 'rewards.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { reward: number });
    expect(rewards.length).toBe(8);
    expect(rewards.some(({ reward }) => reward > -1)).toBe(true);
    expect(server.requests.length).toBeGreaterThan(callsBefore);
    const mean = rewards.reduce((sum, { reward }) => sum + reward, 0) / rewards.length;
    const told = metrics.rewards as number[];
    expect(told.reduce((sum, reward) => sum + reward, 0) / told.length).toBeCloseTo(mean, 3);
    // Good and bad teams earn differently, so there is something to learn from.
    expect(new Set(rewards.map(({ reward }) => reward)).size).toBeGreaterThan(1);
    expect(metrics.largest_change).toBeGreaterThan(0);
  });

  test('a designer: questions of recorded tasks, sft and grpo by replay, and a file that the real engine loads beside its weights alone', async () => {
    // The recorded outcomes of real tasks; their files are those of a small workspace, so that no benchmark is needed here.
    const recorded = readFileSync(resolve(import.meta.dirname, '../../docs/results/weighed/bank.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const tasks = ['fix-js/0', 'fix-js/2', 'fix-js/4', 'fix-js/6'];
    const bank = folder('bank.jsonl');
    writeFileSync(bank, recorded.filter((line) => tasks.includes((JSON.parse(line) as { task: string }).task)).join('\n'));
    const written = folder('tasks.jsonl');
    const task = { request: 'The test fails. Mend it.', files: brokenSum, test: 'npm test', hiddenFiles: {}, hiddenTest: 'npm test' };
    writeFileSync(written, tasks.map((id) => `${JSON.stringify({ id, ...task, reference: {}, language: 'javascript' })}\n`).join(''));
    const data = folder('designer-data');
    const made = await cli.run(['learn', 'designer', 'data', bank, '--tasks', written, '--out', data]);
    expect(made.code, made.stderr).toBe(0);
    const rowsOf = (side: string) =>
      readFileSync(join(data, `${side}.jsonl`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { task: string; problem: string; messages?: { content: string }[] });
    const [taught, heldBack] = [rowsOf('train'), rowsOf('validation')];
    expect([...taught, ...heldBack].map((row) => row.task).sort()).toEqual(tasks);
    const problems = new Set(taught.map(({ problem }) => problem));
    expect(heldBack.some(({ problem }) => problems.has(problem))).toBe(false);

    const answer = taught[0]?.messages?.at(-1)?.content;
    const asked = [answer, 'no plan'].map((text) => JSON.stringify({ task: taught[0]?.task, answer: text })).join('\n');
    const judged = await cli.run(['learn', 'designer', 'reward', bank], { input: `${asked}\n` });
    const [good, none] = judged.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { reward: number; valid: boolean });
    expect(good, judged.stderr).toMatchObject({ valid: true });
    expect(good?.reward).toBeGreaterThan(0.5);
    expect(none).toMatchObject({ valid: false, reward: -1 });

    await kit(['tiny', '--data', data, '--output', folder('tiny-designer'), '--gguf']);
    const base = join(folder('tiny-designer'), 'model.gguf');
    const reward = `${process.execPath} ${program} learn designer reward ${bank}`;
    const output = folder('designer');
    const few = [
      '--sft-steps',
      `${3 * taught.length}`,
      '--grpo-steps',
      '1',
      '--samples',
      '2',
      '--reply',
      '24',
      '--rank',
      '4',
      '--rate',
      '5e-3',
      '--save',
      '3',
    ];
    const file = await kit(['designer', '--data', data, '--model', base, '--reward', reward, '--output', output, ...few]);
    expect(file.base).toBe(createHash('sha256').update(readFileSync(base)).digest('hex'));
    const metrics = JSON.parse(readFileSync(join(output, 'sft', 'metrics.json'), 'utf8')) as { losses: number[] };
    falls(metrics.losses);
    const replayed = readFileSync(join(output, 'grpo', 'rewards.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(replayed).toHaveLength(2);
    // What is done is not done again.
    const again = await kit(['designer', '--data', data, '--model', base, '--reward', reward, '--output', output, ...few, '--resume']);
    expect(again).toEqual(file);

    const engine = placesIn(defaultCacheDir()).engine;
    if (!existsSync(engine)) return console.log('The engine is not on this machine: the adapter was not loaded.');
    const load = (adapter?: { file: string; trainedOn: string }) =>
      loadEngine({ engineDir: engine, modelFile: base, contextTokens: 512, slots: 1, threads: 1, adapter });
    const says = async (adapter?: { file: string; trainedOn: string }): Promise<readonly number[]> => {
      const loaded = await load(adapter);
      const prompt = loaded.model.tokenize('You design a team of agents for one coding request.', false);
      const tokens: number[] = [];
      for await (const token of loaded.sequences[0]?.evaluate(prompt, { temperature: 0 }) ?? []) if (tokens.push(token) === 12) break;
      await loaded.dispose();
      return tokens;
    };
    const adapter = { file: String(file.file), trainedOn: String(file.base) };
    expect(await says(adapter)).not.toEqual(await says());
    await expect(load({ ...adapter, trainedOn: 'other' })).rejects.toThrow(/was trained on other weights/);
  });

  test('what is no export is said in a sentence', async () => {
    await expect(kit(['dpo', '--data', folder('kto'), '--model', folder('tiny'), '--output', folder('out-wrong')])).rejects.toThrow(
      /cannot train dpo: it has no column chosen, rejected/,
    );
    mkdirSync(folder('empty'), { recursive: true });
    appendFileSync(join(folder('empty'), 'train.jsonl'), '');
    await expect(kit(['sft', '--data', folder('empty'), '--model', folder('tiny'), '--output', folder('out-empty')])).rejects.toThrow(
      /has no samples/,
    );
    expect(existsSync(folder('out-empty'))).toBe(false);
  });
});
