/** Sends the queue of the data folder named on the command line: a process of its own, to be killed in the middle. */
import { openSharing, sharingGate } from '../../src/lessons/sharing/index.ts';

const dataDir = process.argv[2] ?? '';
await openSharing({
  dataDir,
  gate: sharingGate(dataDir, {}),
  tokenOf: async () => undefined,
  clock: Date.now,
  random: Math.random,
  privacy: { known: [] },
}).drain(new AbortController().signal);
