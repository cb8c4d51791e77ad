/** What the dashboard's numbers are of: folders and a time, as the user chose them. Pure. */
import { monthName, monthSpan, type RunFilter } from '../../lessons/index.ts';
import type { DashboardModel } from '../../webviews/dashboard-types.ts';
import { folderName } from './dashboard-months.ts';
import type { Speech } from './words.ts';

/** `open`: the folders that are open; `all`; or the path of one. */
type Folder = string;
/** `all`, `days-30`, or a month like `2026-11`. */
type Time = string;

export interface Chosen {
  readonly folder: Folder;
  readonly time: Time;
}

export interface SpendFilter {
  readonly chosen: Chosen;
  /** Paths of the folders that are open; none: runs of all are shown. */
  readonly open: readonly string[];
  /** Of which there are runs, most used first. */
  readonly folders: readonly string[];
  /** In which there are runs, newest first. */
  readonly months: readonly string[];
}

export const atFirst: Chosen = { folder: 'open', time: 'all' };

const dayMs = 86_400_000;

/** What fits; a folder or time that means nothing is that of the beginning. */
export function runFilter({ folder, time }: Chosen, open: readonly string[], now: number): RunFilter {
  const workspace = folder === 'all' || (folder === 'open' && open.length === 0) ? undefined : folder === 'open' ? open : [folder];
  const span = time === 'days-30' ? { since: now - 30 * dayMs } : monthSpan(time);
  return { ...(workspace && { workspace }), ...span };
}

/** The same for a run of a list. */
export function fits({ workspace, since, until }: RunFilter, folder: string, at: number): boolean {
  return (
    (workspace === undefined || workspace.includes(folder)) && (since === undefined || at >= since) && (until === undefined || at < until)
  );
}

export function filterModel({ chosen, open, folders, months }: SpendFilter, { l10n, locale }: Speech): DashboardModel['filter'] {
  const known = [...new Set([...folders, ...(['open', 'all'].includes(chosen.folder) ? [] : [chosen.folder])])];
  const times = [...new Set([...months, ...(monthSpan(chosen.time) ? [chosen.time] : [])])].sort().reverse();
  return {
    narrowed: folders.length > 0,
    folder: {
      value: open.length === 0 && chosen.folder === 'open' ? 'all' : chosen.folder,
      options: [
        ...(open.length > 0 ? [{ value: 'open', label: l10n.t('Open folders') }] : []),
        { value: 'all', label: l10n.t('All folders') },
        ...known.map((folder) => ({ value: folder, label: folderName(folder) })),
      ],
    },
    time: {
      value: chosen.time,
      options: [
        { value: 'all', label: l10n.t('All time') },
        { value: 'days-30', label: l10n.t('Last 30 days') },
        ...times.map((month) => ({ value: month, label: monthName(month, locale) })),
      ],
    },
  };
}
