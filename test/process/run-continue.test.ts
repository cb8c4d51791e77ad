/** Going on from another run: resumed after it was cut short anywhere, or followed up with new remarks. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { tell } from '../../src/cli/failure-table.ts';
import { designerByName, fileDesigner } from '../../src/design/index.ts';
import { teamFor } from '../../src/design/teams.ts';
import { failureOf } from '../../src/errors.ts';
import { applyRun, readResumable, replayRun } from '../../src/run/index.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { createTrace, fold, listRuns, openRun, runDir } from '../../src/trace/index.ts';
import { beforeEndsWereKept, killedHere } from '../support/kept-end.ts';
import { approveAll, cutAfter, type Ended, endedOnce, type Scene, type Setup, start } from '../support/run-scene.ts';
import { chainedLines } from '../support/trace-events.ts';
import { quickSum, sumReply } from '../support/workspaces.ts';

const signal = new AbortController().signal;

const seqOf = ({ log }: Pick<Scene, 'log'>, matches: (event: TraceEvent) => boolean): number => log.events.find(matches)?.seq ?? -1;

const withoutChain = (lines: string): string => lines.replaceAll(/,"prev":"[0-9a-f]*"|"prev":"[0-9a-f]*",/g, '');

/** As programs wrote traces before their lines were chained. */
const asVersion1 = (lines: string): string =>
  withoutChain(lines)
    .replaceAll('{"v":2,', '{"v":1,')
    .replaceAll(/,"planHash":"[0-9a-f]*"|,"rounds":\[[0-9,]*\]/g, '');

const withLastChanged = (lines: string): string => lines.replace(/"at":(\d+)(?=[^\n]*\n$)/, (_, at) => `"at":${Number(at) + 1}`);
const withLastCutOff = (lines: string): string => `${lines.trimEnd().split('\n').slice(0, -1).join('\n')}\n`;

/** Solo on the broken sum. */
const endedSolo = endedOnce({ script: [sumReply('a + b')] });

async function solved(): Promise<Ended> {
  const scene = await endedSolo();
  expect(scene.result.outcome).toBe('solved');
  return scene;
}

