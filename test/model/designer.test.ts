/**
 * `--strong embedded:designer`: LoRA weights of one's own on the real engine, through the command line. Of the adapter only its form is real, so it is shown that
 * it is loaded, and for which calls, never that it designs well.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import OpenAI from 'openai';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isTeamwrightError } from '../../src/errors.ts';
import { defaultCacheDir, ensureServer, localModel, setup } from '../../src/local-model/index.ts';
import { placesIn } from '../../src/local-model/places.ts';
import { stopServer } from '../../src/local-model/serve.ts';
import { openRun } from '../../src/trace/index.ts';
import { type CommandLineScene, commandLineScene } from '../support/command-line-scene.ts';
import { writeAdapter } from '../support/tiny-adapter.ts';
import { brokenSum, sumReply } from '../support/workspaces.ts';

const signal = new AbortController().signal;
const [base, designer] = [localModel('0.5b'), localModel('designer')];
let absent = '';

beforeAll(async () => {
  try {
    await setup(base.id, {}, signal);
  } catch (error) {
    if (!isTeamwrightError(error, 'download-failed') && !isTeamwrightError(error, 'disk-full')) throw error;
    absent = error.message;
    console.log(`Skipped, because the model cannot be had here: ${absent}`);
  }
});
beforeEach((context) => context.skip(absent !== '', absent));

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A command line with weights and engine of this machine, and an adapter of its own. The worker is scripted: only who designs is embedded. */
async function scene(): Promise<
  CommandLineScene & { cacheDir: string; adapter: string; run(...more: string[]): ReturnType<CommandLineScene['cli']['run']> }
> {
  const made = await commandLineScene(cleanUps, () => sumReply('a + b'));
  const cacheDir = join(made.cli.home, 'cache');
  const [here, machine] = [placesIn(cacheDir), placesIn(defaultCacheDir())];
  for (const [from, to] of [
    [machine.engine, here.engine],
    [machine.weights(base), here.weights(base)],
  ] as const) {
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(from, to);
  }
  cleanUps.push(() => Promise.all([base.id, designer.id].map((id) => stopServer(id, { cacheDir }, signal))));
  const words = ['run', 'Fix the bug in sum.js', '--workspace', made.workspace.root, '--designer', 'model', '--yes'];
  return {
    ...made,
    ...{ cacheDir, adapter: here.adapter(designer) as string },
    run: (...more) => made.cli.run([...words, '--model', `scripted@${made.server.url}`, '--strong', 'embedded:designer', ...more]),
  };
}

test('an adapter that is missing, broken, cut off or of other weights is said in a sentence before anything begins, and nothing is lost by it', async () => {
  const { adapter, run, server, workspace, cli } = await scene();
  const refused = async (words: RegExp): Promise<void> => {
    const { code, stdout, stderr } = await run();
    expect(stderr).toMatch(words);
    expect([code, stdout]).toEqual([5, '']);
    // No run was begun, nobody was asked, and the files are as they were.
    expect(server.requests).toEqual([]);
    expect(readFileSync(join(workspace.root, 'sum.js'), 'utf8')).toBe(brokenSum['sum.js']);
    expect(JSON.parse((await cli.run(['runs', 'list', '--json'])).stdout).runs).toEqual([]);
  };
  await refused(/was not trained on this machine\.\nTrain it/);
  writeFileSync(adapter, 'no weights');
  await refused(/cannot be used: its file is damaged, or holds no LoRA weights\.\nCopy the file that training wrote once more/);
  writeAdapter(adapter, { trainedOn: designer.sha256 });
  truncateSync(adapter, 9000);
  await refused(/its file is damaged/);
  writeAdapter(adapter, { trainedOn: localModel('1.5b').sha256 });
  await refused(/it was trained on other weights than the ones here\./);
  // What one's own work was lies there as it was.
  copyFileSync(adapter, `${adapter}.kept`);
  await refused(/other weights/);
  expect(readFileSync(adapter).equals(readFileSync(`${adapter}.kept`))).toBe(true);
  rmSync(adapter);
  expect((await cli.run(['model', 'list'])).stdout).not.toContain('designer');
});

test('the engine loads it beside the weights: it answers otherwise than the base model, which stays as it is', async () => {
  const { cacheDir, adapter } = await scene();
  const says = async (id: string): Promise<string> => {
    const server = await ensureServer(id, { cacheDir, private: true, contextTokens: 512, slots: 1 }, signal);
    try {
      const openai = new OpenAI({ baseURL: server.url, apiKey: server.apiKey, maxRetries: 0, timeout: 300_000 });
      const messages = [{ role: 'user' as const, content: 'Name three colours.' }];
      const reply = await openai.chat.completions.create({ model: id, temperature: 0, max_tokens: 12, messages });
      return reply.choices[0]?.message.content ?? '';
    } finally {
      await server.close();
    }
  };
  const alone = await says(base.id);
  // Weights of nothing but zeros change nothing: so it is the numbers that do.
  writeAdapter(adapter, { trainedOn: designer.sha256, strength: 0 });
  expect(await says(designer.id)).toBe(alone);
  writeAdapter(adapter, { trainedOn: designer.sha256, strength: 2 });
  expect(await says(designer.id)).not.toBe(alone);
  expect(await says(base.id)).toBe(alone);
});

test("it is asked for the design alone, in the few words it was trained on; all work is the worker's", async () => {
  const { adapter, run, server, cli, workspace } = await scene();
  writeAdapter(adapter, { trainedOn: designer.sha256, strength: 0 });
  // What it designs is no matter here, nor whether a busy machine lets it come to an end.
  const { code, stderr } = await run('--json', '--budget', 'seconds=60');
  expect([0, 1, 3], stderr).toContain(code);
  const [listed] = JSON.parse((await cli.run(['runs', 'list', '--json'])).stdout).runs as { runId: string }[];
  const trace = await openRun(cli.dataDir, listed?.runId ?? '');
  const { events } = await trace.read();
  const [started] = events.flatMap((event) => (event.type === 'run.started' ? [event] : []));
  expect(started?.models).toMatchObject({ worker: { model: 'scripted' }, strong: { model: designer.id, endpoint: 'embedded' } });
  const asked = events.flatMap((event) => (event.type === 'call.started' ? [event] : []));
  const [first] = asked;
  expect(first).toMatchObject({ agent: 'designer', model: designer.id });
  for (const { agent, model } of asked) expect([agent, model]).toEqual([agent, agent === 'designer' ? designer.id : 'scripted']);
  for (const { body } of server.requests) expect(JSON.stringify(body.messages)).not.toContain('You design a team of agents');
  const prompt = await trace.readBlob(first?.prompt ?? '');
  expect(prompt).toContain('You design a team of agents for one coding request.');
  expect(prompt).toContain('Fix the bug in sum.js');
  expect(prompt).not.toContain('A team for another request');
  expect(readFileSync(join(workspace.root, 'sum.js'), 'utf8')).toBe(brokenSum['sum.js']);
});
