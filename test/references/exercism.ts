/** References of Exercism's public tracks: each exercise has a stub, tests and a solution of its own. Fetched, never kept in this repository. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunnerName } from '../../src/feedback/types.ts';
import { sourceOf } from '../real-projects/prepare.ts';
import type { Files, Reference } from './reference.ts';

interface Track {
  readonly name: string;
  readonly commit: string;
  /** The solution that is asked for, among the files the exercise names. */
  readonly source: RegExp;
  /** Command of each runner for the file of tests. */
  readonly commands: Readonly<Partial<Record<RunnerName, (test: string) => string>>>;
  /** Whether it needs nothing from the network; `files` as the exercise has them. */
  readonly standsAlone?: (files: Files) => boolean;
  /** All its tests run: exercises hold back all but the first. */
  readonly wholly?: (test: string) => string;
}

const tracks: readonly Track[] = [
  { name: 'go', commit: 'ae1477abfeeb9fbeaf971caee220e91f9e4df790', source: /\.go$/, commands: { 'go-test': () => 'go test ./...' } },
  {
    name: 'rust',
    commit: 'afe248a156c147bed54f08ed52d88e50d17b0e7b',
    source: /\.rs$/,
    commands: { 'cargo-test': () => 'cargo test' },
    standsAlone: (files) => !/^\[[\w.-]*dependencies\]\n+\w/m.test(files['Cargo.toml'] ?? ''),
    wholly: (test) => test.replaceAll(/^ *#\[ignore.*\]\n/gm, ''),
  },
  {
    name: 'python',
    commit: '9eb657d4507d91efef99f484e7f2a1f4074911b5',
    source: /\.py$/,
    commands: {
      pytest: (test) => `python3 -m pytest -q ${test}`,
      unittest: (test) => `python3 -m unittest -q ${test.replace(/\.py$/, '')}`,
    },
  },
];

/** References of every track. `from`: where the repositories are (a folder or the beginning of an address), GitHub otherwise; `work`: where they are laid. */
export function exercismReferences(work: string, from: string | undefined): Reference[] {
  return tracks.flatMap((track) => {
    const folder = join(fetched(track, work, from), 'exercises', 'practice');
    return readdirSync(folder)
      .sort()
      .flatMap((name) => referencesOf(track, name, join(folder, name)));
  });
}

function fetched({ name, commit }: Track, work: string, from: string | undefined): string {
  const folder = join(work, `${name}-${commit}`);
  if (existsSync(folder)) return folder;
  mkdirSync(work, { recursive: true });
  const repository = join(work, `${name}.git`);
  if (!existsSync(repository))
    execFileSync('git', ['clone', '--quiet', '--bare', sourceOf({ url: `https://github.com/exercism/${name}` }, from), repository]);
  const archive = execFileSync('git', ['-C', repository, 'archive', commit, 'exercises/practice'], { maxBuffer: 1e9 });
  mkdirSync(folder);
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  return folder;
}

function referencesOf(
  { name: track, source, commands, standsAlone = () => true, wholly = (test) => test }: Track,
  name: string,
  folder: string,
): Reference[] {
  const { files: named } = JSON.parse(readFileSync(join(folder, '.meta', 'config.json'), 'utf8')) as {
    files: Readonly<Record<'solution' | 'test' | 'example', readonly string[]>>;
  };
  const files = Object.fromEntries(
    Object.entries(filesIn(folder)).map(([path, text]) => [path, named.test.includes(path) ? wholly(text) : text]),
  );
  const [solution, ...others] = named.solution.filter((path) => source.test(path));
  const [example, ...more] = named.example;
  const [test = ''] = named.test;
  if (solution === undefined || example === undefined || others.length + more.length > 0) return [];
  const right = readFileSync(join(folder, example), 'utf8');
  // Where tests are what is asked for, none is red before.
  if (!files[solution] || !standsAlone(files) || /^import "testing"$/m.test(right)) return [];
  const asked = join(folder, '.docs', 'instructions.md');
  return Object.entries(commands).map(([runner, command]) => ({
    id: `exercism-${track}/${name}`,
    runner: runner as RunnerName,
    request: `Write ${solution}.\n\n${readFileSync(asked, 'utf8')}`,
    files,
    reference: { [solution]: right },
    command: command(test),
  }));
}

/** What a student gets: all but the folders of the track's own people. */
function filesIn(folder: string): Files {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const given = paths.filter((path) => !path.startsWith('.') && statSync(join(folder, path)).isFile());
  return Object.fromEntries(given.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}
