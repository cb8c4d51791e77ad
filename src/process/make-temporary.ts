/** A folder in the system's temporary one, and what it is that stands in the way. */
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText, type Facts, TeamwrightError } from '../errors.ts';

/** A new empty folder of ours, absolute and real, in the temporary folder or in `top`. Throws `temporary-folder-unusable`. */
export function makeTemporary(top = tmpdir()): string {
  try {
    return realpathSync(mkdtempSync(join(top, 'teamwright-')));
  } catch (error) {
    throw temporaryFailure(error, top) ?? error;
  }
}

/** What the system said while something was made or written below `folder`; undefined for what no system says. */
export function temporaryFailure(error: unknown, folder: string): TeamwrightError | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  return new TeamwrightError(
    'temporary-folder-unusable',
    { folder: folder.startsWith(tmpdir()) ? tmpdir() : folder, why: reasons[code] ?? 'other', detail: errorText(error) },
    { cause: error },
  );
}

const reasons: Readonly<Record<string, Facts['temporary-folder-unusable']['why']>> = {
  ENOENT: 'absent',
  ENOTDIR: 'not-a-folder',
  EACCES: 'not-writable',
  EPERM: 'not-writable',
  EROFS: 'read-only',
  ENOSPC: 'full',
  EDQUOT: 'full',
};
