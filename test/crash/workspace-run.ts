/** Child of workspace.test.ts: does one phase of a run again and again until it is killed. Says `ready` when the phase begins. */
import { openWorkspaceCopies } from '../../src/workspace/index.ts';
import { applyAll } from '../support/repositories.ts';

const [workspace = '', dataDir = '', phase = ''] = process.argv.slice(2);
const signal = new AbortController().signal;
const everything = { allow: ['**'] };
const copies = await openWorkspaceCopies({ workspace, runId: 'run', dataDir });
const { snapshot } = await copies.snapshot(signal);

if (phase === 'snapshot') {
  console.log('ready');
  for (;;) await copies.snapshot(signal);
}
if (phase === 'create') {
  console.log('ready');
  for (let n = 0; ; n++) await copies.create(`c${n}`, snapshot, signal);
}
const copy = await copies.create('c', snapshot, signal);
if (phase === 'freeze') {
  console.log('ready');
  for (let n = 0; ; n++) {
    await copy.edit([{ kind: 'whole-file', path: 'a.txt', text: `${n}\n` }], everything);
    await copy.freeze('again');
  }
}
if (phase === 'apply') {
  const edits = Array.from({ length: 300 }, (_, n) => ({ kind: 'whole-file', path: `many/${n}.txt`, text: `changed ${n}\n` }) as const);
  await copy.edit(edits, everything);
  const candidate = await copy.freeze('candidate');
  console.log('ready');
  await applyAll({ workspace, dataDir }, snapshot, candidate);
  console.log('applied');
}
