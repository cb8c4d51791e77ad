/** The inside of the view of runs: groups by what is asked of the user, and in them the runs, newest first. */
import path from 'node:path';
import type * as vscode from 'vscode';
import { bytesAt, namesAt } from '../../process/index.ts';
import { requestTitle } from '../../request/index.ts';
import { listingBadge, type RunListing } from '../../trace/index.ts';
import { tellAll } from '../failure-table.ts';
import type { EditorHost, RunBook, StartingRun } from '../flow-types.ts';
import { badgeIcon, canResume, costText, groupOf, groupTitle, type RunGroup, runGroups, testsText, whenText } from '../words.ts';

export type TreeNode =
  | { readonly kind: 'group'; readonly group: RunGroup }
  | { readonly kind: 'starting'; readonly group: RunGroup; readonly run: StartingRun }
  | { readonly kind: 'run'; readonly group: RunGroup; readonly listing: RunListing };

export interface RunsTree extends vscode.Disposable {
  readonly onDidChange: vscode.Event<void>;
  children(node: TreeNode | undefined): Promise<TreeNode[]>;
  item(node: TreeNode): vscode.TreeItem;
  parent(node: TreeNode): TreeNode | undefined;
  resolve(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem;
  /** Only a visible view looks at the disk. */
  setVisible(visible: boolean): void;
  refresh(): void;
  /** What is marked in the view; the view tells. */
  select(nodes: readonly TreeNode[]): void;
  selected(): readonly TreeNode[];
}

/** How often a visible view looks whether another process changed something, ms. */
const lookMs = 1500;
/** Events of a live run come in bursts; the list is drawn at most so often, ms. */
const drawMs = 400;
/** Runs whose files are looked at; older ones hardly change from outside. */
const watched = 30;

export function createRunsTree(host: EditorHost, runs: RunBook, clock: () => number): RunsTree {
  const { vscode: api } = host;
  const changed = new api.EventEmitter<void>();
  let listed: readonly RunListing[] | undefined;
  let marked: readonly TreeNode[] = [];
  let mark = '';
  let look: NodeJS.Timeout | undefined;
  let draw: NodeJS.Timeout | undefined;

  const refresh = (): void => {
    listed = undefined;
    changed.fire();
  };
  const soon = (): void => {
    if (look === undefined || draw !== undefined) return;
    draw = setTimeout(() => {
      draw = undefined;
      refresh();
    }, drawMs);
  };
  const lookAround = async (): Promise<void> => {
    const now = await fingerprint(path.join(runs.dataDir, 'runs'));
    if (now === mark) return;
    mark = now;
    refresh();
  };
  // What was asked for just now is there at once; all else is drawn at most so often.
  const subscription = runs.onDidChange((runId) => {
    if (runId === undefined && look !== undefined) refresh();
    else soon();
  });

  const all = async (): Promise<readonly RunListing[]> => {
    listed ??= await runs.list();
    return listed;
  };
  const here = (runId: string) => runs.live().find((handle) => handle.runId === runId);

  const runItem = (listing: RunListing, group: RunGroup): vscode.TreeItem => {
    const { runId, summary } = listing;
    const item = new api.TreeItem(summary.title || runId);
    const live = here(runId);
    const elsewhere = live === undefined && (group === 'running' || group === 'waiting');
    const badge = listingBadge(listing, live?.state().paused);
    const word = badge.word(api.l10n.t);
    const state = elsewhere ? api.l10n.t('{0}, in another window', word) : word;
    item.id = runId;
    const began = summary.startedAt === undefined ? undefined : whenText(summary.startedAt, clock(), api.env.language);
    const preparing = live?.preparing();
    const waitsFor = preparing && (preparing === 'loading' ? api.l10n.t('loads the model') : api.l10n.t('reads the prompt'));
    item.description = [state, waitsFor, testsText(api.l10n, listing), costText(api, summary), began].filter(Boolean).join(' · ');
    item.iconPath = badgeIcon(api, badge);
    item.contextValue = flags(listing, group, live).join(' ');
    item.command = { command: 'teamwright.openRun', title: api.l10n.t('Open'), arguments: [runId] };
    item.accessibilityInformation = { label: `${summary.title}, ${item.description}` };
    return item;
  };

  return {
    onDidChange: changed.event,
    children: async (node) => {
      const listings = (await all()).map((listing) => ({ kind: 'run' as const, group: groupOf(listing), listing }));
      const starting = runs.starting().map((run) => ({ kind: 'starting' as const, group: 'running' as const, run }));
      const rows: TreeNode[] = [...starting, ...listings];
      if (node === undefined)
        return runGroups.filter((each) => rows.some(({ group }) => group === each)).map((group) => ({ kind: 'group', group }));
      return node.kind === 'group' ? rows.filter(({ group }) => group === node.group) : [];
    },
    item: (node) => {
      if (node.kind === 'run') return runItem(node.listing, node.group);
      if (node.kind === 'starting') return startingItem(api, node.run);
      const item = new api.TreeItem(groupTitle(api.l10n, node.group), api.TreeItemCollapsibleState.Expanded);
      item.id = `group ${node.group}`;
      item.contextValue = 'group';
      return item;
    },
    parent: (node) => (node.kind === 'group' ? undefined : { kind: 'group', group: node.group }),
    resolve: (item, node) => {
      if (node.kind === 'run') item.tooltip = tooltip(api, node.listing);
      return item;
    },
    setVisible: (visible) => {
      clearInterval(look);
      look = undefined;
      if (!visible) return;
      look = setInterval(() => void lookAround().catch((error) => void host.showFailure(error)), lookMs);
      look.unref();
      refresh();
    },
    refresh,
    select: (nodes) => {
      marked = nodes;
    },
    selected: () => marked,
    dispose: () => {
      clearInterval(look);
      clearTimeout(draw);
      subscription.dispose();
      changed.dispose();
    },
  };
}

/** Asked for just now: its models are asked what they can do. */
function startingItem(api: typeof vscode, { runId, request }: StartingRun): vscode.TreeItem {
  const item = new api.TreeItem(requestTitle(request));
  item.id = `starting ${runId}`;
  item.description = api.l10n.t('starting');
  item.iconPath = new api.ThemeIcon('sync~spin');
  item.contextValue = 'starting canStop';
  return item;
}

/** What can be done with the run; the manifest's menus ask for these words. */
function flags(listing: RunListing, group: RunGroup, live: { state(): { paused: boolean } } | undefined): string[] {
  const { summary } = listing;
  const active = group === 'running' || group === 'waiting';
  return [
    'run',
    live && !live.state().paused && group === 'running' && 'canPause',
    live?.state().paused && 'canContinue',
    live && 'canStop',
    summary.changed && 'hasDiff',
    !active && summary.standing.apply !== undefined && 'canUndo',
    canResume(listing) && 'canResume',
    !active && summary.outcome !== undefined && 'canFollow',
    !active && 'canDelete',
  ].filter((flag) => typeof flag === 'string');
}

function tooltip(api: typeof vscode, listing: RunListing): vscode.MarkdownString {
  const { MarkdownString, l10n } = api;
  const { summary } = listing;
  const text = new MarkdownString();
  text.appendText(summary.title);
  const started = summary.startedAt === undefined ? undefined : new Date(summary.startedAt).toLocaleString(api.env.language);
  const facts = [
    [l10n.t('State'), listingBadge(listing).word(l10n.t)],
    [l10n.t('Why'), summary.failure && tellAll(api, summary.failure)],
    [l10n.t('Tests'), testsText(l10n, listing)],
    [l10n.t('Cost'), costText(api, summary)],
    [l10n.t('Calls'), summary.spend.calls === 0 ? undefined : String(summary.spend.calls)],
    [l10n.t('Started'), started],
    [l10n.t('Folder'), summary.workspace],
    [l10n.t('Run'), listing.runId],
  ].filter(([, value]) => value !== undefined);
  for (const [name, value] of facts) {
    text.appendMarkdown(`\n\n**${name}:** `);
    text.appendText(value ?? '');
  }
  return text;
}

/** Changes when a run appears, goes, or a young one is written to. */
async function fingerprint(runsFolder: string): Promise<string> {
  const names = await namesAt(runsFolder);
  const newest = names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .slice(-watched);
  // One that is being made or deleted has no bytes yet, or none any more.
  const sizes = await Promise.all(newest.map((name) => bytesAt(path.join(runsFolder, name, 'events.jsonl'))));
  return `${names.length} ${newest.join()} ${sizes.join()}`;
}
