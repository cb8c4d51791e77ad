/**
 * The index in a thread of its own: SQLite and the reading of thousands of traces would hold up the program that asks, which in the editor is
 * every extension of the window.
 */
import { Worker } from 'node:worker_threads';
import { type RecordedFailure, recordedError, stopOf, stopped, TeamwrightError, throwIfStopped } from '../errors.ts';
import type { IndexFile, IndexQueries, RunIndex } from './index-types.ts';

type Asked = Exclude<keyof IndexFile, 'close'>;

/** `stop` goes to the call with this id. */
export type Question = { readonly id: number } & ({ readonly ask: Asked; readonly given: readonly unknown[] } | { readonly stop: true });
export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly failure: RecordedFailure });

/** The id of the answer that says that the index is open, which nobody has to ask for. */
export const opening = 0;

/**
 * Opens the index of the data folder, made when it is absent. It shows what the last `update` saw. Rejects with `index-unusable`. The caller
 * closes it.
 */
export async function openRunIndex(dataDir: string): Promise<RunIndex> {
  const here = import.meta.url;
  const worker = new Worker(new URL(here.endsWith('.ts') ? './index-worker.ts' : './run-index.js', here), { workerData: dataDir });
  const waiting = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }>();
  let asked = opening;
  let ended: unknown;

  const end = (error: unknown): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', ({ id, ...answer }: Answer) => {
    const caller = waiting.get(id);
    waiting.delete(id);
    if ('value' in answer) caller?.resolve(answer.value);
    else caller?.reject(recordedError(answer.failure));
  });
  worker.on('error', (error) =>
    end(new TeamwrightError('internal', { detail: `The thread of the index broke: ${error}` }, { cause: error })),
  );
  worker.on('exit', () => end(stopped('the end of the index')));

  const answerTo = <T>(id: number): Promise<T> =>
    new Promise<T>((resolve, reject) => waiting.set(id, { resolve: resolve as (value: unknown) => void, reject }));
  const send = (question: Question): void => worker.postMessage(question);
  const ask = async <T>(what: Asked, given: readonly unknown[], signal?: AbortSignal): Promise<T> => {
    if (signal) throwIfStopped(signal);
    if (ended !== undefined) throw ended;
    asked += 1;
    const id = asked;
    const answer = answerTo<T>(id);
    send({ id, ask: what, given });
    const stop = (): void => send({ id, stop: true });
    signal?.addEventListener('abort', stop);
    try {
      return await answer;
    } catch (error) {
      throw signal?.aborted ? stopOf(signal) : error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  };
  const close = async (): Promise<void> => {
    await worker.terminate();
  };
  const query =
    <Q extends keyof IndexQueries>(what: Q) =>
    (...given: Parameters<IndexQueries[Q]>): Promise<ReturnType<IndexQueries[Q]>> =>
      ask(what, given);

  try {
    await answerTo(opening);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    update: (signal) => ask('update', [], signal),
    totals: query('totals'),
    days: query('days'),
    spendByMonth: query('spendByMonth'),
    spendByModel: query('spendByModel'),
    spendByRole: query('spendByRole'),
    teams: query('teams'),
    workspaces: query('workspaces'),
    problems: query('problems'),
    changed: query('changed'),
    close,
  };
}
