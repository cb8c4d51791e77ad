/** Writes a trace as fast as it can until it is killed; prints the number of events after each flush. `argv`: data folder, run id. */
import { createTrace } from '../../src/trace/index.ts';
import { hashOf } from '../support/trace-events.ts';

const [dataDir, runId] = process.argv.slice(2) as [string, string];
const trace = await createTrace({ dataDir, runId, clock: Date.now });
const random = () => Math.floor(Math.random() * 4000);
for (let count = 0; ; ) {
  for (let n = 0; n < 1 + (random() % 40); n += 1, count += 1) {
    const text = trace.blob(`${runId} ${process.pid} ${count} ${'ä'.repeat(random())}`);
    trace.emit({ type: 'note.written', step: `s${count}`, agent: 'a'.repeat(random()), text, verdict: 'none' });
    if (count % 7 === 0) trace.emit({ type: 'loop.found', agent: hashOf(text), detail: '', action: 'warned' });
  }
  await trace.flush();
  process.stdout.write(`${count}\n`);
}
