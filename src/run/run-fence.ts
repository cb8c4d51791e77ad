/**
 * How what is foreign in a run (tests, checks, the interpreter that is asked what it can import) is kept apart from this machine: the fence that
 * works here, what it shows for this workspace, and what the user granted.
 */
import { homedir, userInfo } from 'node:os';
import { fenceMissing } from '../errors.ts';
import { coverageOf, runAllowedCommand, runChecks, runTests } from '../feedback/index.ts';
import { type Fence, type Fenced, fenceView, findFence, type Grants, type NoFence, wantedBeyond } from '../process/index.ts';
import { gitSettingsForTests } from '../workspace/index.ts';
import type { WorkspaceCopies } from '../workspace/types.ts';
import type { RunPorts, WorkspaceRun } from './types.ts';

export interface RunFence {
  readonly kind: Fence | NoFence;
  /** The same copies; the fence learns what each was given. */
  readonly copies: WorkspaceCopies;
  /** For a command in this copy; undefined where the run has no fence. `offline`: without the network, whatever the user's settings open. */
  around(root: string, offline?: boolean): Fenced | undefined;
  /** Variables of the user that were granted. */
  readonly variables: Readonly<Record<string, string>>;
}

type Wish = Pick<WorkspaceRun, 'settings' | 'mayRunUnfenced'>;

/** Rejects with `fence-missing` when none works here and the user does not want to go without. */
export async function fenceOfRun(run: Wish, copies: WorkspaceCopies, dataDir: string, signal: AbortSignal): Promise<RunFence> {
  const kind = await chooseFence(run, copies.workspace);
  const asked = kind.by === 'none' ? Promise.resolve('') : gitSettingsForTests(copies.workspace, signal);
  // Told by the first copy: nothing is started before there is one.
  asked.catch(() => undefined);
  let homeFiles: Readonly<Record<string, string>> = {};
  const grants = { ...run.settings.grants, read: [...run.settings.grants.read, ...copies.beside] };
  const dependencies = new Map<string, readonly string[]>();
  const views = new Map<string, Fenced>();
  return {
    kind,
    copies: {
      ...copies,
      create: async (...call) => {
        homeFiles = { '.gitconfig': await asked };
        const copy = await copies.create(...call);
        const given = copy.provided.filter(({ how }) => how !== 'omitted').map(({ from }) => from);
        dependencies.set(copy.root, given);
        return copy;
      },
    },
    around: (root, offline = false) => {
      if (kind.by === 'none') return undefined;
      const given = dependencies.get(root) ?? [];
      const key = [String(offline), ...given].join('\n');
      const allowed = { ...grants, network: grants.network && !offline };
      const fenced =
        views.get(key) ?? fencedFor(kind, { hidden: [copies.workspace, dataDir], dependencies: given, grants: allowed, homeFiles });
      views.set(key, fenced);
      return fenced;
    },
    variables: variablesOf(grants),
  };
}

/** The fence that a run on this workspace has. Rejects like `fenceOfRun`. */
export async function chooseFence({ settings, mayRunUnfenced }: Wish, workspace: string): Promise<Fence | NoFence> {
  if (!settings.fence) return { by: 'none', reason: 'the fence is switched off' };
  const found = await findFence();
  if (found.by !== 'none' || (await mayRunUnfenced?.(found.reason, workspace))) return found;
  throw fenceMissing(found.reason);
}

/** Tests and checks, started behind it in a run's copies. */
export function toolsBehind(fence: RunFence): Pick<RunPorts, 'runTests' | 'coverageOf' | 'runChecks' | 'runAllowed'> {
  const { copies, variables: env } = fence;
  const around = (root: string, offline = false) => ({
    top: copies.topOf(root),
    fence: fence.around(root, offline),
    env,
    workspace: copies.workspace,
  });
  return {
    runTests: (command, root, limits, stop) => runTests(command, root, limits, around(root), stop),
    coverageOf: (command, root, limits, stop) => coverageOf(command, root, limits, around(root), stop),
    runChecks: (names, root, limits, stop) => runChecks(names, root, limits, stop, around(root)),
    runAllowed: async (argv, place, limits, stop) => {
      const options = around(place.root, !place.network);
      const result = await runAllowedCommand(argv, place, limits, options, stop);
      const wanted = options.fence === undefined ? [] : wantedBeyond(`${result.stdout}\n${result.stderr}`, options.fence.view);
      return { ...result, hostsWanted: wanted.flatMap(({ kind, what }) => (kind === 'network' ? [what] : [])) };
    },
  };
}

interface Seen {
  readonly hidden: readonly string[];
  readonly dependencies?: readonly string[];
  readonly grants?: Grants;
  readonly homeFiles?: Readonly<Record<string, string>>;
}

/** A fence with what this user's machine shows to tests. */
export function fencedFor(fence: Fence, seen: Seen): Fenced {
  return { fence, view: fenceView({ environment: process.env, homes: [homedir(), userInfo().homedir], ...seen }) };
}

function variablesOf({ variables }: Grants): Record<string, string> {
  return Object.fromEntries(
    variables.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
