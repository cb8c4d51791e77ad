/** What can be done with a run from the palette and the view: each takes a run's id, an entry of the view, or nothing (then the user picks). */
import type * as vscode from 'vscode';
import { deleteRun, listingBadge, type RunListing } from '../../trace/index.ts';
import { forgetRun } from '../../workspace/index.ts';
import type { EditorHost, RunHandle } from '../flow-types.ts';
import { startWithProgress } from '../start/progress.ts';
import type { TreeNode } from '../tree/runs-tree.ts';
import { canResume, groupOf } from '../words.ts';
import type { EditorRunBook } from './book.ts';

export type RunArgument = string | RunHandle | TreeNode | undefined;

export interface RunCommandPorts {
  readonly host: EditorHost;
  readonly runs: EditorRunBook;
  /** The run whose tab is in front. */
  readonly activeRun: () => string | undefined;
  /** The model that a run was sent to by its name. */
  readonly modelOf: (runId: string) => string | undefined;
  readonly open: (handle: RunHandle) => Promise<void>;
  readonly reviewDiff: (handle: RunHandle) => Promise<void>;
  readonly followUp: (handle: RunHandle) => Promise<void>;
  /** Takes applied changes back, in this order. */
  readonly undo: (runIds: readonly string[]) => Promise<void>;
  readonly refresh: () => void;
  /** What is marked in the view. */
  readonly selected: () => readonly TreeNode[];
}

/** What the Delete key of the view hands over in place of a run. */
const ofSelection = 'selected';

export interface RunCommands {
  readonly commands: Readonly<Record<string, (argument: RunArgument, all?: readonly TreeNode[]) => Promise<void>>>;
  resume(runId: string): Promise<void>;
}

