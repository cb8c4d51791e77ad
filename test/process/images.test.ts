/** Pictures that go along with a request: on the wire, in the trace, after a kill, and where the model takes none. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { exportFormats } from '../../src/lessons/exports/formats.ts';
import { verdictRecord } from '../../src/lessons/record.ts';
import { planSchema, printPlan } from '../../src/plan/index.ts';
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

const twoAgents = planSchema.parse({
  teamwright: 1,
  name: 'two',
  difficulty: 'easy',
  agents: {
    coder: {
      role: 'coder',
      instructions: 'Repair the function so that it adds.',
      output: 'edits',
      tier: 'worker',
      tools: [],
      write: ['*.js'],
    },
    critic: { role: 'reviewer', instructions: 'Say whether the change is right.', output: 'verdict', tier: 'worker', tools: [], write: [] },
  },
  steps: [
    { id: 'draft', do: 'generate', agent: 'coder', samples: 1 },
    { id: 'judge', do: 'review', agent: 'critic' },
    { id: 'try', do: 'test' },
  ],
  finish: { when: 'tests-pass' },
});

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

describe('what leaves the machine of a run with pictures', () => {
  const data = url.slice(url.indexOf(',') + 1);

  test('no export holds what is on them, nor the record that all are made of; the words beside them are redacted like any', async () => {
    const { cli, workspace, run, file } = await scene(seeing);
    const named = join(cli.home, 'of jane.doe@kontor.de today.png');
    writeFileSync(named, pngOf(40, 30));
    expect((await run('--image', file, '--image', named)).code).toBe(0);
    const written: string[] = [];
    for (const { name } of exportFormats) {
      const out = join(cli.home, `export-${name}`);
      const { code, stderr } = await cli.run(['export', '--format', name, '--out', out], { cwd: workspace.root });
      if (code === 0) written.push(name);
      else expect(stderr).toContain('teaches nothing');
    }
    expect(written).toEqual(expect.arrayContaining(['roles-sft', 'atif']));
    const files = written.flatMap((name) =>
      readdirSync(join(cli.home, `export-${name}`), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
    );
    expect(files.filter((text) => text.includes(data) || text.includes('jane.doe'))).toEqual([]);
    expect(files.some((text) => text.includes('The user attached: shot.png, of <email-1> today.png'))).toBe(true);
    const kept = await newest(cli.dataDir);
    const record = JSON.stringify(await verdictRecord((await kept.read()).events, kept.readBlob));
    expect(record).toContain('"name":"shot.png"');
    expect(record).not.toContain(data);
  });

  test('no level of sharing does either; that of plans has no name of a picture', async () => {
    const { cli, workspace, run, file } = await scene(seeing);
    expect((await run('--image', file)).code).toBe(0);
    const shared = async (level: string): Promise<string> =>
      (await cli.run(['share', 'preview', 'last', '--level', level], { cwd: workspace.root })).stdout;
    const [plans = '', diffs = '', everything = ''] = [await shared('plans'), await shared('diffs'), await shared('everything')];
    for (const text of [plans, diffs, everything]) {
      expect(text).toContain('"level"');
      expect(text).not.toContain(data);
      expect(text).not.toContain('data:image');
    }
    expect(plans).not.toContain('shot');
    expect(diffs).toContain('"name":"shot.png"');
    expect(everything).toContain('The user attached: shot.png');
  });
});

test('who gives a verdict is not sent the picture that who writes is sent', async () => {
  const { cli, file, run, work } = await scene((body) => {
    if (isProbe(body)) return 'Green and purple.';
    return JSON.stringify(body.messages).includes('Say whether the change is right.') ? 'It adds.\nAPPROVE' : sumReply('a + b');
  });
  const team = join(cli.home, 'two.team.yaml');
  writeFileSync(team, printPlan(twoAgents));
  const { code, stderr } = await run('--image', file, '--designer', team);
  expect(code, stderr).toBe(0);
  const [written, judged, ...more] = work().map(({ body }) => body);
  expect(more).toEqual([]);
  expect(partsOf(written as ChatBody).map(({ type }) => type)).toEqual(['text', 'image_url']);
  expect(JSON.stringify(judged?.messages)).toContain('Say whether the change is right.');
  expect(JSON.stringify(judged)).not.toMatch(/image_url|shot\.png|base64/);
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
