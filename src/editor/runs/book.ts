/** All runs of this machine that belong to an open folder: live ones of this window, and those on disk, whoever made them. */
import type * as vscode from 'vscode';
import { stopped } from '../../errors.ts';
import { realOrGiven } from '../../process/index.ts';
import type { RunResult } from '../../run/types.ts';
import { listRuns, newRunId, openRun } from '../../trace/index.ts';
import type { RunBook, RunHandle, StartingRun, StartOptions } from '../flow-types.ts';
import type { Launched } from './launch.ts';
import { createEditorRun, type EditorRun } from './run.ts';

export interface RunBookPorts {
  readonly vscode: typeof vscode;
  readonly dataDir: string;
  readonly clock: () => number;
  readonly random: () => number;
  /** Starts the run; see `launch`. Throws at once when nothing may be started here (no trust). */
  readonly launch: (run: EditorRun, options: StartOptions, stop: AbortController) => Promise<Launched>;
  /** Ids of the runs that are live in this window, kept so that the next window knows what it was that broke off. */
  readonly remember: (live: readonly string[]) => void;
  readonly onFailure: (error: unknown) => void;
}

export interface EditorRunBook extends RunBook, vscode.Disposable {
  /** A plan came that waits for the user, or was answered. */
  readonly onDidChangeWaiting: vscode.Event<RunHandle>;
  readonly onDidBegin: vscode.Event<RunHandle>;
  readonly onDidEnd: vscode.Event<{ readonly handle: RunHandle; readonly result: RunResult }>;
  /** The user has opened this run. */
  readonly onDidLookAt: vscode.Event<string>;
  lookedAt(runId: string): void;
  /** A deleted run is not looked at any more. */
  forget(runId: string): void;
  /** Stops every live run and waits for its end. What is live now stays remembered, so that it can be resumed. */
  close(reason: Error): Promise<void>;
}

export function createRunBook(ports: RunBookPorts): EditorRunBook {
  const api = ports.vscode;
  const changed = new api.EventEmitter<string | undefined>();
  const waitingChanged = new api.EventEmitter<RunHandle>();
  const begun = new api.EventEmitter<RunHandle>();
  const lookedAt = new api.EventEmitter<string>();
  const ended = new api.EventEmitter<{ handle: RunHandle; result: RunResult }>();
  const known = new Map<string, EditorRun>();
  const live = new Map<string, { run: EditorRun; stop: AbortController; result: Promise<RunResult> }>();
  const beginning = new Map<AbortController, StartingRun>();
  let closing = false;

  const make = (runId: string): EditorRun => {
    const run = createEditorRun({ vscode: api, runId, openTrace: () => openRun(ports.dataDir, runId), onFailure: ports.onFailure });
    known.set(runId, run);
    run.onDidChange(() => changed.fire(runId));
    run.onDidChangeWaiting(() => waitingChanged.fire(run.handle));
    return run;
  };

  const remember = (): void => {
    if (!closing) ports.remember([...live.keys()]);
  };

  const follow = async (run: EditorRun, result: Promise<RunResult>): Promise<void> => {
    const { runId } = run.handle;
    try {
      ended.fire({ handle: run.handle, result: await result });
    } catch (error) {
      ports.onFailure(error);
    } finally {
      live.delete(runId);
      remember();
      changed.fire(runId);
    }
  };

  const start = async (options: StartOptions): Promise<RunHandle> => {
    const stop = new AbortController();
    const runId = newRunId(ports.clock, ports.random);
    const run = make(runId);
    const giveUp = (): void => stop.abort(stopped('the user'));
    options.signal?.addEventListener('abort', giveUp, { once: true });
    beginning.set(stop, { runId, request: options.request, stop: giveUp });
    changed.fire(undefined);
    try {
      const { result } = await ports.launch(run, options, stop);
      live.set(runId, { run, stop, result });
      remember();
      void follow(run, result);
      begun.fire(run.handle);
      return run.handle;
    } catch (error) {
      known.delete(runId);
      run.dispose();
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', giveUp);
      beginning.delete(stop);
      changed.fire(undefined);
    }
  };

  const open = async (runId: string): Promise<RunHandle> => {
    const here = known.get(runId);
    if (here !== undefined) {
      await here.look();
      return here.handle;
    }
    const { runId: whole } = await openRun(ports.dataDir, runId);
    const run = known.get(whole) ?? make(whole);
    await run.look();
    return run.handle;
  };

  return {
    dataDir: ports.dataDir,
    start,
    open,
    live: () => [...live.values()].map(({ run }) => run.handle),
    list: async (of) => {
      const folders = of === 'all' ? [] : await openFolders(api);
      return (await listRuns(ports.dataDir)).filter((run) => folders.length === 0 || folders.includes(run.summary.workspace));
    },
    touched: (runId) => {
      void known.get(runId)?.look().catch(ports.onFailure);
      changed.fire(runId);
    },
    onDidChange: changed.event,
    onDidChangeWaiting: waitingChanged.event,
    onDidBegin: begun.event,
    onDidEnd: ended.event,
    onDidLookAt: lookedAt.event,
    lookedAt: (runId) => lookedAt.fire(runId),
    starting: () => [...beginning.values()],
    forget: (runId) => {
      known.get(runId)?.dispose();
      known.delete(runId);
    },
    close: async (reason) => {
      closing = true;
      for (const stop of [...beginning.keys(), ...[...live.values()].map((each) => each.stop)]) stop.abort(reason);
      await Promise.allSettled([...live.values()].map(({ result }) => result));
    },
    dispose: () => {
      for (const run of known.values()) run.dispose();
      for (const emitter of [changed, waitingChanged, begun, lookedAt, ended]) emitter.dispose();
    },
  };
}

/** Real paths, as traces name the workspace. */
const openFolders = (api: Pick<typeof vscode, 'workspace'>): Promise<string[]> =>
  Promise.all((api.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => realOrGiven(uri.fsPath)));
