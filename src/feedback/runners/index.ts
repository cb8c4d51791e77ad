import type { RunnerName } from '../types.ts';
import { cargoTest } from './cargo-test.ts';
import { goTest } from './go-test.ts';
import { jest, mocha, vitest } from './javascript.ts';
import { nodeTest } from './node-test.ts';
import { pytest } from './pytest.ts';
import type { Runner } from './runner.ts';
import { unittest } from './unittest.ts';

/** Every runner with a report of its own. `command`, any other command, is judged by its exit code. */
export const runners: Readonly<Record<Exclude<RunnerName, 'command'>, Runner>> = {
  'node-test': nodeTest,
  vitest,
  jest,
  mocha,
  pytest,
  unittest,
  'go-test': goTest,
  'cargo-test': cargoTest,
};
