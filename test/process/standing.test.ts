/** Whether a run's change stands in the workspace: really applied and taken back, and asked of every reader that says something about it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createDiffReview } from '../../src/editor/diff-review/index.ts';
import { createHost } from '../../src/editor/host.ts';
import { groupOf, type RunGroup } from '../../src/editor/words.ts';
import { deleteEverything, measureSurvival } from '../../src/lessons/index.ts';
import { openIndexFile } from '../../src/lessons/index-db.ts';
import { verdictRecord } from '../../src/lessons/record.ts';
import { applyRun, candidateDiff, undoRun } from '../../src/run/index.ts';
import { fold, listingBadge, listRuns, openRun, renderRun } from '../../src/trace/index.ts';
import type { Standing } from '../../src/trace/standing.ts';
import { commandLine } from '../support/command-line.ts';
import { openEditorCore } from '../support/editor.ts';
import { withDiffEditors } from '../support/fake-diffs.ts';
import { type FinishedRun, finishedRun } from '../support/finished-run.ts';
import { runModelOf } from '../support/pages/models.ts';
import { english } from '../support/pages/speech.ts';
import { start } from '../support/run-scene.ts';

const signal = new AbortController().signal;
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const lines = (...texts: (string | number)[]): string => texts.map((text) => `line ${text}\n`).join('');
const base = { 'a.txt': lines(1, 2, 3, 4, 5, 6, 7, 8, 9) };
const whole = { 'a.txt': lines('one', 2, 3, 4, 5, 6, 7, 8, 'nine') };

interface Scene {
  readonly run: FinishedRun;
  apply(hunks?: 'all' | 'first', others?: 'open'): Promise<unknown>;
  undo(): Promise<unknown>;
  write(text: string): void;
}

async function scene(): Promise<Scene> {
  const run = await finishedRun(base, { c1: whole });
  cleanUps.push(run.workspace.dispose);
  const reference = { dataDir: run.workspace.dataDir, runId: run.runId };
  return {
    run,
    apply: async (some = 'all', others) => {
      const hunks = (await candidateDiff(reference, signal)).files.flatMap((file) => file.hunks.map(({ id }) => id));
      return applyRun({ ...reference, hunks: some === 'all' ? undefined : hunks.slice(0, 1), others }, signal);
    },
    undo: () => undoRun(reference, signal),
    write: (text) => run.workspace.write('a.txt', text),
  };
}

/** The sides of the review's tab, and the runs that "take back" offers. */
async function editorOf({ workspace, runId }: FinishedRun): Promise<{ left: string; toTakeBack: string[] }> {
  const editor = await openEditorCore({ at: workspace });
  cleanUps.push(() => editor[Symbol.asyncDispose]());
  const { fake, core } = editor;
  const diffs = withDiffEditors(fake);
  const review = createDiffReview(createHost(fake.vscode, fake.context), { runs: core.runs, show: async () => {} });
  cleanUps.push(() => review.dispose());
  fake.vscode.workspace.registerTextDocumentContentProvider('teamwright-candidate', { provideTextDocumentContent: review.textOf });
  const offered = review.commands['teamwright.diff.undo']?.();
  const { picks, messages } = fake.prompts;
  await expect.poll(() => picks.waiting + messages.waiting).toBe(1);
  const asked = picks.waiting > 0 ? await picks.next() : await messages.next();
  const toTakeBack = 'labels' in asked ? [...asked.labels] : [];
  asked.dismiss();
  await offered;
  await review.open(await core.runs.open(runId));
  return { left: diffs.shown[0]?.rows[0]?.[1]?.scheme ?? '', toTakeBack };
}

/** Where the candidates of a follow-up would start. */
async function startsFrom({ workspace, runId }: FinishedRun): Promise<'the workspace' | 'the candidate'> {
  const next = await start({
    on: workspace,
    continues: { runId, how: 'follow-up' },
    script: [],
    review: async () => ({ kind: 'decline' }),
  });
  const { events } = await (await openRun(workspace.dataDir, (await next.run()).runId)).read();
  const taken = events.find((event) => event.type === 'snapshot.taken');
  return taken?.type === 'snapshot.taken' && taken.start === undefined ? 'the workspace' : 'the candidate';
}

interface Case {
  readonly when: string;
  readonly did: (run: Scene) => Promise<unknown>;
  readonly kind: Standing['kind'];
  /** Share of the hunks that the user kept; undefined: nobody said anything. */
  readonly accepted?: number;
  readonly earlier?: Standing['kind'];
}

