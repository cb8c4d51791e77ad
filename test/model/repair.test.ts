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

/** Lines of a folded block are joined by a space. */
const mistaken = 'lib/compose/resolve-block-scalar.js';
const right = "value += sep + content;\n            sep = ' ';";
const wrong = "value += sep + content;\n            sep = '\\n';";

const cases: readonly (readonly [yaml: string, value: unknown])[] = [
  ['a: 1\nb: two\n', { a: 1, b: 'two' }],
  ['- 1\n- [2, 3]\n- {c: 4}\n', [1, [2, 3], { c: 4 }]],
  ['a: &x [1]\nb: *x\n', { a: [1], b: [1] }],
  ['text: |\n  one\n  two\n', { text: 'one\ntwo\n' }],
  ['text: |-\n  one\n    two\n', { text: 'one\n  two' }],
  ['text: >\n  one\n', { text: 'one\n' }],
  ['text: >-\n  one\n\n  two\n', { text: 'one\ntwo' }],
  ['text: >\n  one\n  two\n', { text: 'one two\n' }],
  ['text: "a\\tb"\n', { text: 'a\tb' }],
  ["text: 'it''s'\n", { text: "it's" }],
  ['# nothing\n', null],
  ['n: 0x1F\nf: 1.5e3\nt: true\n', { n: 31, f: 1500, t: true }],
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
        "const { parse } = require('../lib/index.js');",
        ...cases.map(
          ([yaml, value], index) =>
            `test('case ${index}', () => assert.deepEqual(parse(${JSON.stringify(yaml)}), ${JSON.stringify(value)}));`,
        ),
        '',
      ].join('\n'),
    },
    request: 'One test fails. Make it pass.',
    capabilities: embeddedCapabilities,
    chat: (request, ...rest) => client.chat({ ...request, model: defaultLocalModel }, ...rest),
    designer: fileDesigner(onePlaceTeam('medium', { withDraft: false })),
    settings: { replans: 0 },
    script: [],
  });
  const result = await run();
  const [ranked] = log.of('places.ranked');
  const tried = log.of('place.tried');
  console.log(
    `${ranked?.places[0]?.path} first; tried: ${tried.map(({ line, how, failed }) => `${line} ${how} ${failed ?? '–'}`).join(', ')}`,
  );
  expect(ranked?.places.slice(0, 20).map(({ path, line }) => `${path}:${line}`)).toContain(`${mistaken}:106`);
  expect(result).toMatchObject({ outcome: 'solved' });
  expect(result.diff?.patch).toContain("+            sep = ' ';");
  expect(tried.filter(({ how }) => how === 'fill' || how === 'new-line').length).toBeLessThan(20);
});
