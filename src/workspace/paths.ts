import { pathEscapes } from '../errors.ts';

/** Characters that some file systems drop when they compare names (HFS+, see git's utf8.c `is_hfs_dotgit`), and other invisible ones. */
const invisible = /\u034f|[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters in names are what is looked for.
const control = /[\u0000-\u001f\u007f]/;

const windowsDevice = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i;

/**
 * A path as a model or a plan wrote it, in its one form: relative, forward slashes, no `.` and no `..`. Throws `path-escapes` for anything
 * that could mean a place outside the folder or git's own files, on any file system: the same rules hold everywhere, so that a plan that
 * works on one machine works on the others.
 */
export function normalPath(path: string, platform: NodeJS.Platform = process.platform): string {
  const refuse = (why: string) => pathEscapes(path.slice(0, 200), why);
  if (path.length > 4096) throw refuse('it is too long');
  if (control.test(path)) throw refuse('it has control characters');
  const slashed = path.replaceAll('\\', '/');
  if (slashed.startsWith('/')) throw refuse('it is absolute');
  if (/^[A-Za-z]:/.test(slashed)) throw refuse('it names a drive');
  if (/^~(\/|$)/.test(slashed)) throw refuse('it names a home folder');
  const segments = slashed.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0) throw refuse('it names no file');
  for (const segment of segments) {
    const why = segmentProblem(segment, platform);
    if (why !== undefined) throw refuse(why);
  }
  return segments.join('/');
}

function segmentProblem(segment: string, platform: NodeJS.Platform): string | undefined {
  const plain = segment.normalize('NFKC').replace(invisible, '');
  if (/^\.\.[. ]*$/.test(plain)) return 'it goes up';
  if (plain !== segment.normalize('NFKC') && /^[. ]*$/.test(plain)) return 'it has invisible characters';
  const bare = (plain.split(':')[0] ?? '').replace(/(?<![. ])[. ]+$/, '').toLowerCase();
  if (bare === '.git' || /^git~\d+$/.test(bare)) return "it names git's own files";
  if (/[. ]$/.test(segment)) return 'a part of it ends in a dot or a space';
  if (Buffer.byteLength(segment) > 255) return 'a part of it is too long';
  if (platform === 'win32' && (segment.includes(':') || windowsDevice.test(segment))) return 'Windows gives it another meaning';
  return undefined;
}
