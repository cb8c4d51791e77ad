/** What a resumed run takes over of the tests of the one before: all that is whole on record, and nothing else. */
import { expect, test } from 'vitest';
import { traceUnreadable } from '../../src/errors.ts';
import { inOrder, judgedIn } from '../../src/run/judged.ts';
import type { TraceEvent } from '../../src/trace/events.ts';

const report = { ending: 'finished', exitCode: 1, cases: [], passed: 1, failed: 1, skipped: 0, green: false, output: '', ms: 5 };
const tested = (tree: string, text: string) => ({
  ...{ type: 'candidate.tested', candidate: 'c1', tree, report: text, ending: 'finished', score: 1, behaviour: 'b' },
  judgement: { state: 'solved', reasons: [], flaky: [] },
});
const events = [
  { type: 'briefing.done', seen: ['whole', 'whole'] },
  tested('t1', 'whole'),
  tested('t2', 'gone'),
  tested('t3', 'torn'),
] as unknown as readonly TraceEvent[];

const reading = (texts: Readonly<Record<string, string>>) => ({
  readBlob: async (name: string) => {
    const text = texts[name];
    if (text === undefined) throw traceUnreadable('/runs/r/blobs.jsonl', `the text ${name} is not in it`);
    return text;
  },
});

test('results whose texts are gone or damaged are left out, so that these tests run again, and the others are taken over', async () => {
  const judged = await judgedIn(events, reading({ whole: JSON.stringify(report), torn: '{"passed":' }));
  expect(judged.seen).toHaveLength(2);
  const take = inOrder(judged);
  expect(['t1', 't2', 't3', 't1'].map((tree) => take(tree)?.tree)).toEqual(['t1', undefined, undefined, undefined]);
});

test('of the tests before any change all looks are known, or none', async () => {
  const [, ...rest] = events;
  const before = [{ type: 'briefing.done', seen: ['whole', 'gone'] }, ...rest] as unknown as readonly TraceEvent[];
  expect((await judgedIn(before, reading({ whole: JSON.stringify(report) }))).seen).toEqual([]);
});
