/**
 * A repair by the real model in a project of some thousand lines that nobody here wrote: a YAML library with one planted mistake. Skipped, with the
 * reason, where the model cannot be had.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fileDesigner, onePlaceTeam } from '../../src/design/index.ts';
import { isTeamwrightError } from '../../src/errors.ts';
import { defaultLocalModel, ensureServer, type RunningServer, setup } from '../../src/local-model/index.ts';
import { embeddedCapabilities } from '../../src/model-choice/index.ts';
import { openAiClient } from '../../src/models/index.ts';
import { waysOfModels } from '../../src/trace/events.ts';
import { start } from '../support/run-scene.ts';

const signal = new AbortController().signal;
let server: RunningServer | undefined;
let absent = '';

beforeAll(async () => {
  try {
    await setup(defaultLocalModel, {}, signal);
  } catch (error) {
    if (!isTeamwrightError(error, 'download-failed') && !isTeamwrightError(error, 'disk-full')) throw error;
    absent = error.message;
    return;
  }
  server = await ensureServer(defaultLocalModel, { private: true, contextTokens: 4096, slots: 1 }, signal);
});
beforeEach((context) => context.skip(absent !== '', absent));
afterAll(() => server?.close());

const library = join(import.meta.dirname, '..', '..', 'node_modules', 'yaml', 'dist');
const sources = Object.fromEntries(
  readdirSync(library, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => [`lib/${name.replaceAll('\\', '/')}`, readFileSync(join(library, name), 'utf8')]),
);

/** The item of a list is the one at its index. */
const mistaken = 'lib/nodes/YAMLSeq.js';
const right = 'const it = this.items[idx];';
const wrong = 'const it = this.items[idx - 1];';

/** What is done with a document, and what comes of it. */
const cases: readonly (readonly [code: string, value: unknown])[] = [
  ["parse('a: 1\\nb: two\\n')", { a: 1, b: 'two' }],
  ["parse('- 1\\n- [2, 3]\\n- {c: 4}\\n')", [1, [2, 3], { c: 4 }]],
  ["parse('a: &x [1]\\nb: *x\\n')", { a: [1], b: [1] }],
  ["parse('text: |\\n  one\\n  two\\n')", { text: 'one\ntwo\n' }],
  ["parse('text: >\\n  one\\n  two\\n')", { text: 'one two\n' }],
  ["parse('n: 0x1F\\nf: 1.5e3\\nt: true\\n')", { n: 31, f: 1500, t: true }],
  ["stringify({ a: [1, 2], b: 'x' })", 'a:\n  - 1\n  - 2\nb: x\n'],
  ["parseDocument('a: 1\\nb: 2\\n').get('b')", 2],
  ["parseDocument('a:\\n  b: 3\\n').getIn(['a', 'b'])", 3],
  ["parseDocument('- 1\\n- 2\\n').has(1)", true],
  ["parseDocument('- 1\\n- 2\\n').has(2)", false],
  ["parseDocument('- 1\\n- 2\\n- 3\\n').get(1)", 2],
  ["parseDocument('a: [4, 5, 6]\\n').getIn(['a', 2])", 6],
];

test('the line is found among thousands by the tests that ran over it, and mended with fewer than twenty fills', async () => {
  const client = openAiClient({ endpoint: 'embedded', baseUrl: server?.url ?? '', apiKey: server?.apiKey });
  const source = sources[mistaken] ?? '';
  expect(source).toContain(right);
  const { log, run } = await start({
    files: {
      ...sources,
      [mistaken]: source.replace(right, wrong),
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
      'test/parse.test.js': [
        "const assert = require('node:assert');",
        "const test = require('node:test');",
        "const { parse, parseDocument, stringify } = require('../lib/index.js');",
        ...cases.map(([code, value], index) => `test('case ${index}', () => assert.deepEqual(${code}, ${JSON.stringify(value)}));`),
        '',
      ].join('\n'),
    },
    request: 'Two tests fail. Make them pass.',
    capabilities: embeddedCapabilities,
    chat: (request, ...rest) => client.chat({ ...request, model: defaultLocalModel }, ...rest),
    designer: fileDesigner(onePlaceTeam('medium', { draft: 'never' })),
    settings: { replans: 0 },
    script: [],
  });
  const result = await run();
  const [ranked] = log.of('places.ranked');
  const tried = log.of('place.tried');
  console.log(
    `${ranked?.places[0]?.path} first; tried: ${tried.map(({ line, how, failed }) => `${line} ${how} ${failed ?? '–'}`).join(', ')}`,
  );
  expect(ranked?.places.slice(0, 20).map(({ path, line }) => `${path}:${line}`)).toContain(`${mistaken}:40`);
  expect(result).toMatchObject({ outcome: 'solved' });
  expect(result.diff?.patch).toContain(`+        ${right}`);
  expect(tried.filter(({ how }) => waysOfModels.includes(how)).length).toBeLessThan(20);
});