export function createRunCommands({
  host,
  runs,
  activeRun,
  modelOf,
  open,
  reviewDiff,
  followUp,
  undo,
  refresh,
  selected,
}: RunCommandPorts): RunCommands {
  const { vscode: api } = host;
  const { l10n, window } = api;

  const chosen = async (argument: RunArgument, fits: (listing: RunListing) => boolean): Promise<RunHandle | undefined> => {
    if (typeof argument === 'string') return runs.open(argument);
    if (argument !== undefined && 'runId' in argument) return argument;
    if (argument?.kind === 'run') return runs.open(argument.listing.runId);
    const listings = (await runs.list()).filter(fits);
    if (listings.length === 0) {
      await window.showInformationMessage(l10n.t('There is no run for which this can be done.'));
      return undefined;
    }
    const picked = await window.showQuickPick(
      listings.map((listing) => ({
        label: listing.summary.title || listing.runId,
        description: listingBadge(listing).word(l10n.t),
        listing,
      })),
      { placeHolder: l10n.t('Which run?'), matchOnDescription: true },
    );
    return picked && runs.open(picked.listing.runId);
  };
  const on =
    (fits: (listing: RunListing) => boolean, work: (handle: RunHandle) => Promise<void> | void) =>
    async (argument: RunArgument): Promise<void> => {
      const handle = await chosen(argument, fits);
      if (handle !== undefined) await work(handle);
    };
  const isLive = ({ runId }: RunListing): boolean => runs.live().some((handle) => handle.runId === runId);
  const isOver = (listing: RunListing): boolean => !['running', 'waiting'].includes(groupOf(listing));

  const resume = async (runId: string): Promise<void> => {
    const { start } = (await runs.open(runId)).state();
    if (start === undefined) {
      await window.showWarningMessage(l10n.t('This run broke off before it began, so there is nothing to go on from. Start it again.'));
      return;
    }
    const model = modelOf(runId);
    const continues = { runId, how: 'resume' } as const;
    const { request, workspace } = start;
    const named = model === undefined ? {} : { model };
    const begun = await startWithProgress(api, (signal) => runs.start({ request, workspace, continues, signal, ...named }));
    if (begun === undefined) return;
    await open(begun);
    runs.touched(runId);
  };

  /** Asks once for all of them. */
  const removeAll = async (handles: readonly RunHandle[]): Promise<void> => {
    const [first] = handles;
    if (first === undefined) return;
    const remove = l10n.t('Delete');
    const title = first.state().start?.request.text.split('\n')[0] ?? first.runId;
    const asked = { modal: true, detail: l10n.t('Everything recorded of it goes. Your files stay as they are.') };
    const question = handles.length === 1 ? l10n.t('Delete the run “{0}”?', title) : l10n.t('Delete {0} runs?', handles.length);
    if ((await window.showWarningMessage(question, asked, remove)) !== remove) return;
    for (const { runId } of handles) {
      await deleteRun(runs.dataDir, runId);
      await forgetRun(runs.dataDir, runId);
      runs.forget(runId);
    }
    refresh();
  };

  const isApplied = (listing: RunListing): boolean => isOver(listing) && listing.summary.standing.apply !== undefined;
  const mayUndo = async (listings: readonly RunListing[]): Promise<boolean> => {
    const [first] = listings;
    const yes = l10n.t('Take Back');
    const question =
      listings.length === 1
        ? l10n.t('Take back the change of “{0}”?', first?.summary.title || first?.runId || '')
        : l10n.t('Take back the changes of {0} runs?', listings.length);
    const detail = l10n.t('If a file has changed since, nothing is taken back. The change can be applied again.');
    return (await window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
  };

  const showActive = async (argument: RunArgument): Promise<void> => {
    const live = runs.live();
    const [only] = live;
    if (argument !== undefined || (only !== undefined && live.length === 1)) {
      const handle = await chosen(argument ?? only, () => true);
      if (handle === undefined) return;
      runs.lookedAt(handle.runId);
      await (handle.live || handle.state().result?.patch === undefined ? open(handle) : reviewDiff(handle));
    } else if (live.length > 1) await on(isLive, open)(undefined);
    else if (runs.starting().length > 0) await askToStopStarting(api, runs);
    else await api.commands.executeCommand('teamwright.runs.focus');
  };

  return {
    resume,
    commands: {
      'teamwright.openRun': on(
        () => true,
        (handle) => {
          runs.lookedAt(handle.runId);
          return open(handle);
        },
      ),
      'teamwright.reviewDiff': (argument) =>
        on(
          ({ summary }) => summary.changed === true,
          (handle) => {
            runs.lookedAt(handle.runId);
            return reviewDiff(handle);
          },
        )(argument ?? activeRun()),
      'teamwright.showActive': showActive,
      'teamwright.stopRun': async (argument) => {
        if (argument !== undefined && typeof argument === 'object' && 'kind' in argument && argument.kind === 'starting')
          argument.run.stop();
        else await on(isLive, (handle) => handle.stop())(argument);
      },
      'teamwright.pauseRun': on(isLive, (handle) => handle.controls?.pause()),
      'teamwright.continueRun': on(isLive, (handle) => handle.controls?.continue()),
      'teamwright.resumeRun': on(canResume, (handle) => resume(handle.runId)),
      'teamwright.followUp': on((listing) => isOver(listing) && listing.summary.outcome !== undefined, followUp),
      'teamwright.showTrace': on(
        () => true,
        async ({ runId }) => {
          await window.showTextDocument(api.Uri.from({ scheme: 'teamwright-trace', path: `/${runId}.txt` }), { preview: true });
        },
      ),
      'teamwright.undoRun': async (argument, all) => {
        const marked = argument === ofSelection ? selected() : (all ?? []);
        const applied = marked.filter((node) => node.kind === 'run').filter(({ listing }) => isApplied(listing));
        if (argument === ofSelection && applied.length === 0) return;
        const listings = applied.map(({ listing }) => listing);
        // By key nothing says which run is meant, so it is said first; so it is of several.
        if ((argument === ofSelection || listings.length > 1) && !(await mayUndo(listings))) return;
        // What was applied last goes first: it may stand on what was applied before.
        const newestFirst = listings.toSorted((a, b) => (b.summary.standing.apply?.at ?? 0) - (a.summary.standing.apply?.at ?? 0));
        if (newestFirst.length > 0) await undo(newestFirst.map(({ runId }) => runId));
        else await on(isApplied, ({ runId }) => undo([runId]))(argument);
      },
      'teamwright.deleteRun': async (argument, all) => {
        const marked = argument === ofSelection ? selected() : (all ?? []);
        const nodes = marked.filter((node) => node.kind === 'run').filter(({ listing }) => isOver(listing));
        if (argument === ofSelection && nodes.length === 0) return;
        if (nodes.length > 1) await removeAll(await Promise.all(nodes.map(({ listing }) => runs.open(listing.runId))));
        else await on(isOver, (handle) => removeAll([handle]))(nodes[0] ?? argument);
      },
    },
  };
}

async function askToStopStarting({ window, l10n }: Pick<typeof vscode, 'window' | 'l10n'>, runs: EditorRunBook): Promise<void> {
  const stop = l10n.t('Stop');
  if ((await window.showInformationMessage(l10n.t('A run is starting: its models are asked what they can do.'), stop)) === stop)
    for (const each of runs.starting()) each.stop();
}
