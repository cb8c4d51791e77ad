/** The tab of one run: its state, its stream, and the ways to steer it. Works the same for a run that ended long ago. */
import type * as vscode from 'vscode';
import { ZodError } from 'zod';
import { errorText, isTeamwrightError } from '../../errors.ts';
import { type TestReport, testReportSchema } from '../../feedback/types.ts';
import { type Plan, parsePlan } from '../../plan/index.ts';
import type { TraceEvent } from '../../trace/events.ts';
import { openRun } from '../../trace/index.ts';
import type { Command } from '../../webviews/messages-types.ts';
import type { RunModel } from '../../webviews/run-types.ts';
import type { EditorHost, PanelsPorts, RunHandle } from '../flow-types.ts';
import { namesIn } from './answer-view.ts';
import { createEventLog } from './event-log.ts';
import { followRun } from './follow-run.ts';
import { hostPage, type PageHost } from './page-host.ts';
import { parentNameOf } from './parent-run.ts';
import { bestSoFar } from './plan-before.ts';
import { mostTries } from './run-now.ts';
import { type RunViewInput, runView } from './run-view.ts';
import { createSpeechBuffer, type SpeechBuffer } from './speech-buffer.ts';
import { markTab } from './tab-mark.ts';
import type { Speech } from './words.ts';
import { filesThere, openWorkspaceFile } from './workspace-files.ts';

export interface RunPanelPorts {
  readonly host: EditorHost;
  readonly runs: PanelsPorts['runs'];
  readonly reviewDiff: PanelsPorts['reviewDiff'];
  readonly showReview: (handle: RunHandle, column: vscode.ViewColumn | undefined) => Promise<void>;
  readonly resume: (handle: RunHandle) => Promise<void>;
  /** Asks what should be different; a run that goes on from this one begins. */
  readonly sendBack: (handle: RunHandle) => Promise<void>;
  /** Asks for a model; when another one was chosen, the same request begins anew. */
  readonly otherModel: (handle: RunHandle) => Promise<void>;
  /** What of the change stands is tested by itself. */
  readonly testAccepted: (handle: RunHandle) => Promise<void>;
  readonly clock: () => number;
}

/** Streams are sent ten times a second, clocks are moved once a second. */
const streamMs = 100;
const tickMs = 1000;

export function openRunPanel(panel: vscode.WebviewPanel, handle: RunHandle, ports: RunPanelPorts): PageHost {
  const { host, runs } = ports;
  const speech: Speech = { l10n: host.vscode.l10n, locale: host.vscode.env.language };
  const buffer = createSpeechBuffer();
  const plans = new Map<string, Plan>();
  const notes = new Map<string, string>();
  let ownerAlive = handle.live;
  let round: number | undefined;
  let answer: RunViewInput['answer'];
  const parentName = parentNameOf(handle, runs);
  let streaming: ReturnType<typeof setTimeout> | undefined;

  const log = createEventLog(async () => {
    const run = await openRun(runs.dataDir, handle.runId);
    const { events } = await run.read();
    ownerAlive = handle.live || run.ownerAlive();
    return events;
  }, ports.clock);

  const model = async (): Promise<RunModel> => {
    const events = await log.all();
    const state = handle.state();
    await readTexts(handle, plans, notes);
    await readReplies(handle, events, buffer);
    if (panel.visible) page.stream(buffer.news());
    const report = await readReport(handle);
    const question = handle.question();
    answer ??= await readAnswer(host, handle);
    const parent = await parentName();
    markTab(host.vscode, panel, { kind: 'run', runId: handle.runId, state, ownerAlive: handle.live || ownerAlive });
    return runView(
      {
        runId: handle.runId,
        ...(parent !== undefined && { parent }),
        state,
        live: handle.live,
        ownerAlive: handle.live || ownerAlive,
        plans,
        notes,
        events,
        spoken: buffer.spoken(),
        ...(report && { report }),
        ...(question && { question }),
        ...(answer && { answer }),
        now: ports.clock(),
        ...(round !== undefined && { round }),
      },
      speech,
    );
  };

  const command = async (given: Exclude<Command, { type: 'ready' }>): Promise<void> => {
    switch (given.type) {
      case 'pause':
        return handle.controls?.pause();
      case 'continue':
        return handle.controls?.continue();
      case 'stop':
        return handle.stop();
      case 'skip':
        return handle.controls?.skip(given.path);
      case 'hint':
        return handle.controls?.hint(given.agent, given.text);
      case 'answer':
        return handle.answer(given.question, given.text);
      case 'raise-budget':
        return handle.controls?.raiseBudget({ [given.name]: given.limit });
      case 'open-diff':
        return ports.reviewDiff(handle);
      case 'test-accepted':
        return ports.testAccepted(handle);
      case 'open-review':
        return ports.showReview(handle, panel.viewColumn);
      case 'resume':
        return ports.resume(handle);
      case 'send-back':
        return ports.sendBack(handle);
      case 'other-model':
        return ports.otherModel(handle);
      case 'open-place':
        return openWorkspaceFile(host, handle, given.path, given.line, given.endLine);
      case 'point':
        return handle.controls?.point(given.path, given.line);
      case 'select-round':
        round = given.round;
        return page.refresh();
      default:
        host.log.warn(`The run page does not know "${given.type}".`);
    }
  };

  const page = hostPage(host, panel, {
    page: 'run',
    runId: handle.runId,
    model,
    command,
    standing: () => page.stream(buffer.whole()),
  });
  const sendStream = (): void => {
    streaming = undefined;
    page.stream(buffer.news());
  };
  const subscriptions = [
    followRun(panel, handle, (event) => {
      // A live run tells each event, and only those; another process's trace is read anew.
      if (event || !handle.live) log.note(event);
      if (event?.type === 'call.started') buffer.begin(event.call);
      page.refresh();
    }),
    handle.onDidStream((call, _agent, delta) => {
      buffer.add(call, delta);
      if (panel.visible) streaming ??= setTimeout(sendStream, streamMs);
    }),
  ];
  const ticking = setInterval(() => handle.live && panel.visible && page.refresh(), tickMs);
  page.onDidDispose(() => {
    clearInterval(ticking);
    clearTimeout(streaming);
    for (const each of subscriptions) each.dispose();
  });
  return page;
}

