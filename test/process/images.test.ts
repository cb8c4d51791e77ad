/** Pictures that go along with a request: on the wire, in the trace, after a kill, and where the model takes none. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { listRuns, openRun, runDir } from '../../src/trace/index.ts';
import { commandLineScene } from '../support/command-line-scene.ts';
import { pngOf } from '../support/made-pictures.ts';
import { cutAfter } from '../support/run-scene.ts';
import type { ChatBody, Script } from '../support/scripted-server.ts';
import { sumReply } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUps.splice(0).reverse()) await clean();
});

const bytes = pngOf(750, 100);
const url = `data:image/png;base64,${bytes.toString('base64')}`;

const partsOf = (body: ChatBody): readonly Record<string, unknown>[] => {
  const { content } = body.messages.find(({ role }) => role === 'user') ?? {};
  return Array.isArray(content) ? (content as Record<string, unknown>[]) : [];
};
const newest = async (dataDir: string) => openRun(dataDir, (await listRuns(dataDir))[0]?.runId ?? '');

const isProbe = (body: ChatBody): boolean => JSON.stringify(body.messages).includes('Which two colours');

const seeing: Script = (body) => (isProbe(body) ? 'Green and purple.' : sumReply('a + b'));

async function scene(script: Script) {
  const made = await commandLineScene(cleanUps, script);
  const file = join(made.cli.home, 'shot.png');
  writeFileSync(file, bytes);
  const asked = [
    'run',
    'Fix the sum, as on the picture.',
    '--workspace',
    made.workspace.root,
    '--model',
    `scripted@${made.server.url}`,
    '--yes',
  ];
  const run = (...more: string[]) => made.cli.run([...asked, ...more]);
  return { ...made, file, run, work: () => made.server.requests.filter(({ body }) => !isProbe(body)) };
}

describe('a model that looks at pictures', () => {
  test('is sent the picture beside the words, which name it; the trace keeps it once, and by reference elsewhere', async () => {
    const { cli, file, run, server, work } = await scene(seeing);
    const { code, stderr } = await run('--image', file);
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('takes no pictures');
    const parts = partsOf(work()[0]?.body as ChatBody);
    expect(parts.map(({ type }) => type)).toEqual(['text', 'image_url']);
    expect(parts[0]?.text).toContain('The user attached: shot.png');
    expect(parts[1]).toEqual({ type: 'image_url', image_url: { url } });

    const { events } = await (await newest(cli.dataDir)).read();
    const started = events.find((event) => event.type === 'run.started');
    const [image] = started?.request.images ?? [];
    expect(image).toMatchObject({ name: 'shot.png', kind: 'png', width: 750, height: 100 });
    const dir = runDir(cli.dataDir, started?.runId ?? '');
    expect(readFileSync(join(dir, 'events.jsonl'), 'utf8')).not.toContain('base64');
    expect(readFileSync(join(dir, 'blobs.jsonl'), 'utf8').split(url)).toHaveLength(2);

    // What was found out of the model is kept.
    await run('--image', file);
    expect(server.requests.filter(({ body }) => isProbe(body))).toHaveLength(1);
  });

  test('its price counts the picture', async () => {
    const { file, run, cli, work } = await scene(seeing);
    const estimated = async (...more: string[]): Promise<number> => {
      await run(...more);
      const { events } = await (await newest(cli.dataDir)).read();
      return events.find((event) => event.type === 'call.started')?.estimatedInputTokens ?? 0;
    };
    const [without, withOne] = [await estimated(), await estimated('--image', file)];
    expect(withOne - without).toBeGreaterThanOrEqual(100);
    expect(work()).toHaveLength(2);
  });

  test('sees it again in a run that is resumed after a kill, without the file', async () => {
    const { file, run, cli, work } = await scene(seeing);
    await run('--image', file);
    const { events } = await (await newest(cli.dataDir)).read();
    const { seq = -1 } = events.find((event) => event.type === 'call.started') ?? {};
    const { runId } = await newest(cli.dataDir);
    cutAfter({ dataDir: cli.dataDir } as never, runId, seq);
    writeFileSync(file, 'gone');
    const { code, stderr } = await cli.run(['runs', 'resume', runId, '--yes']);
    expect(code, stderr).toBe(0);
    expect(work()).toHaveLength(2);
    expect(partsOf(work()[1]?.body as ChatBody)).toEqual(partsOf(work()[0]?.body as ChatBody));
  });
});

test.each([
  ['refuses them', { status: 400, body: { error: { message: 'unknown variant `image_url`' } } }],
  ['takes them and does not look', 'I see nothing.'],
])('a model whose server %s is not sent any, and the plan says so before anything is paid', async (_, answer) => {
  const { file, run, work } = await scene((body) => (isProbe(body) ? answer : sumReply('a + b')));
  const { code, stderr } = await run('--image', file);
  expect(code).toBe(0);
  expect(stderr).toContain('scripted takes no pictures and is not shown those of this request.');
  expect(partsOf(work()[0]?.body as ChatBody)).toEqual([]);
  expect(JSON.stringify(work())).not.toContain('base64');
});

test('a file that is no picture ends it before a model is asked', async () => {
  const { file, run, server } = await scene(seeing);
  writeFileSync(file, bytes.subarray(0, 40));
  expect(await run('--image', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('The picture shot.png is damaged') });
  expect(await run('--image', `${file}.not`)).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read') });
  expect(server.requests).toEqual([]);
});
