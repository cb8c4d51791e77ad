/** Commands that watch are run once: what a watching program starts, or a runner told to end. */
import { expect, test } from 'vitest';
import { runOnce } from '../../src/feedback/run-once.ts';
import { jest, vitest } from '../../src/feedback/runners/javascript.ts';
import { chainOf } from '../../src/feedback/script-chain.ts';

test.each([
  ['nodemon --exec "node --test"', 'node --test'],
  ['nodemon --ext js,ts --exec npm run unit', 'npm run unit'],
  ['npx nodemon -e js test.js', 'node test.js'],
  ['node-dev --respawn test.js', 'node test.js'],
  ['chokidar "src/**/*.js" -c "mocha test"', 'mocha test'],
  ['onchange "src/**" -- mocha', 'mocha'],
  ['watchexec -e js -- node --test', 'node --test'],
  ['watchexec -e rs cargo test', 'cargo test'],
  ['watch "mocha" src', 'mocha'],
  ["reflex -r '\\.go$' go test ./...", 'go test ./...'],
  ['ptw . -- -q tests', 'pytest -q tests'],
  ['pytest-watch', 'pytest'],
  ['pytest -f tests', 'pytest tests'],
  ['cargo watch -x "test --workspace"', 'cargo test --workspace'],
  ['cargo watch -s "cargo nextest run"', 'cargo nextest run'],
  ['cargo watch -- cargo test', 'cargo test'],
  ['bacon test', 'cargo test'],
  ['gotestsum --watch', 'gotestsum'],
  ['bun test --watch', 'bun test'],
  ['deno test -A --watch', 'deno test -A'],
  ['karma start karma.conf.js --no-single-run', 'karma start karma.conf.js --single-run'],
  ['web-test-runner "test/*.js" --watch', "web-test-runner 'test/*.js'"],
  ['ng test', 'ng test --watch=false'],
  ['react-scripts test --watchAll', 'react-scripts test --watchAll=false'],
  ['turbo watch test', 'turbo run test'],
  ['cypress open', 'cypress run'],
  ['playwright test --ui', 'playwright test'],
  ['tsx watch --test', 'tsx --test'],
])('%s', (line, once) => {
  expect(runOnce(line)).toBe(once);
});

test.each([
  'node --test',
  'pytest -q',
  'cargo test',
  'npm test',
  'react-scripts test --watchAll=false',
  'ng build',
  'cypress run',
  'a | b',
  'karma start --single-run',
  'watch',
])('what ends by itself stays as it is: %s', (line) => {
  expect(runOnce(line)).toBeUndefined();
});

test.each([
  ['nodemon -x "npm run unit"', { line: 'mocha test/unit', watched: 'nodemon -x "npm run unit"', leftOut: [] }],
  ['npm run unit && cargo watch -x test', { line: 'mocha test/unit', leftOut: ['cargo watch -x test'] }],
  ['bun test --watch', { line: 'bun test', watched: 'bun test --watch' }],
  ['concurrently "rollup -c --watch" "npm run unit"', { line: 'mocha test/unit', leftOut: ['rollup -c --watch'] }],
])('a script that is, leads to or stands beside one: %s', (script, chain) => {
  expect(chainOf(script, { scripts: { unit: 'mocha test/unit' } })).toMatchObject(chain);
});

test.each([
  [vitest, ['vitest', '--watch=true', 'a'], ['run', 'a']],
  [vitest, ['vitest', '--ui', '--watch=false'], ['run', '--watch=false']],
  [jest, ['jest', '--watchAll=true', 'a'], ['--ci', 'a']],
  [jest, ['jest', '--watch=true'], ['--ci']],
])('a runner that is known leaves it out itself: %#', async (runner, argv, words) => {
  const place = { channel: { ticket: '', records: '' }, root: '/w', cwd: '/w', normalise: (text: string) => text };
  const prepared = await runner.prepare(argv, place as never, async () => undefined);
  expect(prepared.argv.slice(1).filter((word) => !/report/.test(word))).toEqual(words);
});
