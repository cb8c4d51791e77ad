/** What an editor shows of a repair that is under way, and how a user points it at another line. */
import { afterEach, expect, test } from 'vitest';
import type { RunHandle } from '../../src/editor/flow-types.ts';
import { createHost } from '../../src/editor/host.ts';
import { createSuspiciousLines } from '../../src/editor/runs/suspicious-lines.ts';
import type { NewEvent } from '../../src/trace/events.ts';
import { fold } from '../../src/trace/index.ts';
import { type OpenedEditor, openEditorCore } from '../support/editor.ts';
import { attempt, enveloped, opening } from '../support/trace-events.ts';

let editor: OpenedEditor | undefined;
afterEach(() => editor?.[Symbol.asyncDispose]());

const ranked: NewEvent = {
  type: 'places.ranked',
  step: 'mend',
  path: 'r0/mend',
  places: [
    { path: 'sum.js', line: 2, endLine: 2, suspicion: 2, because: ['spectrum'] },
    { path: 'sum.js', line: 1, endLine: 1, suspicion: 1, because: [] },
    { path: 'other.js', line: 1, endLine: 1, suspicion: 1, because: [] },
  ],
};
const tried: NewEvent = {
  type: 'place.tried',
  step: 'mend',
  call: 'r0/mend/1',
  file: 'sum.js',
  line: 2,
  how: 'fill',
  passed: 1,
  failed: 1,
};
const started: NewEvent = { type: 'step.started', step: 'mend', path: 'r0/mend', kind: 'repair' };
const ended: NewEvent = { type: 'step.done', step: 'mend', path: 'r0/mend', ms: 5 };

async function scene() {
  const opened = await openEditorCore({ script: [] });
  editor = opened;
  const { fake, workspace } = opened;
  const drawn: string[][] = [];
  const pointed: string[] = [];
  const host = createHost(fake.vscode, fake.context);
  const document = await fake.vscode.workspace.openTextDocument(fake.vscode.Uri.file(`${workspace.root}/sum.js`));
  const shown = await fake.vscode.window.showTextDocument(document);
  shown.setDecorations = (_type, options) => {
    drawn.push(
      (options as readonly { range: { start: { line: number } }; hoverMessage: string }[]).map(
        ({ range, hoverMessage }) => `${range.start.line + 1} ${hoverMessage}`,
      ),
    );
  };
  let events: NewEvent[] = [...opening, ...attempt(1, false).slice(0, 1)].map((event) =>
    event.type === 'run.started' ? { ...event, workspace: workspace.root } : event,
  );
  const handle = {
    runId: 'r1',
    state: () => fold(enveloped(events)),
    controls: { point: (file: string, line: number) => pointed.push(`${file}:${line}`) },
  } as unknown as RunHandle;
  let changed: () => void = () => {};
  const runs = {
    live: () => [handle],
    onDidChange: (listener: () => void) => {
      changed = listener;
      return { dispose: () => {} };
    },
  } as never;
  const lines = createSuspiciousLines(host, runs);
  const say = (...more: NewEvent[]): void => {
    events = [...events, ...more];
    changed();
  };
  return { lines, say, drawn, pointed, shown, fake };
}

test('the suspicious lines of the file in front are drawn with their rank and why, and gone when the repair ends', async () => {
  const { lines, say, drawn } = await scene();
  say();
  expect(drawn).toEqual([]);
  say(started, ranked);
  expect(drawn.at(-1)).toEqual(['2 suspicious place 1: failing tests ran over it', '1 suspicious place 2: in a file that is in play']);
  say(tried);
  expect(drawn.at(-1)?.[0]).toBe('2 suspicious place 1: tried, tests failing at best: 1');
  say(ended);
  expect(drawn.at(-1)).toEqual([]);
  lines.dispose();
});

test('the line at the cursor is where the repair looks next; without a repair that is said', async () => {
  const { lines, say, pointed, fake } = await scene();
  const answered = lines.pointHere();
  const message = await fake.prompts.messages.next();
  expect(message.text).toBe('No repair is under way in the folder of this file.');
  message.dismiss();
  await answered;
  expect(pointed).toEqual([]);
  say(started, ranked);
  await lines.pointHere();
  expect(pointed).toEqual(['sum.js:1']);
  lines.dispose();
});
