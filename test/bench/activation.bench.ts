/**
 * What the extension costs at the start of VS Code: `node test/bench/activation.bench.ts [--runs 7]`. Each run is a fresh VS Code 1.139 with an
 * empty profile; the figures are VS Code's own marks in its extension host (whole milliseconds). Loading is reading and running the bundle,
 * activating is `activate()` until its promise settles. The goal is at most 30 ms for both together.
 */
import { statSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../../scripts/vscode/browser.ts';
import { brokenSum, temporaryWorkspace } from '../support/workspaces.ts';
import { runInHost } from '../vscode/in-host.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' } } });
const goalMs = 30;
const root = resolve(import.meta.dirname, '../..');

const browser = await launchBrowser();
const workspace = temporaryWorkspace(brokenSum);
const loads: number[] = [];
const activations: number[] = [];
try {
  for (let run = 0; run < Number(values.runs); run++) {
    const { facts, results } = await runInHost(browser, 'activation', workspace.root, { 'security.workspace.trust.enabled': false });
    const failure = results.find((each) => each.error !== undefined && !each.error.includes('load '));
    if (failure !== undefined) throw new Error(`${failure.name}: ${failure.error}`);
    loads.push(Number(facts.loadMs));
    activations.push(Number(facts.activateMs));
    console.log(JSON.stringify({ run: run + 1, load_ms: facts.loadMs, activate_ms: facts.activateMs, load_average: loadavg()[0] }));
  }
} finally {
  await browser.close();
  workspace.dispose();
}

const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
const median = (list: readonly number[]): number => sorted(list)[Math.floor(list.length / 2)] ?? Number.NaN;
const range = (list: readonly number[]): string => `${median(list)} ms (${sorted(list)[0]} to ${sorted(list).at(-1)})`;
const own = loads.map((load, run) => load + (activations[run] ?? 0));
const bytes = statSync(join(root, 'dist', 'extension.js')).size;
console.log(`\nMedian of ${own.length} starts, ${cpus().length} cores, dist/extension.js ${bytes.toLocaleString('en')} bytes`);
console.log(`load      ${range(loads)}`);
console.log(`activate  ${range(activations)}`);
console.log(`together  ${range(own)}; goal ≤ ${goalMs} ms: ${median(own) <= goalMs ? 'met' : 'missed'}`);
process.exitCode = median(own) <= goalMs ? 0 : 1;