describe('resume', () => {
  /** Solo with one sample, which fails; then the library's team, whose debugger is skipped and whose coder gets a hint. */
  const setup: Setup = {
    designer: designerByName('auto'),
    settings: { replans: 1 },
    script: (body) => {
      const last = body.messages.at(-1)?.content ?? '';
      if (last.includes('Follow one failing test')) return 'Line 2 subtracts.';
      return sumReply(last.includes('Use plus') ? 'a + b' : 'a * b');
    },
    onEvent: (event, hand) => {
      if (event.type === 'run.replanned') hand.hint('coder', 'Use plus.');
    },
  };

  const wholeRun = endedOnce(setup);

  const moments: readonly [string, (event: TraceEvent) => boolean][] = [
    ['before the snapshot', ({ type }) => type === 'run.started'],
    ['before the briefing', ({ type }) => type === 'snapshot.taken'],
    ['before the plan', ({ type }) => type === 'briefing.done'],
    ['in the first call', (event) => event.type === 'call.started'],
    ['after the first call', (event) => event.type === 'call.done'],
    ['in the middle of the samples', (event) => event.type === 'call.done' && event.call === 'r0/draft/2'],
    ['after the second plan was approved', (event) => event.type === 'step.started' && event.path === 'r1/diagnose'],
    ['after the last call', (event) => event.type === 'call.done' && event.call === 'r1/fix/1'],
    ['right before the end', ({ type }) => type === 'candidates.selected'],
  ];

  const endedFromFile = endedOnce({ ...setup, designer: fileDesigner({ ...teamFor('bug-fix', 'easy'), name: 'from-a-file' }) });

  test.each(moments.slice(0, 3))('cut short %s: the team of a file is the team of the resumed run', async (_, isMoment) => {
    const first = await endedFromFile();
    const whole = first.result;
    cutAfter(first.workspace, whole.runId, seqOf(first, isMoment));
    // Whoever resumes does not know it.
    const second = await start({ ...setup, on: first.workspace, continues: { runId: whole.runId, how: 'resume' } });
    await second.run();
    const hashes = [first, second].map(({ log }) => log.of('plan.proposed')[0]?.hash);
    expect(hashes[0]).toBeDefined();
    expect(hashes[1]).toBe(hashes[0]);
  });

  test.each(moments)('cut short %s: ends the same, and no answered call is asked again', async (_, isMoment) => {
    const first = await wholeRun();
    const whole = first.result;
    expect(whole).toMatchObject({ outcome: 'solved', spend: { calls: 5 } });
    const moment = seqOf(first, isMoment);
    const answered = first.log.of('call.done').filter(({ seq }) => seq <= moment).length;
    const hinted = first.log.of('control.used').some(({ seq }) => seq <= moment);
    cutAfter(first.workspace, whole.runId, moment);

    const asked: string[] = [];
    const second = await start({
      ...setup,
      on: first.workspace,
      continues: { runId: whole.runId, how: 'resume' },
      // What the old run knew is not given again.
      onEvent: hinted ? undefined : setup.onEvent,
      review: async (proposal) => {
        asked.push(proposal.plan.name);
        return approveAll(proposal);
      },
    });
    const result = await second.run();
    expect(result).toMatchObject({ outcome: 'solved', spend: { calls: 5 } });
    expect(result.spend.inputTokens).toBe(whole.spend.inputTokens);
    expect(result.chosen?.tree).toBe(whole.chosen?.tree);
    expect(second.server.requests).toHaveLength(5 - answered);
    const approved = first.log.of('plan.approved').filter(({ seq }) => seq <= moment).length;
    expect(asked).toHaveLength(2 - approved);
    expect(second.log.of('plan.approved').map(({ by }) => by)).toEqual(['replay', 'replay'].fill('flag', approved));
    expect(second.log.of('run.started')[0]?.continues).toMatchObject({ runId: whole.runId, how: 'resume' });
    const old = fold((await (await openRun(first.workspace.dataDir, whole.runId)).read()).events);
    expect(old.continuedAs).toEqual([{ as: result.runId, how: 'resume' }]);
  });

  test.each<[string, string, (event: TraceEvent) => boolean, object]>([
    ['everything was judged', 'solved', ({ type }) => type === 'candidates.selected', { passed: 2, failed: 0 }],
    ['nothing was judged', 'tests-fail', ({ type }) => type === 'plan.approved', { passed: 0 }],
  ])('cut short when %s: what is on record is not run again, what is not runs', async (_, outcome, isMoment, after) => {
    const write = (root: string, text: string): void => {
      mkdirSync(join(root, 'node_modules', 'beside'), { recursive: true });
      writeFileSync(join(root, 'node_modules', 'beside', 'index.js'), text);
    };
    // Every test needs what is beside the tree, so it shows in the result whether it ran again.
    const first = await start({
      ...setup,
      settings: { replans: 0 },
      script: () => sumReply('a + b'),
      files: { ...quickSum, '.gitignore': 'node_modules\n', 'sum.test.js': `require('beside');\n${quickSum['sum.test.js']}` },
      prepare: (root) => write(root, ''),
    });
    const whole = await first.run();
    expect(whole).toMatchObject({ outcome: 'solved', before: { passed: 1, failed: 1 } });
    cutAfter(first.workspace, whole.runId, seqOf(first, isMoment));
    write(first.workspace.root, "throw new Error('it is broken by now');\n");
    const second = await start({
      ...setup,
      settings: { replans: 0 },
      script: () => sumReply('a + b'),
      on: first.workspace,
      continues: { runId: whole.runId, how: 'resume' },
    });
    expect(await second.run()).toMatchObject({ outcome, before: { passed: 1, failed: 1 }, after });
  });

  test('a run that waited for its review waits again', async () => {
    const first = await wholeRun();
    const whole = first.result;
    cutAfter(
      first.workspace,
      whole.runId,
      seqOf(first, ({ type }) => type === 'plan.proposed'),
    );
    const second = await start({
      ...setup,
      on: first.workspace,
      continues: { runId: whole.runId, how: 'resume' },
      review: async () => ({ kind: 'decline' }),
    });
    expect((await second.run()).outcome).toBe('declined');
    expect(second.server.requests).toEqual([]);
  });

  test('a plan from a file and a plan taken in place of the proposed one are taken again', async () => {
    const first = await start({
      ...setup,
      designer: fileDesigner({ ...teamFor('bug-fix', 'easy'), name: 'mine' }),
      onEvent: undefined,
      script: ['Line 2 subtracts.', sumReply('a + b')],
      review: async (proposal) => {
        const other = proposal.alternatives.find(({ plan }) => plan.name === 'solo');
        return other ? { kind: 'approve', hash: other.hash, by: 'user' } : approveAll(proposal);
      },
    });
    const whole = await first.run();
    expect(whole.origins).toEqual(['solo']);
    cutAfter(
      first.workspace,
      whole.runId,
      seqOf(first, ({ type }) => type === 'plan.approved'),
    );
    const second = await start({
      on: first.workspace,
      continues: { runId: whole.runId, how: 'resume' },
      script: [sumReply('a + b')],
      review: async () => {
        throw new Error('nobody is asked');
      },
    });
    expect(await second.run()).toMatchObject({ outcome: 'solved', origins: ['solo'] });
  });

  test('a resumed run that was cut short itself is resumed from both traces', async () => {
    const first = await wholeRun();
    const whole = first.result;
    cutAfter(
      first.workspace,
      whole.runId,
      seqOf(first, (event) => event.type === 'call.done' && event.call === 'r0/draft/3'),
    );
    const second = await start({ ...setup, on: first.workspace, continues: { runId: whole.runId, how: 'resume' } });
    const middle = await second.run();
    // Killed before it had gone over what the first one knew.
    cutAfter(
      first.workspace,
      middle.runId,
      seqOf(second, (event) => event.type === 'call.done'),
    );
    const third = await start({ ...setup, on: first.workspace, continues: { runId: middle.runId, how: 'resume' } });
    expect(await third.run()).toMatchObject({ outcome: 'solved', spend: { calls: 5 } });
    expect(third.server.requests).toHaveLength(2);
    await expect(readResumable(first.workspace.dataDir, whole.runId)).rejects.toThrow(`it was resumed as ${middle.runId}`);
  });

  test('a resumed run that was killed before its first call forgets no time of the first one', async () => {
    const first = await wholeRun();
    const whole = first.result;
    const { dataDir } = first.workspace;
    cutAfter(
      first.workspace,
      whole.runId,
      seqOf(first, ({ type }) => type === 'call.done'),
    );
    const events = join(runDir(dataDir, whole.runId), 'events.jsonl');
    writeFileSync(events, readFileSync(events, 'utf8').replace(/"seconds":[\d.]+(?=\}[^{}]*\}\n$)/, '"seconds":321'));
    killedHere(dirname(events));
    expect(fold((await (await openRun(dataDir, whole.runId)).read()).events).spend.seconds).toBe(321);
    const second = await start({ ...setup, on: first.workspace, continues: { runId: whole.runId, how: 'resume' } });
    const middle = await second.run();
    expect(middle.spend.seconds).toBeGreaterThan(321);
    cutAfter(
      first.workspace,
      middle.runId,
      seqOf(second, ({ type }) => type === 'snapshot.taken'),
    );
    const third = await start({ ...setup, on: first.workspace, continues: { runId: middle.runId, how: 'resume' } });
    expect((await third.run()).spend.seconds).toBeGreaterThan(321);
  });

  test('of two that resume a run at the same moment only one begins', async () => {
    const first = await wholeRun();
    const whole = first.result;
    cutAfter(
      first.workspace,
      whole.runId,
      seqOf(first, ({ type }) => type === 'briefing.done'),
    );
    const both = await Promise.all(
      [1, 2].map(() => start({ ...setup, on: first.workspace, continues: { runId: whole.runId, how: 'resume' } })),
    );
    // The second has looked at the old run before the first began, and comes to it after.
    const ended = await Promise.allSettled(both.map(async (scene, index) => wait(index * 50).then(scene.run)));
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = ended.find((end) => end.status === 'rejected')?.reason;
    expect(['not-continuable', 'run-busy']).toContain(refused.code);
    expect(both.reduce((sum, { server }) => sum + server.requests.length, 0)).toBe(5);
    const begun = (await listRuns(first.workspace.dataDir)).filter(({ runId }) => runId !== whole.runId);
    expect(begun.map(({ summary }) => summary.outcome)).toEqual(['solved']);
  });

  test('a server that was away is asked again; a stopped run goes on', async () => {
    const first = await start({ script: [sumReply('a * b'), { status: 401, body: { error: { message: 'bad key' } } }] });
    const failed = await first.run();
    expect(failed).toMatchObject({ outcome: 'failed', failure: { code: 'model-unauthorized' } });
    const second = await start({
      on: first.workspace,
      continues: { runId: failed.runId, how: 'resume' },
      script: [sumReply('a + b')],
    });
    expect((await second.run()).outcome).toBe('solved');
    expect(second.server.requests).toHaveLength(1);
  });

  test('a resumed run replays', async () => {
    const first = await wholeRun();
    const whole = first.result;
    cutAfter(
      first.workspace,
      whole.runId,
      seqOf(first, (event) => event.type === 'call.done' && event.call === 'r1/diagnose/1'),
    );
    const second = await start({
      ...setup,
      onEvent: undefined,
      on: first.workspace,
      continues: { runId: whole.runId, how: 'resume' },
    });
    const { runId } = await second.run();
    await second.server.close();
    expect((await replayRun({ dataDir: first.workspace.dataDir, runId }, signal)).differences).toEqual([]);
  });

  test('what cannot be resumed is refused with what to do instead', async () => {
    const first = await solved();
    const { runId } = first.result;
    const { dataDir } = first.workspace;
    const refused = await readResumable(dataDir, runId).catch((error: unknown) => tell(failureOf(error)));
    expect(refused).toMatchObject({
      code: 'not-continuable',
      message: expect.stringContaining('it has ended (solved)'),
      next: expect.stringContaining(`--after ${runId}`),
    });
    await expect(readResumable(dataDir, 'none')).rejects.toMatchObject({ code: 'run-unknown' });
    const writing = await createTrace({ dataDir, runId, clock: Date.now });
    await expect(readResumable(dataDir, runId)).rejects.toMatchObject({
      code: 'run-busy',
      message: expect.stringContaining(String(process.pid)),
    });
    await writing.close();
  });

  test('a record that was changed after it was written is refused; one of an older version, without a chain, is not', async () => {
    const first = await wholeRun();
    const { runId } = first.result;
    cutAfter(
      first.workspace,
      runId,
      seqOf(first, (event) => event.type === 'call.done'),
    );
    const { dataDir } = first.workspace;
    const file = join(runDir(dataDir, runId), 'events.jsonl');
    const written = readFileSync(file, 'utf8');
    expect((await readResumable(dataDir, runId)).runId).toBe(runId);
    const changes = [
      withoutChain(written),
      withoutChain(written).replaceAll('{"v":2,', '{"v":1,'),
      asVersion1(written),
      withLastChanged(written),
      withLastCutOff(written),
    ];
    for (const changed of changes) {
      writeFileSync(file, changed);
      await expect(readResumable(dataDir, runId)).rejects.toMatchObject({ facts: { why: 'record-changed' } });
    }
    writeFileSync(file, written.replace('"type":"run.started"', '"type":"run.started" '));
    expect(await readResumable(dataDir, runId).catch((error: unknown) => tell(failureOf(error)))).toMatchObject({
      code: 'not-continuable',
      message: expect.stringContaining('its record was changed after it was written (before line 2)'),
      next: expect.stringContaining('Ask again'),
    });
    const ending = written.trimEnd().split('\n').length + 1;
    for (const [changed, line] of [
      [written.replace('"type":"run.started"', '"type":"run.started" '), 2],
      [withLastChanged(written), ending],
    ] as const) {
      writeFileSync(file, changed);
      for (const how of ['resume', 'follow-up'] as const) {
        const again = await start({ ...setup, on: first.workspace, continues: { runId, how } });
        await expect(again.run()).rejects.toMatchObject({ facts: { why: 'record-changed', line } });
        expect(again.server.requests).toEqual([]);
      }
    }
    beforeEndsWereKept(dataDir);
    writeFileSync(file, asVersion1(written));
    expect((await readResumable(dataDir, runId)).runId).toBe(runId);
  });

  test.each<[string, (lines: string) => string]>([
    ['one word', (lines) => lines.replace('"type":"run.started"', '"type":"run.started" ')],
    ['the whole chain', withoutChain],
    ['its last line', withLastChanged],
    ['its length', withLastCutOff],
  ])('a record that was changed in %s is not replayed either', async (_, change) => {
    const first = await wholeRun();
    const { runId } = first.result;
    const { dataDir } = first.workspace;
    const file = join(runDir(dataDir, runId), 'events.jsonl');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    expect(await replayRun({ dataDir, runId }, signal).catch((error: unknown) => tell(failureOf(error)))).toMatchObject({
      code: 'not-replayable',
      message: expect.stringContaining('its record was changed after it was written'),
      next: expect.stringContaining('may not be what happened'),
    });
  });

  test('another model than the one it was begun with is refused before anything is asked', async () => {
    const first = await wholeRun();
    const whole = first.result;
    cutAfter(
      first.workspace,
      whole.runId,
      seqOf(first, ({ type }) => type === 'call.done'),
    );
    const events = join(runDir(first.workspace.dataDir, whole.runId), 'events.jsonl');
    const lines = readFileSync(events, 'utf8').replaceAll('"model":"scripted"', '"model":"another"').trim().split('\n');
    writeFileSync(events, chainedLines(lines.map((line) => JSON.parse(line))));
    killedHere(dirname(events));
    const second = await start({ ...setup, on: first.workspace, continues: { runId: whole.runId, how: 'resume' } });
    await expect(second.run()).rejects.toThrow('begun with the model another');
    expect(second.server.requests).toEqual([]);
  });
});

