import { chmodSync, lchownSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkDataFolder } from '../../src/workspace/index.ts';
import { type Bench, makeRepository } from '../support/repositories.ts';

const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.remove();
});

function folder(mode: number): { workspace: string; dataDir: string; top: string } {
  const bench = makeRepository({ 'a.txt': 'a\n' });
  benches.push(bench);
  rmSync(bench.dataDir, { recursive: true, force: true });
  mkdirSync(bench.dataDir);
  chmodSync(bench.dataDir, mode);
  return bench;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
const isRoot = process.getuid?.() === 0;

describe.skipIf(process.getuid === undefined)('a data folder that was there before', () => {
  it.each([0o755, 0o777, 0o750, 0o2775, 0o701])('is made private when others may look into it (%o)', async (mode) => {
    const { workspace, dataDir } = folder(mode);
    await checkDataFolder(workspace, dataDir);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  it('is made private through a link of the user, and one that is private stays as it is', async () => {
    const { workspace, dataDir, top } = folder(0o755);
    symlinkSync(dataDir, join(top, 'linked'));
    await checkDataFolder(workspace, join(top, 'linked'));
    expect(modeOf(dataDir)).toBe('700');
    await checkDataFolder(workspace, dataDir);
    expect(modeOf(dataDir)).toBe('700');
  });

  it('is refused where everybody has files, and left as it is', async () => {
    const { workspace, dataDir } = folder(0o1777);
    await expect(checkDataFolder(workspace, dataDir)).rejects.toMatchObject({
      code: 'data-folder-unusable',
      message: expect.stringContaining('everybody has files in it'),
    });
    expect([modeOf(dataDir), readdirSync(dataDir)]).toEqual(['1777', []]);
  });

  it.runIf(isRoot)('is refused when another user put a link in its place', async () => {
    const { workspace, dataDir, top } = folder(0o700);
    const link = join(top, 'theirs');
    symlinkSync(dataDir, link);
    lchownSync(link, 12345, 12345);
    await expect(checkDataFolder(workspace, link)).rejects.toMatchObject({
      message: expect.stringContaining('a link that another user made'),
    });
  });
});
