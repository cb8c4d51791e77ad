#!/usr/bin/env node
/** Composition root of the command line: hands the process to `cli/`, and ends with its exit code. */
import { main } from './cli/index.ts';

// A reader that has left (`teamwright runs diff | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const code = await main(process, (at) => process.exit(at));
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
process.exit(code);
