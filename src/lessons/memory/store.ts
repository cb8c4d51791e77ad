/**
 * What is remembered of the user's runs, in one file of the data folder: derived from their traces like `learned.json`, and what the user said of it.
 * It holds words of requests and changes, without their secrets.
 */
import path from 'node:path';
import * as z from 'zod';
import { createRedaction, knownSecrets } from '../../redaction/index.ts';
import type { RunPorts } from '../../run/types.ts';
import { readDerived, writeDerived, writeDurably } from '../derived.ts';
import { newest, type OpenStore, type ReadRun, readUpToSchema, workspaceName } from '../ended-runs.ts';
import { type Episode, episodeOf, episodeSchema } from './episode.ts';
import { type Effect, effectOf, lessonText, recall, type Words } from './recall.ts';
import { failingState } from './state.ts';

export const memoryFile = (dataDir: string): string => path.join(dataDir, 'memory.json');

/** Runs that are remembered, the newest. */
const mostEpisodes = 300;

const fileSchema = z.object({
  version: z.literal(1),
  ...readUpToSchema,
  /** In the order in which they began. */
  episodes: z.array(episodeSchema),
  /** The user's own text of a lesson, or that it is deleted, by its run. */
  words: z.record(z.string(), z.union([z.object({ text: z.string() }), z.object({ deleted: z.literal(true) })])),
});
type Stored = z.infer<typeof fileSchema>;

const emptyFrom = (since: number): Stored => ({ version: 1, since, lookedAt: since, olderUpTo: since, episodes: [], words: {} });

export interface MemoryReport extends Pick<Stored, 'episodes' | 'words' | 'since'> {
  /** The file was damaged: what it held is forgotten. */
  readonly damaged: boolean;
}

const read = (dataDir: string, clock: () => number) => readDerived(memoryFile(dataDir), fileSchema, emptyFrom, clock);

export async function openMemory(dataDir: string, clock: () => number): Promise<OpenStore<MemoryReport>> {
  const { stored: before, damaged } = await read(dataDir, clock);
  const episodes = new Map(before.episodes.map((episode) => [episode.runId, episode]));
  return {
    upTo: before,
    take: async (run) => {
      const episode = await remembered(run);
      if (episode === undefined) episodes.delete(run.runId);
      else episodes.set(run.runId, episode);
    },
    keep: async ({ upTo, changed }) => {
      const stored = bounded({ ...before, ...upTo, episodes: [...episodes.values()] });
      if (changed > 0 || damaged) await writeDerived(memoryFile(dataDir), fileSchema, stored);
      return { ...stored, damaged };
    },
  };
}

async function remembered(run: ReadRun): Promise<Episode | undefined> {
  const episode = await episodeOf(run);
  return episode && createRedaction({ known: knownSecrets(process.env) }).value(episode);
}

function bounded(stored: Stored): Stored {
  const { kept, olderUpTo } = newest(stored.episodes, mostEpisodes, stored.olderUpTo);
  const isDeleted = (runId: string): boolean => 'deleted' in (stored.words[runId] ?? {});
  const episodes = kept.map((episode) => (isDeleted(episode.runId) ? { ...episode, lesson: undefined } : episode));
  const known = new Set(episodes.map(({ runId }) => runId));
  const words = Object.fromEntries(Object.entries(stored.words).filter(([runId]) => known.has(runId)));
  return { ...stored, episodes, words, olderUpTo };
}

/** Forgets everything, and the runs until now as something to remember. Rejects when the file cannot be written. */
export async function resetMemory(dataDir: string, clock: () => number): Promise<void> {
  await writeDurably(memoryFile(dataDir), emptyFrom(clock()));
}

/** What is recalled for a run in this workspace. `known` is asked where the run began with failing tests. */
export function recallFrom(
  known: () => Promise<Pick<MemoryReport, 'episodes' | 'words'>>,
  workspace: string,
): NonNullable<RunPorts['recall']> {
  return async ({ request, briefing, window }) => {
    const state = failingState(briefing);
    if (state === undefined) return [];
    const { episodes, words } = await known();
    return recall(episodes, words, { workspace: workspaceName(workspace), state, directive: request.text, window });
  };
}

/** Characters of a lesson in the user's words: it goes into prompts. */
export const longestLesson = 1000;

/** The user's own text for a lesson, or its end: it is shown to nobody any more, and its text is gone. Rejects when the file cannot be written. */
export async function sayOfLesson(dataDir: string, runId: string, word: Words[string], clock: () => number): Promise<void> {
  const { stored } = await read(dataDir, clock);
  await writeDurably(memoryFile(dataDir), bounded({ ...stored, words: { ...stored.words, [runId]: word } }));
}

export interface RememberedLesson extends Effect {
  readonly id: string;
  readonly kind: 'fix' | 'warning';
  readonly role: string;
  readonly generation: string;
  readonly directive: string;
  readonly files: readonly string[];
  readonly text: string;
  /** The text is the user's. */
  readonly edited: boolean;
  readonly state: Episode['state'];
  /** Of its own run. */
  readonly own: { readonly before: Episode['before']; readonly after?: Episode['after']; readonly solved: boolean; readonly calls: number };
}

/** The lessons of a workspace, the newest first. */
export function lessonsIn({ episodes, words }: Pick<MemoryReport, 'episodes' | 'words'>, workspace: string): readonly RememberedLesson[] {
  const here = workspaceName(workspace);
  return episodes.toReversed().flatMap((episode) => {
    const { lesson, workspace: of, runId, generation, directive, state, before, after, solved, calls } = episode;
    const text = lessonText(episode, words);
    if (lesson === undefined || text === undefined || of !== here) return [];
    return [
      {
        ...{ id: runId, kind: lesson.kind, role: lesson.role, files: lesson.files, generation, directive, state, text },
        edited: words[runId] !== undefined,
        own: { before, ...(after && { after }), solved, calls },
        ...effectOf(episodes, episode),
      },
    ];
  });
}

/** Of the runs of a workspace that began with failing tests: how many were shown a lesson. */
export function shownShare(
  { episodes }: Pick<MemoryReport, 'episodes'>,
  workspace: string,
): { readonly runs: number; readonly shown: number } {
  const here = episodes.filter((episode) => episode.workspace === workspaceName(workspace));
  return { runs: here.length, shown: here.filter(({ shown }) => shown.length > 0).length };
}
