// `npm test` and CI: every check in a row, each a lane that says what it found. The last line is the count over all lanes.
// Plain JavaScript for Node 20, because it may be the first thing that runs in a clone.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { bootstrap, installDependencies, node24, root, toolEnvironment } from './bootstrap.mjs';

const minute = 60_000;
const totals = { passed: 0, failed: 0, skipped: 0 };
/** Names for the end of the output: what failed, and what failed once and passed when it was run again. */
const failures = [];
const secondTries = [];
/** For the end of the output too: seconds of each lane and of each test file. */
const laneSeconds = [];
const fileSeconds = [];
const results = mkdtempSync(path.join(os.tmpdir(), 'teamwright-test-'));
let current;
/** Where the tests put what they need for a while; undefined where there is no room in memory, and they use the disk. */
const memory = folderInMemory();
/** Where the counts go of a run that another one has started for a lane beside its own. */
const summaryFile = process.env.TEAMWRIGHT_TEST_SUMMARY;

/**
 * A folder in shared memory, with room for what the tests write and open to programs. Tests make and delete thousands of small files, and ext4
 * walks past every one deleted in the last minutes to make a new one: a third of the time of `process`.
 */
function folderInMemory() {
  const shared = '/dev/shm';
  const least = 4 * 2 ** 30;
  try {
    const { bavail, bsize } = statfsSync(shared);
    if (process.platform !== 'linux' || bavail * bsize < least || os.freemem() < least) return undefined;
    const folder = mkdtempSync(path.join(shared, 'teamwright-test-'));
    const program = path.join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
    if (spawnSync(program).status === 0) return folder;
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // The disk does as well.
  }
  return undefined;
}

/** Runs a program with its output shown; ends its whole process group at the limit. Gives the exit code, or undefined. */
function run(command, args, limitMs, env = {}) {
  return new Promise((resolve) => {
    const grouped = process.platform !== 'win32';
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: toolEnvironment(env),
      detached: grouped,
    });
    current = () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (grouped) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    };
    const timer = setTimeout(() => {
      console.log(`No end after ${limitMs / minute} minutes: stopped.`);
      current();
    }, limitMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      console.log(`${command} could not be started: ${error.message}`);
      resolve(undefined);
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code ?? undefined);
    });
  });
}