describe('follow-up', () => {
  const commented = sumReply('a + b /* the sum */');

  test('starts from what the run handed over; the change is against the workspace', async () => {
    const { workspace, before, result: earlier } = await solved();
    const { runId } = earlier;
    const second = await start({
      on: workspace,
      continues: { runId, how: 'follow-up' },
      request: 'Say in a comment what it returns.',
      script: [commented],
    });
    const result = await second.run();
    expect(result).toMatchObject({ outcome: 'solved', before: { passed: 2, failed: 0 }, after: { passed: 2, failed: 0 } });
    expect(result.diff?.patch).toContain('-  return a - b;');
    expect(result.diff?.patch).toContain('+  return a + b /* the sum */;');
    const prompt = second.server.requests[0]?.body.messages.at(-1)?.content ?? '';
    expect(prompt).toContain('# Earlier request\nThe tests fail. Fix the bug in sum.js.');
    expect(prompt).toContain('Changed: sum.js.');
    expect(prompt).toContain('# Request\nSay in a comment what it returns.');
    expect(prompt).toContain('return a + b;');
    expect(workspace.contents()).toEqual(before);
    await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, signal);
    expect(workspace.read('sum.js')).toContain('a + b /* the sum */');
    const replay = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, signal);
    expect(replay.differences).toEqual([]);
  });

  test('after the change was applied the workspace itself is the start', async () => {
    const { workspace, result: earlier } = await solved();
    const { runId } = earlier;
    await applyRun({ dataDir: workspace.dataDir, runId }, signal);
    const second = await start({
      on: workspace,
      continues: { runId, how: 'follow-up' },
      request: 'Say in a comment what it returns.',
      script: [commented],
    });
    const result = await second.run();
    expect(result.diff?.patch).toContain('-  return a + b;');
    await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, signal);
    expect(workspace.read('sum.js')).toContain('a + b /* the sum */');
  });

  test('what the user changed elsewhere meanwhile stays, and remarks on remarks add up', async () => {
    const { workspace, result: earlier } = await solved();
    const { runId } = earlier;
    workspace.write('notes.txt', 'mine\n');
    const second = await start({ on: workspace, continues: { runId, how: 'follow-up' }, request: 'First remark.', script: [commented] });
    const middle = await second.run();
    const third = await start({
      on: workspace,
      continues: { runId: middle.runId, how: 'follow-up' },
      request: 'Second remark.',
      script: [sumReply('b + a')],
    });
    const result = await third.run();
    expect(third.server.requests[0]?.body.messages.at(-1)?.content).toContain('Fix the bug in sum.js.\nFirst remark.');
    expect(result.diff?.files.map(({ path }) => path)).toEqual(['sum.js']);
    await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, signal);
    expect(workspace.read('sum.js')).toContain('b + a');
    expect(workspace.read('notes.txt')).toBe('mine\n');
  });

  test('cut short itself it is resumed from the same start; before its start was known it is asked for again', async () => {
    const { workspace, result: earlier } = await solved();
    const { runId } = earlier;
    const setup = { on: workspace, request: 'Say in a comment what it returns.' };
    const second = await start({ ...setup, continues: { runId, how: 'follow-up' }, script: [commented] });
    const whole = await second.run();
    cutAfter(
      workspace,
      whole.runId,
      seqOf(second, ({ type }) => type === 'call.started'),
    );
    const third = await start({ ...setup, continues: { runId: whole.runId, how: 'resume' }, script: [commented] });
    const resumed = await third.run();
    expect(resumed.chosen?.tree).toBe(whole.chosen?.tree);
    expect(resumed.diff?.patch).toBe(whole.diff?.patch);
    expect(third.server.requests[0]?.body.messages).toEqual(second.server.requests[0]?.body.messages);
    cutAfter(
      workspace,
      resumed.runId,
      seqOf(third, ({ type }) => type === 'run.started'),
    );
    // What the first of the two had on record still counts.
    const fourth = await start({ ...setup, continues: { runId: resumed.runId, how: 'resume' }, script: [commented] });
    expect((await fourth.run()).chosen?.tree).toBe(whole.chosen?.tree);

    const early = await start({ ...setup, continues: { runId, how: 'follow-up' }, script: [commented] });
    const { runId: earlyId } = await early.run();
    cutAfter(
      workspace,
      earlyId,
      seqOf(early, ({ type }) => type === 'snapshot.taken'),
    );
    const refused = await start({ ...setup, continues: { runId: earlyId, how: 'resume' }, script: [] });
    await expect(refused.run()).rejects.toThrow('cut short before it had begun');
  });

  test('a run without a change, and one of another folder, are refused', async () => {
    const without = await start({ script: ['It subtracts.'], request: 'What does sum do?', designer: designerByName('library') });
    const { runId } = await without.run();
    const after = await start({ on: without.workspace, continues: { runId, how: 'follow-up' }, script: [] });
    await expect(after.run()).rejects.toMatchObject({ code: 'not-continuable', message: expect.stringContaining('without a change') });

    const scene = await solved();
    const elsewhere = scene.result.runId;
    const other = await start({ script: [] });
    const moved = await start({
      on: { ...other.workspace, dataDir: scene.workspace.dataDir },
      continues: { runId: elsewhere, how: 'follow-up' },
      script: [],
    });
    expect(await moved.run()).toMatchObject({ outcome: 'failed', failure: { message: expect.stringContaining('it ran on') } });
  });
});
