import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findBreaches, findIdleExports } from '../../scripts/layers.ts';

const reasons = (file: string, text: string): string[] => findBreaches([{ path: file, text }]).map((breach) => breach.reason);

/** What the check says of these files together. */
const reasonsOf = (files: Readonly<Record<string, string>>): string[] =>
  findBreaches(Object.entries(files).map(([path, text]) => ({ path, text }))).map((breach) => breach.reason);

describe('the layer check', () => {
  test('lets a room import what stands below it, its own files and the vocabulary', () => {
    const text = `
      import { validate } from '../plan/index.ts';
      import type { Plan } from '../plan/schema.ts';
      import type { EditBlock } from '../workspace/edit-types.ts';
      import { stopped } from '../errors.ts';
      import { judge } from './judge.ts';
      import path from 'node:path';
      export * from './loop.ts';
    `;
    expect(reasons('run/execute.ts', text)).toEqual([]);
  });

  test('reports an import against the direction, also as a type, a re-export or a dynamic import', () => {
    expect(reasons('plan/price.ts', `import { run } from '../run/index.ts';`)).toEqual([expect.stringContaining('plan/ stands below')]);
    expect(reasons('plan/price.ts', `import type { Run } from '../run/index.ts';`)).toHaveLength(1);
    expect(reasons('plan/price.ts', `export { run } from '../run/index.ts';`)).toHaveLength(1);
    expect(reasons('plan/price.ts', `const run = await import('../run/index.ts');`)).toHaveLength(1);
  });

  test('reports an entry past the front door', () => {
    expect(reasons('run/execute.ts', `import { hash } from '../plan/canonical.ts';`)).toEqual([
      'other rooms enter plan/ through plan/index.ts',
    ]);
  });

  test('takes types from the types of a room below, and never values', () => {
    expect(reasons('run/execute.ts', `import type { EditBlock } from '../workspace/edit-types.ts';`)).toEqual([]);
    const value = ['only types come from workspace/edit-types.ts; values come through workspace/index.ts'];
    expect(reasons('run/execute.ts', `import { levels } from '../workspace/edit-types.ts';`)).toEqual(value);
    // What is left of it at run time loads the file all the same.
    expect(reasons('run/execute.ts', `import { type EditBlock } from '../workspace/edit-types.ts';`)).toEqual(value);
    expect(reasons('run/execute.ts', `const { levels } = await import('../workspace/edit-types.ts');`)).toEqual(value);
  });

  test('takes no type from a room above or beside, whatever its file is called', () => {
    expect(reasons('plan/price.ts', `import type { RunHandle } from '../editor/flow-types.ts';`)).toEqual([
      expect.stringContaining('plan/ stands below or beside editor/'),
    ]);
    expect(reasons('plan/price.ts', `type Event = import('../trace/events.ts').TraceEvent;`)).toHaveLength(1);
    expect(reasons('cli/carry-out.ts', `import type { RunHandle } from '../editor/flow-types.ts';`)).toHaveLength(1);
    expect(reasons('errors.ts', `import type { Plan } from './plan/schema.ts';`)).toEqual([
      'vocabulary at the top of src/ imports no room',
    ]);
  });

  test('takes schemas and words from what is named as vocabulary, from above only', () => {
    expect(reasons('trace/events.ts', `import { budgetSchema } from '../plan/schema.ts';`)).toEqual([]);
    expect(reasons('feedback/run-tests.ts', `import { outcomes } from '../trace/events.ts';`)).toHaveLength(1);
  });

  test('reports a cycle as the way around, also when only types go round', () => {
    const files = {
      'run/a.ts': `import { b } from './b.ts';`,
      'run/b.ts': `import type { C } from './steps/c.ts';`,
      'run/steps/c.ts': `export type { A } from '../a.ts';`,
      'run/index.ts': `export { a } from './a.ts';`,
    };
    expect(reasonsOf(files)).toEqual(['a cycle: run/a.ts → run/b.ts → run/steps/c.ts → run/a.ts']);
    expect(reasonsOf({ ...files, 'run/steps/c.ts': '' })).toEqual([]);
    expect(reasonsOf({ 'run/a.ts': `await import('./b.ts');`, 'run/b.ts': `import './a.ts';` })).toEqual([
      'a cycle: run/a.ts → run/b.ts → run/a.ts',
    ]);
  });

  test('reports each of several cycles once', () => {
    const pair = (one: string, other: string) => ({
      [`run/${one}.ts`]: `import './${other}.ts';`,
      [`run/${other}.ts`]: `import './${one}.ts';`,
    });
    expect(reasonsOf({ ...pair('a', 'b'), ...pair('c', 'd') })).toEqual([
      'a cycle: run/a.ts → run/b.ts → run/a.ts',
      'a cycle: run/c.ts → run/d.ts → run/c.ts',
    ]);
  });

  test('keeps the core free of the command line, the benchmarks and the editor', () => {
    expect(reasons('run/execute.ts', `import { print } from '../cli/index.ts';`)).toHaveLength(1);
    expect(reasons('run/execute.ts', `import { score } from '../bench/index.ts';`)).toHaveLength(1);
    expect(reasons('editor/view.ts', `import { score } from '../bench/index.ts';`)).toEqual(['only cli may import bench/']);
    expect(reasons('cli/bench.ts', `import { score } from '../bench/index.ts';`)).toEqual([]);
    expect(reasons('run/execute.ts', `import * as vscode from 'vscode';`)).toHaveLength(1);
    expect(reasons('editor/view.ts', `import * as vscode from 'vscode';`)).toHaveLength(1);
    expect(reasons('editor/view.ts', `import type * as vscode from 'vscode';`)).toEqual([]);
    expect(reasons('extension.ts', `import * as vscode from 'vscode';`)).toEqual([]);
    expect(reasons('run/execute.ts', `import '../cli.ts';`)).toHaveLength(1);
  });

  test('reports what a front door exports and no other room takes through it', () => {
    const idle = (door: string, others: Readonly<Record<string, string>>): string[] =>
      findIdleExports(Object.entries({ 'plan/index.ts': door, ...others }).map(([path, text]) => ({ path, text }))).map(
        ({ target, reason }) => `${target}: ${reason}`,
      );
    const door = `
      export { hash, type Hash, price as cost } from './parts.ts';
      export const most = 3;
      export function check(): void {}
    `;
    expect(idle(door, {})).toEqual(['hash', 'Hash', 'cost', 'most', 'check'].map((name) => `${name}: no other room takes it`));
    // Neither the room itself, nor another door, nor another's name for it counts.
    const others = {
      'plan/form.ts': `import { most } from './index.ts';`,
      'run/a.ts': `import { check } from '../models/index.ts';\nimport { hash as check, type Hash, cost } from '../plan/index.ts';`,
    };
    expect(idle(door, others)).toEqual(['most: no other room takes it', 'check: no other room takes it']);
    expect(idle(door, { ...others, 'cli.ts': `const { most, check } = await import('./plan/index.ts');` })).toEqual([]);
    expect(idle(`export * from './parts.ts';`, {})).toEqual(['*: a front door names what it exports']);
  });

  test('lets programs open every front door, but no inner room', () => {
    expect(reasons('cli.ts', `import { run } from './run/index.ts'; import { bench } from './bench/index.ts';`)).toEqual([]);
    expect(reasons('cli.ts', `import { run } from './run/execute.ts';`)).toHaveLength(1);
  });

  test('refuses a room that the order does not name, and imports that leave src/', () => {
    expect(reasons('misc/helper.ts', `import { plan } from '../plan/index.ts';`)).toEqual([
      'room misc/ is missing from the order in scripts/layers.ts',
    ]);
    expect(reasons('run/execute.ts', `import data from '../../package.json';`)).toEqual(['sources import nothing from outside src/']);
  });

  test('lets one file start git, and few start anything', () => {
    expect(reasons('workspace/git.ts', `import { simpleGit } from 'simple-git';`)).toEqual([]);
    expect(reasons('workspace/diff.ts', `import { simpleGit } from 'simple-git';`)).toEqual(['git is started in workspace/git.ts only']);
    expect(reasons('process/guard.ts', `import { spawn } from 'node:child_process';`)).toEqual([]);
    expect(reasons('bench/tasks.ts', `import { spawnSync } from 'node:child_process';`)).toEqual(['programs are started by process/']);
    const command = /\[\s*['"`]git['"`]/;
    expect(command.test(`runCommand({ argv: ['git', 'status'] })`)).toBe(true);
    const root = path.join(import.meta.dirname, '../../src');
    const starters = globSync('**/*.{ts,tsx}', { cwd: root }).filter((file) => command.test(readFileSync(path.join(root, file), 'utf8')));
    expect(starters).toEqual([]);
  });
});