function removeTemporary() {
  for (const folder of [results, memory]) if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

const tool = (name, ...args) => run(path.join(root, 'node_modules', '.bin', name), args, 10 * minute);

/** A lane that either holds or does not. */
async function check(action) {
  return (await action()) === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

const hasTests = (folder) =>
  statSync(folder, { throwIfNoEntry: false }) !== undefined &&
  readdirSync(folder, { recursive: true }).some((name) => `${name}`.endsWith('.test.ts'));

/**
 * Counts of one vitest project, from its JSON report. A file that failed to load, or a crash of the runner, is one failure. `retry`: a test that
 * fails is run once more, because its processes and waits depend on how busy the machine is, and so is a file in which something failed
 * outside of its tests; that it needed this is told at the end. Never where a fault seen once is a fault: walls, kills, and code without processes.
 * `onDisk`: its temporary files lie where a user's do, which is what tests of walls, and of what is shown through them, are about.
 */
async function vitest(project, limitMs, { retry = 0, onDisk = false } = {}) {
  if (!hasTests(path.join(root, 'test', project))) {
    console.log(`No tests in test/${project}: skipped.`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const report = path.join(results, `${project}.json`);
  const vitestEntry = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const underWay = path.join(results, `${project}.files`);
  const own = path.join(root, 'test', 'support', 'files-under-way.ts');
  const reporters = ['--reporter=default', '--reporter=json', `--reporter=${own}`, `--outputFile.json=${report}`];
  const args = [vitestEntry, 'run', '--project', project, `--retry=${retry}`, ...reporters];
  const temporary = memory === undefined || onDisk ? {} : { TMPDIR: memory };
  let code = await run(node24(), args, limitMs, { TEAMWRIGHT_TEST_FILES_UNDER_WAY: underWay, ...temporary });
  if (statSync(report, { throwIfNoEntry: false }) === undefined) {
    console.log(`vitest wrote no report for ${project}.`);
    failures.push(...unfinished(underWay).map((file) => `${path.relative(root, file)}: had not finished`));
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const found = JSON.parse(readFileSync(report, 'utf8'));
  const unloadable = found.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((each) => each.status === 'failed'),
  );
  const tests = found.testResults.flatMap((file) =>
    file.assertionResults.map((each) => ({ ...each, file: path.relative(root, file.name) })),
  );
  failures.push(...tests.filter(({ status }) => status === 'failed').map(({ file, fullName }) => `${file}: ${fullName}`));
  failures.push(...unloadable.map(({ name, message }) => `${path.relative(root, name)}: ${message.split('\n')[0]}`));
  secondTries.push(
    ...tests
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
      .map(({ file, fullName, failureMessages }) => `${file}: ${fullName} (${failureMessages[0].split('\n')[0]})`),
  );
  fileSeconds.push(
    ...found.testResults.map(({ name, startTime, endTime }) => ({
      file: path.relative(root, name),
      seconds: (endTime - startTime) / 1000,
    })),
  );
  const failed = found.numFailedTests + unloadable.length;
  const strays = written(underWay, 'stray').map((line) => JSON.parse(line));
  const strayWords = strays.map(
    ({ file, words }) => `test/${project}/, outside of every test: ${words}${file === undefined ? '' : ` (${path.relative(root, file)})`}`,
  );
  if (failed === 0 && retry > 0 && strays.length > 0 && strays.every(({ file }) => file !== undefined)) {
    const files = [...new Set(strays.map(({ file }) => path.relative(root, file)))];
    console.log(`Outside of every test something failed; run again: ${files.join(', ')}.`);
    if ((await run(node24(), [vitestEntry, 'run', '--project', project, ...files], limitMs, temporary)) === 0) {
      secondTries.push(...strayWords);
      code = 0;
    }
  }
  if (code !== 0) failures.push(...strayWords);
  return {
    passed: found.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: found.numPendingTests + found.numTodoTests,
  };
}

/** What our own reporter wrote of one kind: `began`, `ended` (test files) or `stray` (errors outside of every test). */
function written(file, kind) {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
}

/** Test files that began and did not end. */
function unfinished(file) {
  const ended = new Set(written(file, 'ended'));
  return written(file, 'began').filter((each) => !ended.has(each));
}

/** A lane whose tests need runners that are no dependencies of ours; where they cannot be had it says so, and those tests count as skipped. */
async function withRunners(lane) {
  await run(node24(), [path.join(root, 'scripts', 'test-runners.ts')], 25 * minute);
  return lane();
}

/** A lane that needs the real VS Code and Chromium of the tests; where they cannot be had it says so and counts as skipped. */
async function inBrowser(lane) {
  const code = await run(node24(), [path.join(root, 'scripts', 'vscode', 'install.ts')], 25 * minute);
  if (code === 0) return lane();
  console.log('Skipped: there is no VS Code and no Chromium for the tests on this machine (see above).');
  return { passed: 0, failed: 0, skipped: 1 };
}

/** The in-host tests once more, in the VS Code that users download. 3: it cannot be downloaded here. */
async function testElectron() {
  const code = await run(node24(), [path.join(root, 'scripts', 'vscode', 'test-electron.ts')], 10 * minute);
  if (code === 3) return { passed: 0, failed: 0, skipped: 1 };
  return check(() => code);
}

const lanes = {
  'format and lint': () => check(() => tool('biome', 'check', '.')),
  types: () => check(async () => (await tool('tsc', '-p', '.')) || tool('tsc', '-p', 'src/webviews')),
  layers: () => check(() => run(node24(), [path.join(root, 'scripts', 'layers.ts')], minute)),
  patterns: () => check(() => run(node24(), [path.join(root, 'scripts', 'patterns.ts')], minute)),
  'unused code': () => check(async () => (await tool('knip')) || tool('knip', '--production')),
  'bundle size': () => check(() => run(node24(), [path.join(root, 'scripts', 'bundle-size.mjs')], 2 * minute)),
  unit: () => vitest('unit', 10 * minute, { onDisk: true }),
  process: () => withRunners(() => vitest('process', 75 * minute, { retry: 1 })),
  runners: () => withRunners(() => vitest('runners', 25 * minute, { retry: 1 })),
  escape: () => vitest('escape', 12 * minute, { onDisk: true }),
  attacks: () => vitest('attacks', 12 * minute, { onDisk: true }),
  crash: () => vitest('crash', 20 * minute),
  host: () => vitest('host', 10 * minute, { retry: 1 }),
  package: () => vitest('package', 6 * minute),
  pages: () => inBrowser(() => vitest('pages', 10 * minute, { retry: 1 })),
  vscode: () => inBrowser(() => vitest('vscode', 10 * minute, { retry: 1 })),
  browser: () => inBrowser(() => vitest('browser', 30 * minute, { retry: 1 })),
  'test-electron': () => testElectron(),
  model: () => vitest('model', 25 * minute, { retry: 1 }),
  training: () => vitest('training', 15 * minute, { retry: 1 }),
};

/** Lanes that keep one core busy, and the lane that goes on beside each. */
const beside = { crash: 'training', pages: 'vscode' };
/** What goes on beside: by lane. */
const others = new Map();

/** Starts a lane as a run of its own, which tells its counts in a file; what it prints is kept until it has ended. */
function startBeside(name) {
  const [output, summary] = ['txt', 'json'].map((kind) => path.join(results, `beside-${name}.${kind}`));
  const to = openSync(output, 'w');
  const env = { ...process.env, TEAMWRIGHT_TEST_SUMMARY: summary };
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), name], { cwd: root, stdio: ['ignore', to, to], env });
  closeSync(to);
  const ended = new Promise((resolve) => {
    child.on('error', resolve);
    child.on('exit', resolve);
  });
  others.set(name, {
    stop: () => child.kill('SIGTERM'),
    counts: async () => {
      await ended;
      process.stdout.write(readFileSync(output, 'utf8'));
      const told = JSON.parse(readFileSync(summary, 'utf8'));
      failures.push(...told.failures);
      secondTries.push(...told.secondTries);
      fileSeconds.push(...told.fileSeconds);
      return told.totals;
    },
  });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    current?.();
    for (const { stop } of others.values()) stop();
    removeTemporary();
    process.exit(128 + os.constants.signals[signal]);
  });
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in lanes));
if (unknown.length > 0) {
  console.error(`There is no lane ${unknown.join(', ')}. Lanes: ${Object.keys(lanes).join(', ')}.`);
  process.exit(2);
}

