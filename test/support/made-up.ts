/** A copy of the project with something in it that is not in the product, to count what adding it takes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

const root = path.resolve(import.meta.dirname, '../..');
const fixtures = path.join(root, 'test', 'fixtures', 'made-up');

/** What the compiler and Node read; `docs` and `l10n` for the scripts that write them. */
const parts = ['src', 'test', 'scripts', 'docs', 'l10n', 'package.json', 'package.nls.json', 'package.nls.de.json', 'tsconfig.json'];

export interface Project extends Disposable {
  /** Takes a file of `test/fixtures/made-up` to its place. */
  add(fixture: string, file: string): void;
  /** Puts text before the first place where a file says `before`. */
  insert(file: string, before: string, text: string): void;
  /** What the compiler asks for: `file: message`. */
  complaints(): string[];
  /** What a script prints, as JSON. */
  run(script: string): unknown;
}

export function copyProject(): Project {
  const folder = mkdtempSync(path.join(tmpdir(), 'teamwright-made-up-'));
  for (const part of parts) cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  const at = (file: string): string => path.join(folder, file);
  return {
    add: (fixture, file) => cpSync(path.join(fixtures, fixture), at(file)),
    insert(file, before, text) {
      const now = readFileSync(at(file), 'utf8');
      if (!now.includes(before)) throw new Error(`${file} does not say ${before}`);
      writeFileSync(
        at(file),
        now.replace(before, () => `${text}${before}`),
      );
    },
    complaints() {
      const { stdout } = spawnSync(path.join(root, 'node_modules', '.bin', 'tsc'), ['-p', folder, '--pretty', 'false'], {
        cwd: folder,
        encoding: 'utf8',
      });
      return stdout.split('\n').flatMap((line) => /^(\S+?)\(\d+,\d+\): (.*)$/.exec(line)?.slice(1).join(': ') ?? []);
    },
    run: (script) => JSON.parse(execFileSync(process.execPath, [at(script)], { cwd: folder, encoding: 'utf8' })),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