/** Replies of the last calls that this window did not hear, so that each try has its text. A text that cannot be read says so in its place. */
async function readReplies(handle: RunHandle, events: readonly TraceEvent[], buffer: SpeechBuffer): Promise<void> {
  const done = events.filter((event) => event.type === 'call.done').slice(-mostTries);
  for (const { call, reply } of done) {
    if (buffer.has(call)) continue;
    try {
      const { reasoning = '', text = '' } = JSON.parse(await handle.readBlob(reply)) as { reasoning?: string; text?: string };
      buffer.put(call, [reasoning, text].filter((part) => part !== '').join('\n\n'));
    } catch (error) {
      buffer.put(call, errorText(error));
    }
  }
}

/** What the tests said of what an ended run hands over, or of its best try. */
async function readReport(handle: RunHandle): Promise<TestReport | undefined> {
  const state = handle.state();
  if (state.result === undefined) return undefined;
  const chosen = state.candidates.find(({ id }) => id === state.result?.candidate) ?? bestSoFar(state);
  if (chosen?.test === undefined) return undefined;
  try {
    return testReportSchema.parse(JSON.parse(await handle.readBlob(chosen.test.report)));
  } catch (error) {
    // Only the names of failing tests are missing then; the page stands all the same.
    if (isTeamwrightError(error) || error instanceof SyntaxError || error instanceof ZodError) return undefined;
    throw error;
  }
}

/** What was asked for, and which of the names in it are files now. */
async function readAnswer(host: EditorHost, handle: RunHandle): Promise<RunViewInput['answer']> {
  const blob = handle.state().result?.answer;
  if (blob === undefined) return undefined;
  const text = await handle.readBlob(blob);
  return { text, files: await filesThere(host, handle, namesIn(text)) };
}

/** Plans and notes lie beside the trace; each is read once. */
async function readTexts(handle: RunHandle, plans: Map<string, Plan>, notes: Map<string, string>): Promise<void> {
  const state = handle.state();
  for (const { hash, plan } of state.plans) {
    if (plans.has(hash)) continue;
    const parsed = parsePlan(await handle.readBlob(plan));
    if (parsed.plan) plans.set(hash, parsed.plan);
  }
  for (const { text } of state.notes) if (!notes.has(text)) notes.set(text, await handle.readBlob(text));
}