try {
  mkdirSync(results, { recursive: true });
  if (summaryFile === undefined) {
    installDependencies();
    try {
      bootstrap();
    } catch (error) {
      // The lanes below say what is wrong with the sources; only missing dependencies make them pointless.
      console.error(error.message);
    }
  }
  const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
  for (const [name, lane] of Object.entries(lanes)) {
    if (!isWanted(name)) continue;
    const other = others.get(name);
    // What ran beside another lane has a heading of its own.
    if (other === undefined) console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 60 - name.length))}`);
    const began = Date.now();
    let counts;
    try {
      if (name in beside && isWanted(beside[name])) startBeside(beside[name]);
      counts = await (other?.counts() ?? lane());
    } catch (error) {
      console.log(error instanceof Error ? error.message : String(error));
      counts = { passed: 0, failed: 1, skipped: 0 };
    }
    for (const key of Object.keys(totals)) totals[key] += counts[key];
    if (counts.failed > 0 && !failures.some((each) => each.startsWith(`test/${name}/`))) failures.push(`the lane ${name}`);
    const seconds = Math.round((Date.now() - began) / 1000);
    laneSeconds.push({ name, seconds });
    if (other === undefined)
      console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  totals.failed += 1;
} finally {
  if (summaryFile !== undefined) writeFileSync(summaryFile, JSON.stringify({ totals, failures, secondTries, fileSeconds }));
  removeTemporary();
}
if (summaryFile === undefined) tell();
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

/** The end of the output, for a reader and, in its last line, for programs. */
function tell() {
  const slowest = fileSeconds.toSorted((a, b) => b.seconds - a.seconds).slice(0, 12);
  console.log(['', `Lanes: ${laneSeconds.map(({ name, seconds }) => `${name} ${seconds} s`).join(', ')}.`].join('\n'));
  if (slowest.length > 0)
    console.log(`Slowest files: ${slowest.map(({ file, seconds }) => `${file} ${Math.round(seconds)} s`).join(', ')}.`);
  if (secondTries.length > 0) console.log(['', 'Passed only when run again:', ...secondTries.map((each) => `  ${each}`)].join('\n'));
  if (failures.length > 0) console.log(['', 'Failed:', ...failures.map((each) => `  ${each}`)].join('\n'));
  const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
  console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
}
