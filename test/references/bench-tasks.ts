/** References of the bench: as its tasks have them, and those of JavaScript with their tests put into the other runners. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readTasks, type Task } from '../../src/bench/tasks.ts';
import { testCommandFromText } from '../../src/feedback/index.ts';
import type { RunnerName } from '../../src/feedback/types.ts';
import type { Files, Reference } from './reference.ts';

type Rewrite = (text: string) => string;

/** How a file of tests for node:test becomes one for another runner, and a module of CommonJS one that this runner loads. */
const otherRunners: Readonly<Partial<Record<RunnerName, { command: string; test: Rewrite; module: Rewrite; manifest: object }>>> = {
  vitest: {
    command: 'vitest run',
    test: (text) =>
      text.replace(nodeTest, "import { test } from 'vitest';").replaceAll(/^const (.+) = require\((.+)\);$/gm, 'import $1 from $2;'),
    module: (text) =>
      text
        .replaceAll(/^module\.exports = (\{[^}]*\});?$/gm, 'export $1;')
        .replaceAll(/^const (.+) = require\((.+)\);?$/gm, 'import $1 from $2;'),
    manifest: { type: 'module' },
  },
  jest: { command: 'jest', test: (text) => text.replace(nodeTest, ''), module: (text) => text, manifest: {} },
  mocha: { command: 'mocha *.test.js', test: (text) => text.replace(nodeTest, 'const test = it;'), module: (text) => text, manifest: {} },
};
const nodeTest = "const { test } = require('node:test');";

/** The references of every file of tasks in a folder. */
export async function benchReferences(folder: string): Promise<Reference[]> {
  const found: Reference[] = [];
  for (const name of readdirSync(folder)
    .filter((one) => one.endsWith('.jsonl'))
    .sort())
    for await (const task of readTasks(join(folder, name))) found.push(...referencesOf(task));
  return found;
}

function referencesOf(task: Task): Reference[] {
  const { id, request, files, reference, test } = task;
  const own: Reference = { id, request, files, reference, command: test, runner: testCommandFromText(test).runner };
  return [own, ...(own.runner === 'node-test' ? Object.keys(otherRunners).map((name) => inRunner(own, name as RunnerName)) : [])];
}

function inRunner(reference: Reference, runner: RunnerName): Reference {
  const other = otherRunners[runner];
  if (other === undefined) throw new Error(`There is no way into ${runner}.`);
  const rewritten = (files: Files): Files =>
    Object.fromEntries(
      Object.entries(files).map(([path, text]) => {
        if (path === 'package.json') return [path, `${JSON.stringify({ private: true, ...other.manifest }, null, 2)}\n`];
        return [path, path.endsWith('.test.js') ? other.test(text) : other.module(text)];
      }),
    );
  const tests = Object.keys(reference.files).filter((path) => path.endsWith('.test.js'));
  return {
    ...reference,
    runner,
    files: rewritten(reference.files),
    reference: rewritten(reference.reference),
    command: other.command.replace('*.test.js', tests.join(' ')),
  };
}
