/** Fills the small disk mounted at /mnt with a trace, and tells what happened as JSON. */
import fs from 'node:fs';
import type { TeamwrightError } from '../../src/errors.ts';
import { createTrace, runDir } from '../../src/trace/index.ts';
import { readTrace } from '../../src/trace/reader.ts';

const told: string[] = [];
const trace = await createTrace({ dataDir: '/mnt', runId: 'r1', clock: Date.now, onFailure: (error) => told.push(error.code) });
const codeOf = (error: unknown): string => (error as TeamwrightError).code;

let flushed = 0;
let code = '';
for (let count = 1; code === '' && count < 10_000; count += 1) {
  trace.emit({ type: 'note.written', step: 's'.repeat(1000), agent: 'a', text: trace.blob(`${count}`), verdict: 'none' });
  // Some turns pass without a flush, so that the failure is met in the background too.
  await new Promise((resolve) => setImmediate(resolve));
  if (count % 10 !== 0) continue;
  await trace.flush().then(
    () => (flushed = count),
    (error) => (code = codeOf(error)),
  );
}
const closing = await trace.close().then(() => 'closed', codeOf);
const { events, damage } = await readTrace(runDir('/mnt', 'r1'));
const locks = fs.readdirSync(runDir('/mnt', 'r1')).filter((name) => name.startsWith('lock'));
const tail = damage.garbage === 0 ? 'readable' : 'damaged';
process.stdout.write(JSON.stringify({ code, told, closing, lost: Math.max(0, flushed - events.length), locks, tail }));