const mine = lines('mine', 2, 3, 4, 5, 6, 7, 8, 9);
const cases: readonly Case[] = [
  { when: 'never applied', did: async () => {}, kind: 'none' },
  {
    when: 'the apply was refused',
    did: async ({ apply, write }) => {
      write(mine);
      expect(await apply()).toMatchObject({ applied: [], conflicts: [{ path: 'a.txt' }] });
    },
    kind: 'none',
  },
  { when: 'applied', did: ({ apply }) => apply(), kind: 'applied', accepted: 1 },
  { when: 'partly applied', did: ({ apply }) => apply('first'), kind: 'partly-applied', accepted: 0.5 },
  {
    when: 'undone',
    did: async ({ apply, undo }) => {
      await apply();
      await undo();
    },
    kind: 'undone',
    accepted: 0,
  },
  {
    when: 'undone twice, which is the same as once',
    did: async ({ apply, undo }) => {
      await apply();
      await undo();
      await undo();
    },
    kind: 'undone',
    accepted: 0,
  },
  {
    when: 'the undo was refused',
    did: async ({ apply, undo, write }) => {
      await apply();
      write(mine);
      expect(await undo()).toMatchObject({ restored: [], conflicts: [{ path: 'a.txt' }] });
    },
    kind: 'applied',
    accepted: 1,
  },
  {
    when: 'applied twice',
    did: async ({ apply }) => {
      await apply('first', 'open');
      await apply();
    },
    kind: 'applied',
    accepted: 1,
    earlier: 'partly-applied',
  },
  {
    when: 'applied twice, undone once: the earlier one stands',
    did: async ({ apply, undo }) => {
      await apply('first');
      await apply();
      await undo();
    },
    kind: 'partly-applied',
    accepted: 0.5,
  },
  {
    when: 'applied twice, undone twice',
    did: async ({ apply, undo }) => {
      await apply('first', 'open');
      await apply();
      await undo();
      await undo();
    },
    kind: 'undone',
    accepted: 0,
  },
  {
    when: 'undone, and then an apply was refused',
    did: async ({ apply, undo, write }) => {
      await apply();
      await undo();
      write(mine);
      await apply();
    },
    kind: 'undone',
    accepted: 0,
  },
];

const words: Readonly<
  Record<Standing['kind'], { readonly word: string; readonly group: RunGroup; readonly page: readonly string[]; readonly text: RegExp }>
> = {
  none: { word: 'tests pass', group: 'review', page: [], text: /\nApplied {4}no: the workspace is unchanged\n/ },
  applied: { word: 'applied', group: 'done', page: ['The change is applied to the workspace.'], text: /\nApplied {4}1 file\(s\)\n/ },
  'partly-applied': {
    word: 'applied in part, not tested like this',
    group: 'unproven',
    page: ['Part of the change is applied to the workspace. The tests have not run on this part alone.'],
    text: /\nApplied {4}1 file\(s\), in part, which was not tested like this\n/,
  },
  undone: { word: 'taken back', group: 'closed', page: ['The change was taken back.'], text: /\nUndone {5}/ },
};

describe.each(cases)('$when', ({ did, kind, accepted, earlier }) => {
  test(`the change is ${kind}, for every reader`, async () => {
    const made = await scene();
    await did(made);
    const { workspace, runId } = made.run;
    const { dataDir } = workspace;
    const stands = kind === 'applied' || kind === 'partly-applied';
    const said = words[kind];
    const run = await openRun(dataDir, runId);
    const { events } = await run.read();
    const state = fold(events);

    // The fold, and what else the trace room makes of it.
    expect(state.standing.kind).toBe(kind);
    expect(state.standing.apply).toEqual(
      stands ? expect.objectContaining({ candidate: 'c1', files: ['a.txt'], workspace: undefined, conflicts: [] }) : undefined,
    );
    if (earlier !== undefined)
      expect(state.standing.apply?.earlier).toMatchObject({ candidate: 'c1', hunks: { accepted: 1, rejected: 1 } });
    expect(renderRun(state, { ownerAlive: false })).toMatch(said.text);
    const [listing] = await listRuns(dataDir);
    expect(listing?.summary.standing).toEqual(JSON.parse(JSON.stringify(state.standing)));

    // A summary of the version before this one is made again.
    const kept = join(dataDir, 'runs', runId, 'summary.json');
    writeFileSync(kept, JSON.stringify({ ...listing?.summary, version: 1, standing: undefined, applied: !stands }));
    expect(await listRuns(dataDir)).toEqual([listing]);

    // Lessons.
    const index = await openIndexFile(dataDir);
    cleanUps.push(() => index.close());
    await index.update();
    expect(index.totals()).toMatchObject({ applied: stands ? 1 : 0, terms: { accepted } });
    expect(index.totals({ acceptedOnly: true }).runs).toBe((accepted ?? 0) > 0 ? 1 : 0);
    const record = await verdictRecord(events, run.readBlob);
    expect(record?.standing).toMatchObject({ kind, files: stands ? ['a.txt'] : [] });
    expect(record?.reward.accepted).toBe(accepted);

    // The command line.
    const cli = commandLine();
    cleanUps.push(cli.dispose);
    const listed = await cli.run(['runs', 'list'], { env: { TEAMWRIGHT_DATA: dataDir } });
    expect(listed.stdout).toMatch(new RegExp(`just now +${said.word} {2,}`));

    // The editor.
    if (listing === undefined) throw new Error('The run is not listed.');
    expect(listingBadge(listing).word(english.l10n.t)).toBe(said.word);
    const changed = { ...listing, summary: { ...listing.summary, changed: true, verdict: undefined } };
    expect(groupOf(changed)).toBe(said.group);
    expect(runModelOf(events).outcome.slice(1)).toEqual(said.page);
    expect(await editorOf(made.run)).toEqual({
      left: stands ? 'teamwright-candidate' : 'file',
      toTakeBack: stands ? ['Fix the failing test.'] : [],
    });

    // What the run room and the survival watch do next.
    expect(await startsFrom(made.run)).toBe(stands ? 'the workspace' : 'the candidate');
    expect((await measureSurvival({ dataDir, runId }, { when: 'minutes', clock: Date.now }, signal)) !== undefined).toBe(stands);

    const erased = await deleteEverything({ dataDir, clock: Date.now }, signal);
    expect(erased.applied).toEqual(stands ? [{ runId, workspace: workspace.root }] : []);
  });
});
