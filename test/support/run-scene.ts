/** A whole run on a small real workspace with a scripted model: what tests of runs share. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { soloDesigner, soloTeam } from '../../src/design/index.ts';
import type { Designer } from '../../src/design/types.ts';
import { taughtByRuns } from '../../src/lessons/index.ts';
import type { ModelClient, ModelSet } from '../../src/models/types.ts';
import type { Plan } from '../../src/plan/index.ts';
import { parseRequest } from '../../src/request/index.ts';
import type { Request } from '../../src/request/types.ts';
import {
  createRunControls,
  defaultRunSettings,
  type ReviewAnswer,
  type RunResult,
  type RunSettings,
  runOnWorkspace,
  type WorkspaceRun,
} from '../../src/run/index.ts';
import type { ConnectableControls, Continuation } from '../../src/run/types.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { runDir } from '../../src/trace/index.ts';
import { killedHere } from './kept-end.ts';
import { type Script, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { eventLog, modelsAt, quickSum, type TemporaryWorkspace, temporaryWorkspace } from './workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export interface Setup {
  readonly script: Script;
  readonly files?: Readonly<Record<string, string>>;
  readonly git?: boolean;
  readonly name?: string;
  /** Folder of the project that the run is on; default: the whole. */
  readonly folder?: string;
  /** Called with the project's root before the run: for what git is not to know. */
  readonly prepare?: (root: string) => void;
  readonly request?: string;
  /** In place of the request's words alone. */
  readonly asked?: Request;
  readonly designer?: Designer;
  readonly settings?: Partial<RunSettings>;
  readonly review?: WorkspaceRun['review'];
  readonly approveBelow?: WorkspaceRun['approveBelow'];
  readonly capabilities?: Parameters<typeof modelsAt>[1];
  readonly price?: Parameters<typeof modelsAt>[2];
  /** In place of what the client does with a call. */
  readonly chat?: ModelClient['chat'];
  readonly signal?: AbortSignal;
  /** Earlier runs teach, as these settings let them. */
  readonly learning?: Parameters<typeof taughtByRuns>[1];
  readonly askUser?: WorkspaceRun['askUser'];
  readonly diagnose?: WorkspaceRun['diagnose'];
  readonly servers?: WorkspaceRun['servers'];
  readonly clock?: () => number;
  /** The workspace and data folder of an earlier scene. */
  readonly on?: TemporaryWorkspace;
  readonly continues?: Continuation;
  readonly onEvent?: (event: TraceEvent, controls: ConnectableControls) => void;
}

export interface Scene {
  readonly workspace: TemporaryWorkspace;
  readonly server: ScriptedServer;
  readonly log: ReturnType<typeof eventLog>;
  /** The workspace's files before the run. */
  readonly before: Readonly<Record<string, string>>;
  readonly controls: ConnectableControls;
  run(): Promise<RunResult>;
}

const withChat = ({ worker, strong }: ModelSet, chat: ModelClient['chat']): ModelSet => ({
  worker: { ...worker, client: { ...worker.client, chat } },
  strong: { ...strong, client: { ...strong.client, chat } },
});

export const approveAll = async ({ hash }: { hash: string }): Promise<ReviewAnswer> => ({ kind: 'approve', hash, by: 'flag' });

/** Everything of a scene is gone after the test. */
export async function start(setup: Setup): Promise<Scene> {
  const workspace = setup.on ?? temporaryWorkspace(setup.files ?? quickSum, { git: setup.git, name: setup.name });
  if (!setup.on) cleanUps.push(workspace.dispose);
  const server = await startScriptedServer(setup.script);
  cleanUps.push(server.close);
  const log = eventLog();
  const before = workspace.contents();
  setup.prepare?.(workspace.root);
  const controls = createRunControls();
  const models = modelsAt(server.url, setup.capabilities, setup.price);
  const run = () =>
    runOnWorkspace(
      {
        workspace: join(workspace.root, setup.folder ?? ''),
        dataDir: workspace.dataDir,
        request: setup.asked ?? parseRequest(setup.request ?? 'The tests fail. Fix the bug in sum.js.'),
        models: setup.chat ? withChat(models, setup.chat) : models,
        designer: setup.designer ?? soloDesigner(),
        settings: { ...defaultRunSettings, testLimits: { wallMs: 30_000, idleMs: 30_000, outputBytes: 64_000 }, ...setup.settings },
        ...(setup.learning &&
          taughtByRuns({ ...workspace, workspace: workspace.root, clock: Date.now }, setup.learning, new AbortController().signal)),
        review: setup.review ?? approveAll,
        approveBelow: setup.approveBelow,
        mayRunUnfenced: async () => true,
        askUser: setup.askUser,
        diagnose: setup.diagnose,
        servers: setup.servers,
        clock: setup.clock,
        onEvent: (event) => {
          log.onEvent(event);
          setup.onEvent?.(event, controls);
        },
        program: 'test',
        secrets: [],
        controls,
        continues: setup.continues,
      },
      setup.signal ?? new AbortController().signal,
    );
  return { workspace, server, log, before, controls, run };
}

/** A run that has ended, with the scene that it left. */
export type Ended = Pick<Scene, 'workspace' | 'log' | 'before'> & { readonly result: RunResult };

/**
 * A run made once for all tests of a file that begin where it ended. Each of them gets the project and the data folder as the run left them, in the same place:
 * so one test at a time.
 */
export function endedOnce(setup: Setup): () => Promise<Ended> {
  let made: Promise<Ended> | undefined;
  const kept = join(mkdtempSync(join(tmpdir(), 'teamwright-kept-')), 'left');
  afterAll(() => rmSync(dirname(kept), { recursive: true, force: true, maxRetries: 5 }));
  const copy = (from: string, to: string): void => cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return async () => {
    made ??= (async () => {
      const { workspace, log, before, run } = await start(setup);
      const result = await run();
      copy(dirname(workspace.root), kept);
      return { workspace, log, before, result };
    })();
    const ended = await made;
    const place = dirname(ended.workspace.root);
    rmSync(place, { recursive: true, force: true, maxRetries: 5 });
    copy(kept, place);
    cleanUps.push(ended.workspace.dispose);
    return ended;
  };
}

/** All samples side by side. */
export const parallelSamples = (samples: number): Plan => {
  const plan = soloTeam(samples, 'easy');
  return { ...plan, steps: plan.steps.map((step) => (step.do === 'generate' ? { ...step, stop: 'never' as const } : step)) };
};

export const copiesLeft = (workspace: TemporaryWorkspace): string[] => {
  const folder = join(workspace.dataDir, 'copies');
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => name !== '.trash')
    : [];
};

/** The trace as a process would have left it that was killed right after this event. */
export function cutAfter({ dataDir }: TemporaryWorkspace, runId: string, seq: number): void {
  const dir = runDir(dataDir, runId);
  const lines = readFileSync(join(dir, 'events.jsonl'), 'utf8').split('\n');
  writeFileSync(join(dir, 'events.jsonl'), `${lines.slice(0, seq + 1).join('\n')}\n`);
  killedHere(dir);
  rmSync(join(dir, 'summary.json'), { force: true });
}
