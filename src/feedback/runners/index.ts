import type { RunnerName } from '../types.ts';
import { nodeTest } from './node-test.ts';
import { pytest } from './pytest.ts';
import type { Runner } from './runner.ts';

/** Every runner with a report of its own. `command`, any other command, is judged by its exit code. */
export const runners: Partial<Readonly<Record<RunnerName, Runner>>> = {
  'node-test': nodeTest,
  pytest,
};
