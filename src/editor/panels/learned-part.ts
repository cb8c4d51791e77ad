/** What was learned, behind its part of the dashboard: read only while that is open, forgotten and changed only when the user says so. */
import { errorText } from '../../errors.ts';
import { knownRetention, longestLesson, resetTaught, ruleFor, sayOfLesson, type Taught, updateTaught } from '../../lessons/index.ts';
import type { LearnedModel } from '../../webviews/dashboard-types.ts';
import type { Command } from '../../webviews/messages-types.ts';
import type { EditorHost } from '../flow-types.ts';
import { learnedView } from './learned-view.ts';
import { count } from './words.ts';

export interface LearnedPart {
  /** Undefined while nobody looks at it. */
  model(folders: readonly string[], signal: AbortSignal): Promise<LearnedModel | undefined>;
  /** Whether what is shown is another one now. */
  command(command: Command): Promise<boolean>;
}

export function createLearnedPart(host: EditorHost, dataDir: string, clock: () => number): LearnedPart {
  const { l10n, window, workspace, env } = host.vscode;
  const speech = { l10n, locale: env.language };
  const damaged = new Set<keyof Taught>();
  let shown = false;
  let known: Taught | undefined;
  let done: string | undefined;

  const asked = async (question: string, detail: string, button: string): Promise<boolean> =>
    (await window.showWarningMessage(question, { modal: true, detail }, button)) === button;

  const forget = async (): Promise<boolean> => {
    const runs = count(known?.experience.experience.runs ?? 0, speech);
    const lessons = count(known?.memory.episodes.filter(({ lesson }) => lesson !== undefined).length ?? 0, speech);
    const teams = count(Object.keys(known?.teams.teams ?? {}).length, speech);
    const detail = l10n.t(
      'For all folders and for good: what is believed (runs: {0}), the lessons in memory ({1}) and the teams of the library ({2}). Runs until now never teach again. The runs themselves and teams saved in a folder stay.',
      ...[runs, lessons, teams],
    );
    if (!(await asked(l10n.t('Forget what was learned?'), detail, l10n.t('Forget What Was Learned')))) return false;
    await resetTaught(dataDir, clock);
    damaged.clear();
    done = l10n.t('Forgotten is what runs taught (runs: {0}). Plans are made by what ships with Teamwright.', runs);
    return true;
  };

  /** A page may be older than what is known: only a lesson that is there can be changed. */
  const isThere = (id: string): boolean =>
    known?.memory.episodes.some(({ runId, lesson }) => runId === id && lesson !== undefined) === true;

  const edit = async (id: string, text: string): Promise<boolean> => {
    const words = text.trim();
    if (!isThere(id) || words === '' || words.length > longestLesson) {
      done = l10n.t(
        'Nothing was changed: the lesson is gone, or its text is empty or longer than {0} characters.',
        count(longestLesson, speech),
      );
      return true;
    }
    await sayOfLesson(dataDir, id, { text: words }, clock);
    done = l10n.t('Agents are shown your words from now on.');
    return true;
  };

  const remove = async (id: string): Promise<boolean> => {
    const detail = l10n.t('No agent is shown it any more, and its text is deleted. The run that it comes from stays.');
    if (!(await asked(l10n.t('Delete this lesson?'), detail, l10n.t('Delete')))) return false;
    await sayOfLesson(dataDir, id, { deleted: true }, clock);
    done = l10n.t('Deleted: nobody is shown this lesson any more.');
    return true;
  };

  const read = async (folders: readonly string[], signal: AbortSignal): Promise<LearnedModel> => {
    const kept = await knownRetention(dataDir);
    known = await updateTaught(dataDir, clock, signal);
    for (const part of ['experience', 'memory', 'teams', 'reliability'] as const) if (known[part].damaged) damaged.add(part);
    const settings = workspace.getConfiguration('teamwright.learning');
    return learnedView(
      {
        taught: known,
        folders: folders.map((path) => ({ path, excluded: kept !== undefined && ruleFor(kept, path).never === true })),
        damaged,
        rulesUnreadable: kept === undefined,
        off: ['ownRuns', 'memory'].flatMap((name) => (settings.get(name) === false ? [`teamwright.learning.${name}`] : [])),
        done,
      },
      speech,
    );
  };

  return {
    model: async (folders, signal) => {
      if (!shown) return undefined;
      try {
        return await read(folders, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        // The numbers of the dashboard do not depend on it.
        const text = l10n.t('What was learned could not be read: {0}', errorText(error));
        return { notices: [{ kind: 'error', text }], summary: '', canForget: true, longestLesson, folders: [] };
      }
    },
    command: async (command) => {
      switch (command.type) {
        case 'show-learned':
          shown = command.shown;
          done = undefined;
          return true;
        case 'forget-learned':
          return forget();
        case 'edit-lesson':
          return edit(command.id, command.text);
        case 'delete-lesson':
          return remove(command.id);
        default:
          return false;
      }
    },
  };
}
