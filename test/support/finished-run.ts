/** A run that has ended, with real snapshots in a real store and a real trace; no model was needed. For tests of what comes after a run. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Briefing } from '../../src/briefing/types.ts';
import type { Tampering } from '../../src/feedback/types.ts';
import type { NewEvent, Outcome } from '../../src/trace/events.ts';
import { createTrace } from '../../src/trace/index.ts';
import { openWorkspaceCopies } from '../../src/workspace/index.ts';
import type { Snapshot } from '../../src/workspace/types.ts';
import { team } from './plan-example.ts';
import { frozenByHand } from './repositories.ts';
import { hashOf, opening } from './trace-events.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from './workspaces.ts';

export interface FinishedRun {
  readonly workspace: TemporaryWorkspace;
  readonly runId: string;
  readonly base: Snapshot;
  readonly snapshots: Readonly<Record<string, Snapshot>>;
}

/** Undefined: deleted. */
export type Files = Readonly<Record<string, string | Buffer | undefined>>;

export interface FinishedRunOptions {
  /** Does more to a candidate's copy than writing files. */
  readonly change?: (root: string, candidate: string) => void;
  /** Test results of candidates; without an entry a candidate was not tested. */
  readonly tests?: Readonly<Record<string, { fixed?: string[]; broken?: string[]; stillFailing?: string[]; tampering?: Tampering[] }>>;
  /** How the run ended; solved when nothing is said. */
  readonly outcome?: Outcome;
  /** The run ended without handing a change over. */
  readonly withoutChange?: boolean;
}

const briefing: Briefing = {
  version: 1,
  languages: [],
  files: [],
  git: { kind: 'repository', detached: false, changed: 0, untracked: 0, submodules: [] },
  fileCount: 1,
  leftOut: [],
  ms: 1,
};

/** Candidates are the base with these files changed. The last one is chosen. */
export async function finishedRun(
  base: Readonly<Record<string, string>>,
  candidates: Readonly<Record<string, Files>>,
  options: FinishedRunOptions = {},
): Promise<FinishedRun> {
  const { signal } = new AbortController();
  const workspace = temporaryWorkspace(base);
  const runId = 'r1';
  const { root, dataDir } = workspace;
  const copies = await openWorkspaceCopies({ workspace: root, runId, dataDir });
  const { snapshot } = await copies.snapshot(signal);
  const snapshots: Record<string, Snapshot> = {};
  const trace = await createTrace({ dataDir, runId, clock: Date.now });
  /** What the example run only names is there. */
  const real = (event: NewEvent): NewEvent => {
    if (event.type === 'run.started') return { ...event, workspace: root };
    if (event.type === 'snapshot.taken') return { ...event, snapshot };
    if (event.type === 'briefing.done') return { ...event, briefing: trace.blob(JSON.stringify(briefing)) };
    return event.type === 'plan.proposed' ? { ...event, plan: trace.blob(team) } : event;
  };
  for (const event of opening) {
    trace.emit(real(event));
  }
  for (const [id, files] of Object.entries(candidates)) {
    const copy = await copies.create(id, snapshot, signal);
    for (const [path, content] of Object.entries(files)) {
      const at = join(copy.root, path);
      rmSync(at, { force: true });
      if (content === undefined) continue;
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, content);
    }
    options.change?.(copy.root, id);
    const frozen = frozenByHand(dataDir, snapshot, copy.root);
    snapshots[id] = frozen;
    const changed = Object.keys(files);
    const made = { candidate: id, from: 'start', step: 'make', agent: 'coder', snapshot: frozen, changed, levels: {}, problems: [] };
    trace.emit({ type: 'candidate.made', ...made });
    const tested = options.tests?.[id];
    if (tested === undefined) continue;
    const { fixed = [], broken = [], stillFailing = [], tampering = [] } = tested;
    const failed = broken.length + stillFailing.length;
    trace.emit({
      type: 'candidate.tested',
      candidate: id,
      report: hashOf(`report ${id}`),
      counts: { passed: fixed.length + 1, failed, skipped: 0, green: failed === 0 },
      ending: 'finished',
      delta: { fixed, broken, stillFailing, added: [], missing: [], newlySkipped: [] },
      tampering,
      breaches: [],
      tree: frozen.tree,
      ms: 100,
    });
  }
  const last = Object.keys(candidates).at(-1) ?? '';
  const chosen = options.withoutChange ? {} : { candidate: last, snapshot: snapshots[last], patch: trace.blob(`The change of ${last}.`) };
  const spend = { calls: 1, inputTokens: 1, outputTokens: 1, usd: 0, seconds: 1 };
  trace.emit({
    type: 'run.finished',
    outcome: options.outcome ?? (options.withoutChange ? 'tests-fail' : 'solved'),
    ...chosen,
    tampering: [],
    spend,
    reward: {},
  });
  await trace.close();
  await copies.dispose();
  return { workspace, runId, base: snapshot, snapshots };
}
