/** The thread of the index: opens its file and answers one question after the other (`index-thread.ts`). */
import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from '../errors.ts';
import { openIndexFile } from './index-db.ts';
import { type Answer, opening, type Question } from './index-thread.ts';

const stops = new Map<number, AbortController>();

const answer = async (id: number, work: () => unknown): Promise<void> => {
  let said: Answer;
  try {
    said = { id, value: await work() };
  } catch (error) {
    said = { id, failure: failureOf(error) };
  }
  parentPort?.postMessage(said);
};

const index = openIndexFile(workerData as string);
await answer(opening, async () => {
  await index;
});

parentPort?.on('message', async (question: Question) => {
  const { id } = question;
  if ('stop' in question) {
    stops.get(id)?.abort();
    return;
  }
  const { ask, given } = question;
  const stop = new AbortController();
  stops.set(id, stop);
  await answer(id, async () => {
    const file = await index;
    if (ask === 'update') return file.update(stop.signal);
    return (file[ask] as (...asked: readonly unknown[]) => unknown)(...given);
  });
  stops.delete(id);
});
