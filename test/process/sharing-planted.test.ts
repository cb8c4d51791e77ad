/** A secret in every field of real traces, and none in anything that leaves the machine: every export format, the spans, every level of sharing. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportFormats, exportRuns, openSharing, type Privacy, sendRuns } from '../../src/lessons/index.ts';
import { sharingLevels } from '../../src/lessons/sharing/types.ts';
import { listRuns } from '../../src/trace/index.ts';
import { type PlantedRuns, plantInRuns } from '../support/planted-runs.ts';
import { tells } from '../support/planted-secrets.ts';
import { type RealRuns, realRuns } from '../support/real-runs.ts';

let runs: RealRuns;
let planted: PlantedRuns;
let privacy: Privacy;
let out: string;
const never = new AbortController().signal;

beforeAll(async () => {
  runs = await realRuns();
  planted = plantInRuns(runs.dataDir, 11);
  privacy = { known: planted.known, user: 'annbell', host: 'annbox', home: '/home/annbell', dataDir: runs.dataDir };
  out = mkdtempSync(join(tmpdir(), 'teamwright-planted-'));
});
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
  runs.dispose();
});

/** What a text tells of what was planted. */
const told = (text: string): string[] => planted.secrets.filter((secret) => tells(text, { secret }) || text.includes(secret));

test('there is something to find: hundreds of secrets, in every kind of event that has a text', () => {
  expect(planted.secrets.length).toBeGreaterThan(100);
  for (const field of [
    'run.started.request.text',
    'run.started.workspace',
    'briefing.done.files',
    'design.round.reasoning',
    'plan.proposed.reason',
    'call.done.servedModel',
    'candidate.made.changed',
    'hunk.decided.reason',
    'verdict.given.reason',
  ])
    expect(planted.fields, field).toContain(field);
  const traces = readdirSync(join(runs.dataDir, 'runs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  expect(told(traces.join('\n')).length).toBeGreaterThan(100);
});

describe('exports', () => {
  test.each(exportFormats.map((format) => [format.name, format] as const))('%s', async (name, format) => {
    const folder = join(out, name);
    const report = await exportRuns(
      { dataDir: runs.dataDir, filter: {}, filterWords: [], format, out: folder, split: 0, seed: 1, privacy, program: 'teamwright 0.1.0' },
      never,
    );
    expect(report.rows, 'rows').toBeGreaterThan(0);
    for (const file of readdirSync(folder))
      expect({ file, told: told(readFileSync(join(folder, file), 'utf8')) }).toEqual({ file, told: [] });
  });

  test('without redaction the same export tells them: the test can see', async () => {
    const format = exportFormats.find(({ name }) => name === 'atif');
    if (format === undefined) throw new Error('There is no format atif.');
    const folder = join(out, 'bare');
    await exportRuns(
      { dataDir: runs.dataDir, filter: {}, filterWords: [], format, out: folder, split: 0, seed: 1, privacy: undefined, program: 'x' },
      never,
    );
    const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(told(text.join('\n')).length).toBeGreaterThan(20);
  });
});

test('spans sent to an endpoint', async () => {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk));
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  try {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
    const report = await sendRuns(
      { dataDir: runs.dataDir, filter: {}, filterWords: [], endpoint, progress: join(out, 'otlp.jsonl'), privacy, version: '0' },
      never,
    );
    expect(report.spans).toBeGreaterThan(0);
    expect(told(Buffer.concat(bodies).toString('utf8'))).toEqual([]);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('sharing', () => {
  test.each(sharingLevels)('%s', async (level) => {
    const sharing = openSharing({
      dataDir: runs.dataDir,
      gate: async () => undefined,
      tokenOf: async () => undefined,
      clock: Date.now,
      random: Math.random,
      privacy,
    });
    for (const { runId } of await listRuns(runs.dataDir)) {
      const { payload } = await sharing.draft(runId, level);
      expect({ runId, told: told(payload.text) }).toEqual({ runId, told: [] });
      for (const line of payload.text.trimEnd().split('\n')) JSON.parse(line);
    }
  });
});
