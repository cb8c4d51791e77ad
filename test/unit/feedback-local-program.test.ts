import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveLocalProgram } from '../../src/feedback/local-program.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

it('a program of a package is started by Node, and Node itself as it is, also where a package brings it', () => {
  const workspace = temporaryWorkspace({ 'package.json': '{}' });
  const cwd = workspace.root;
  try {
    for (const [name, file] of [
      ['node', 'bin/node'],
      ['vitest', 'vitest.mjs'],
    ] as const) {
      const folder = join(cwd, 'node_modules', name);
      mkdirSync(join(folder, 'bin'), { recursive: true });
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ bin: { [name]: file } }));
      writeFileSync(join(folder, file), '');
    }
    const place = { top: cwd, cwd };
    expect(resolveLocalProgram(['vitest', 'run'], place)).toEqual(['node', join(cwd, 'node_modules/vitest/vitest.mjs'), 'run']);
    expect(resolveLocalProgram(['node', '--test'], place)).toEqual(['node', '--test']);
  } finally {
    workspace.dispose();
  }
});
