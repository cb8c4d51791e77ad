import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyEdits } from '../../src/workspace/apply-edits.ts';
import { readInside, resolveInside } from '../../src/workspace/index.ts';
import { normalPath } from '../../src/workspace/paths.ts';

let top = '';
let root = '';
let outside = '';
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-escape-')));
  root = join(top, 'copy');
  outside = join(top, 'outside');
  for (const folder of [root, outside, join(root, 'src'), join(root, '.git')]) mkdirSync(folder);
  writeFileSync(join(outside, 'victim.txt'), 'untouched\n');
  writeFileSync(join(root, 'src/a.txt'), 'a\n');
  writeFileSync(join(root, '.git/config'), '[core]\n');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const everything = { allow: ['**', '.*', '.*/**'] };
const write = (path: string) => applyEdits(root, [{ kind: 'whole-file', path, text: 'PWNED\n' }], everything);

/** Every path below the folder with its text: what must be the same after an attack. */
function everythingBelow(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    found[path] = entry.isFile() ? readFileSync(path, 'utf8') : entry.isSymbolicLink() ? 'link' : 'folder';
  }
  return found;
}

const refusedPaths = [
  '../outside/victim.txt',
  'src/../../outside/victim.txt',
  'src/../a.txt',
  '..',
  '.',
  '',
  './',
  '/etc/passwd',
  '//server/share/x',
  '\\\\server\\share\\x',
  '\\\\?\\C:\\x',
  '..\\outside\\victim.txt',
  'src\\..\\..\\outside\\victim.txt',
  'C:\\Windows\\x',
  'C:x',
  'c:/x',
  '~/x',
  '.git/config',
  '.git',
  '.GIT/config',
  '.Git/hooks/pre-commit',
  'src/.git/config',
  '.git./config',
  '.git /config',
  '.git::$INDEX_ALLOCATION/config',
  '.git:stream',
  'git~1/config',
  'GIT~2/config',
  '.g\u200cit/config',
  '.\u200dgit/config',
  '.git\ufeff/config',
  '\u202e.git/config',
  '\uff0egit/config',
  '.g\u0131t\u0000/config',
  '.\u2060./outside/victim.txt',
  '\uff0e\uff0e/outside/victim.txt',
  '.. /outside/victim.txt',
  '.../outside/victim.txt',
  'src/a.txt.',
  'src/a.txt ',
  'src/a\u0000.txt',
  'src/a\n.txt',
  `${'d/'.repeat(3000)}x`,
  `${'n'.repeat(300)}.txt`,
];

