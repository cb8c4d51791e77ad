#!/usr/bin/env node
// Starts the command line: in a clone it installs and builds first when needed, in the npm package it runs the bundle.
// Plain JavaScript for Node 20, so that an old Node gets a working program or a clear sentence, never a syntax error.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(import.meta.url);
const root = path.dirname(path.dirname(here));
const bundle = path.join(root, 'dist', 'cli.js');
const environmentFailure = 5;

function fail(message) {
  console.error(message);
  process.exit(environmentFailure);
}

const isClone = existsSync(path.join(root, 'scripts', 'bootstrap.mjs')) && existsSync(path.join(root, 'src'));
const isChild = process.env.TEAMWRIGHT_LAUNCHED === '1';
delete process.env.TEAMWRIGHT_LAUNCHED;

if (isClone && !isChild) {
  const { bootstrap } = await import(pathToFileURL(path.join(root, 'scripts', 'bootstrap.mjs')).href);
  try {
    bootstrap();
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}
if (!existsSync(bundle)) fail(`${bundle} is missing. Install the package again, or run \`npm run build\` in a clone.`);

if (Number(process.versions.node.split('.')[0]) >= 22) await runHere();
else runInNewerNode();

async function runHere() {
  if (isChild && process.channel) {
    // The launcher was killed without a chance to forward anything: stop as if it had.
    process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel.unref();
  }
  process.argv[1] = bundle;
  await import(pathToFileURL(bundle).href);
}

function runInNewerNode() {
  const pinned = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(pinned)) fail(`Teamwright needs Node 22 or newer; this is ${process.version}.`);
  const child = spawn(pinned, [here, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TEAMWRIGHT_LAUNCHED: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends Ctrl-C to the whole group already; a second one would mean "stop at once, without cleaning up".
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`Node 24 could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? environmentFailure);
    for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(each);
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + (os.constants.signals[signal] ?? 0)), 100);
  });
}
