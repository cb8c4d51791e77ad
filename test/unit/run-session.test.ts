/** However a run ends, its trace ends with `run.finished`. The rooms around the session are stood in for here; whole runs are in test/process. */
import { expect, test } from 'vitest';
import { diskFull, gitFailed } from '../../src/errors.ts';
import { parseRequest } from '../../src/request/index.ts';
import { runSession } from '../../src/run/session.ts';
import { defaultRunSettings, type RunPorts } from '../../src/run/types.ts';
import type { NewEvent } from '../../src/trace/events.ts';

const session = (ports: Partial<RunPorts>, signal = new AbortController().signal) => {
  const events: NewEvent[] = [];
  const trace = { runId: 'r', emit: (event: NewEvent) => void events.push(event), blob: () => '', flush: async () => undefined };
  const all = {
    trace,
    clock: Date.now,
    models: { worker: { client: {}, model: 'm' } },
    designer: { name: 'solo' },
    copies: { workspace: '/w' },
    ...ports,
  } as unknown as RunPorts;
  const run = runSession({ request: parseRequest('Fix it'), settings: defaultRunSettings, program: 'test' }, all, signal);
  return { events, run };
};

const copiesWhose = (snapshot: () => Promise<never>) => ({ workspace: '/w', snapshot }) as unknown as RunPorts['copies'];

test('git trouble at the start', async () => {
  const { events, run } = session({
    copies: copiesWhose(async () => {
      throw gitFailed('add', 'broken', '/w');
    }),
  });
  expect(await run).toMatchObject({ outcome: 'failed', failure: { code: 'git-failed' } });
  expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'failed' });
});

test('a trace that can no longer be written is a failure of the environment, not a stop by the user', async () => {
  const broken = new AbortController();
  const { run } = session(
    {
      copies: copiesWhose(async () => {
        broken.abort(diskFull('/data'));
        throw new Error('aborted');
      }),
    },
    broken.signal,
  );
  expect(await run).toMatchObject({ outcome: 'failed', failure: { code: 'disk-full' } });
});

test('a stop is a stop, whatever the wait that was cut short says', async () => {
  const stop = new AbortController();
  const { run } = session(
    {
      copies: copiesWhose(async () => {
        stop.abort();
        throw new TypeError('anything');
      }),
    },
    stop.signal,
  );
  expect(await run).toMatchObject({ outcome: 'stopped', failure: { code: 'stopped' } });
});