describe('a path that leads out', () => {
  for (const path of refusedPaths) {
    it(`is refused: ${JSON.stringify(path.slice(0, 60))}`, async () => {
      const before = everythingBelow(top);
      const report = await write(path);
      expect(report.changed).toEqual([]);
      expect(report.problems[0]?.kind).toBe('escapes');
      await expect(resolveInside(root, path)).rejects.toMatchObject({ code: 'path-escapes' });
      expect(everythingBelow(top)).toEqual(before);
    });
  }

  it('is refused on Windows also for devices and streams', () => {
    for (const path of ['con', 'src/NUL.txt', 'com1', 'a.txt:stream', 'aux.js']) expect(() => normalPath(path, 'win32')).toThrow(/refused/);
  });

  it('and looks harmless, is not refused', () => {
    const harmless = [
      'src/a.txt',
      './src//a.txt',
      'src\\a.txt',
      '.github/workflows/ci.yml',
      '.gitignore',
      '.gitattributes',
      'git/x',
      '日本語/ファイル.txt',
      'a b/c d.txt',
      '-rf',
      '--help',
      'x..y',
      '..x/y',
      '❤️.txt',
      'e\u0301.txt',
    ];
    for (const path of harmless) expect(normalPath(path)).toBe(path.replaceAll('\\', '/').replace('./src//', 'src/'));
  });

  it('never comes out of any string', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '/', '\\', '.git', ':', '~', ' ', '\u200b', 'a', 'C:', '\uff0e', '\uff0f', '%2e%2e'),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        let normal: string;
        try {
          normal = normalPath(pieces.join(''));
        } catch {
          return;
        }
        const segments = normal.split('/');
        expect(join(root, normal).startsWith(`${root}/`)).toBe(true);
        expect(segments.some((segment) => segment === '' || segment === '.' || segment === '..' || segment.toLowerCase() === '.git')).toBe(
          false,
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('a symbolic link', () => {
  const attacks: Record<string, () => string> = {
    'at the end': () => {
      symlinkSync(join(outside, 'victim.txt'), join(root, 'src/link.txt'));
      return 'src/link.txt';
    },
    'at the end, leading nowhere yet': () => {
      symlinkSync(join(outside, 'new.txt'), join(root, 'src/link.txt'));
      return 'src/link.txt';
    },
    'as a folder on the way': () => {
      symlinkSync(outside, join(root, 'src/folder'));
      return 'src/folder/victim.txt';
    },
    'as a folder for new folders': () => {
      symlinkSync(outside, join(root, 'folder'));
      return 'folder/deep/new.txt';
    },
    'to a link': () => {
      symlinkSync(outside, join(root, 'first'));
      symlinkSync('first', join(root, 'second'));
      return 'second/victim.txt';
    },
    'to a place inside': () => {
      symlinkSync('src', join(root, 'alias'));
      return 'alias/a.txt';
    },
    "to git's own files": () => {
      symlinkSync('.git', join(root, 'settings'));
      return 'settings/config';
    },
    'in a circle': () => {
      symlinkSync('loop', join(root, 'loop'));
      return 'loop/x';
    },
  };
  for (const [name, prepare] of Object.entries(attacks)) {
    it(`${name} is not followed by writes, blocks, deletions or reads`, async () => {
      const path = prepare();
      const before = everythingBelow(top);
      for (const edit of [
        { kind: 'whole-file', path, text: 'PWNED\n' },
        { kind: 'search-replace', path, search: 'untouched\n', replace: 'PWNED\n' },
        { kind: 'unified-diff', path, patch: '@@ -1 +1 @@\n-untouched\n+PWNED\n' },
        { kind: 'delete', path },
      ] as const) {
        const report = await applyEdits(root, [edit], everything);
        expect(report.changed).toEqual([]);
        expect(report.problems[0]?.kind).toBe('escapes');
      }
      await expect(readInside(root, path)).rejects.toMatchObject({ code: 'path-escapes' });
      expect(everythingBelow(top)).toEqual(before);
    });
  }
});

describe('a hard link', () => {
  it('to a file outside is broken, not written through', async () => {
    linkSync(join(outside, 'victim.txt'), join(root, 'src/hard.txt'));
    expect(statSync(join(root, 'src/hard.txt')).nlink).toBe(2);
    expect((await write('src/hard.txt')).changed).toEqual(['src/hard.txt']);
    expect(readFileSync(join(outside, 'victim.txt'), 'utf8')).toBe('untouched\n');
    expect(readFileSync(join(root, 'src/hard.txt'), 'utf8')).toBe('PWNED\n');
  });
});

describe('a race', () => {
  it('that swaps a folder for a link to the outside again and again gets nothing out', async () => {
    mkdirSync(join(outside, 'trap'));
    symlinkSync(join(outside, 'trap'), join(root, 'bait'));
    mkdirSync(join(root, 'real'));
    let running = true;
    const exchange = (from: string, to: string) => {
      for (let attempt = 0; attempt < 100; attempt++) {
        try {
          renameSync(join(root, from), join(root, to));
          return;
        } catch {
          rmSync(join(root, to), { recursive: true, force: true });
        }
      }
      throw new Error(`${from} could not take the place of ${to}`);
    };
    let swaps = 0;
    const attacker = (async () => {
      while (running) {
        // `real` is a folder and a link in turn; the writer may make a folder of that name in between, which then goes.
        renameSync(join(root, 'real'), join(root, 'aside'));
        exchange('bait', 'real');
        await new Promise((resolve) => setImmediate(resolve));
        renameSync(join(root, 'real'), join(root, 'bait'));
        exchange('aside', 'real');
        swaps++;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    let written = 0;
    for (let n = 0; n < 150; n++) {
      const report = await write(`real/deep/file-${n}.txt`);
      written += report.changed.length;
    }
    running = false;
    await attacker;
    expect(swaps).toBeGreaterThan(10);
    expect(written).toBeLessThan(151);
    expect(readdirSync(join(outside, 'trap'))).toEqual([]);
  });
});

describe('what is no file', () => {
  it('is neither written nor read', async () => {
    expect((await write('src')).problems[0]?.kind).toBe('escapes');
    expect((await write('src/a.txt/below.txt')).problems[0]?.kind).toBe('escapes');
    expect(existsSync(join(root, 'src/a.txt'))).toBe(true);
  });

  it('leaves no temporary file behind', async () => {
    await write('src');
    await write('src/new.txt');
    expect(readdirSync(join(root, 'src')).sort()).toEqual(['a.txt', 'new.txt']);
  });
});
