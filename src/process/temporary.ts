/** Whether the system's temporary folder can be used, and whether it is why tests fail. */
import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TeamwrightError } from '../errors.ts';
import { takeScratch } from './fence/index.ts';
import { temporaryFailure } from './make-temporary.ts';

/** What a run needs at the very least, bytes; tests need more, and say so themselves. */
const leastRoom = 1 << 20;

/** For composition roots, before anything is paid for: files can be made there. Nothing stays. Throws `temporary-folder-unusable`. */
export function checkTemporaryFolder(): void {
  const folder = takeScratch('disk');
  try {
    writeFileSync(join(folder, 'room'), Buffer.alloc(leastRoom));
  } catch (error) {
    throw temporaryFailure(error, folder) ?? error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const noRoom = /\bENOSPC\b|\bEDQUOT\b|No space left on device/i;
/** Once they have ended, the room that tests took is free again: a disk of fewer bytes than this may have been too small for them. */
const littleRoom = 256 << 20;
const notStarted = /\b(?:fork\/exec|spawn|execve?) [^\s:]{1,300}(?: |: )(?:permission denied|EACCES)/i;

/**
 * What failing tests said of the temporary folder where that is the cause: its disk is small and was full, or no program may be started from it
 * (`noexec`). `text`: what they printed. Undefined where it is the tests' own affair.
 */
export function temporaryBehind(text: string): TeamwrightError | undefined {
  const folder = tmpdir();
  const unusable = (why: 'full' | 'no-programs'): TeamwrightError =>
    new TeamwrightError('temporary-folder-unusable', { folder, why, detail: '' });
  if (noRoom.test(text)) {
    const { bsize, blocks } = statfsSync(folder);
    if (bsize * blocks < littleRoom) return unusable('full');
  }
  return notStarted.test(text) && !startsPrograms() ? unusable('no-programs') : undefined;
}

function startsPrograms(): boolean {
  const folder = takeScratch('disk');
  try {
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\nexit 0\n', { mode: 0o700 });
    return (spawnSync(program).error as NodeJS.ErrnoException | undefined)?.code !== 'EACCES';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
