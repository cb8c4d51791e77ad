import { describe, expect, test } from 'vitest';
import { findBreaches } from '../../scripts/layers.ts';

const reasons = (path: string, text: string): string[] => findBreaches([{ path, text }]).map((breach) => breach.reason);

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

  test('keeps the core free of the command line, the benchmarks and the editor', () => {
    expect(reasons('run/execute.ts', `import { print } from '../cli/index.ts';`)).toHaveLength(1);
    expect(reasons('run/execute.ts', `import { score } from '../bench/index.ts';`)).toHaveLength(1);
    expect(reasons('editor/view.ts', `import { score } from '../bench/index.ts';`)).toEqual(['only cli may import bench/']);
    expect(reasons('cli/bench.ts', `import { score } from '../bench/index.ts';`)).toEqual([]);
    expect(reasons('run/execute.ts', `import * as vscode from 'vscode';`)).toHaveLength(1);
    expect(reasons('editor/view.ts', `import * as vscode from 'vscode';`)).toEqual([]);
    expect(reasons('run/execute.ts', `import '../cli.ts';`)).toHaveLength(1);
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
});
