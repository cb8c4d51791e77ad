/** How git is started: by one file, with one environment, whoever asks. Real git, and a program of that name that tells how it was started. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gitState } from '../../src/briefing/index.ts';
import { git } from '../../src/workspace/git.ts';
import { askGit } from '../../src/workspace/index.ts';
import { type Bench, gitIn, makeRepository } from '../support/repositories.ts';

const never = new AbortController().signal;
const enough = { ms: 60_000, bytes: 1_000_000 };

let bench: Bench;
beforeEach(() => {
  bench = makeRepository({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
});
afterEach(() => {
  vi.unstubAllEnvs();
  bench.remove();
});

/** Puts a program named git first on the path. */
function standIn(script: string): void {
  const bin = join(bench.top, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'git'), 0o755);
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`);
}

it.skipIf(process.platform === 'win32')('starts with the same environment and settings, whoever asks', async () => {
  const said = join(bench.top, 'said');
  mkdirSync(said);
  // Settings come first; then the environment, without what a shell adds.
  standIn(`exec > "${said}/$$"; while [ "$1" = -c ]; do echo "-c $2"; shift 2; done; env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= | sort`);
  for (const name of [
    'GIT_DIR',
    'GIT_ASKPASS',
    'GIT_CONFIG_COUNT',
    'SSH_ASKPASS',
    'SSH_AUTH_SOCK',
    'EDITOR',
    'PAGER',
    'MY_TOKEN',
    'NODE_OPTIONS',
  ])
    vi.stubEnv(name, '0');
  vi.stubEnv('XDG_CONFIG_HOME', join(bench.top, 'config'));
  await git({ cwd: bench.workspace }, ['version', '']);
  await askGit({ cwd: bench.workspace }, ['version', ''], enough, never);
  await gitState(bench.workspace, never);
  const starts = readdirSync(said).map((name) => readFileSync(join(said, name), 'utf8'));
  expect(starts.length).toBeGreaterThan(3);
  expect(new Set(starts).size).toBe(1);
  const [first = ''] = starts;
  expect(first).toContain(`XDG_CONFIG_HOME=${join(bench.top, 'config')}\n`);
  for (const line of ['GIT_TERMINAL_PROMPT=0', 'GIT_OPTIONAL_LOCKS=0', 'GIT_NO_LAZY_FETCH=1', 'GIT_ALLOW_PROTOCOL=none'])
    expect(first).toContain(line);
  for (const setting of ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'gc.auto=0']) expect(first).toContain(`-c ${setting}`);
  expect(first).not.toMatch(/^(GIT_DIR|GIT_ASKPASS|GIT_CONFIG_COUNT|SSH_\w+|EDITOR|PAGER|MY_TOKEN|NODE_OPTIONS)=/m);
});

it('fetches nothing that a partial clone lacks', async () => {
  bench.git('config', 'uploadpack.allowFilter', 'true');
  bench.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const partial = join(bench.top, 'partial');
  gitIn(bench.top, 'clone', '-q', '--no-checkout', '--filter=blob:none', pathToFileURL(bench.workspace).href, partial);
  const blob = bench.git('rev-parse', 'HEAD:a.txt').trim();
  await expect(git({ cwd: partial }, ['cat-file', '-p', blob])).rejects.toMatchObject({ code: 'git-failed' });
  expect(await askGit({ cwd: partial }, ['cat-file', '-p', blob], enough, never)).toMatchObject({ ending: 'failed', stdout: '' });
  expect(gitIn(partial, 'cat-file', '-p', blob)).toBe('a\n');
});

describe('a question within limits', () => {
  const ask = (args: string[], limits = {}, signal = never) => askGit({ cwd: bench.workspace }, args, { ...enough, ...limits }, signal);

  it('is answered, or tells the exit code and what git said', async () => {
    expect(await ask(['ls-files', '-z'])).toEqual({ ending: 'done', exitCode: 0, stdout: 'a.txt\0b.txt\0', stderr: '' });
    expect(await ask(['check-ignore', '-q', '--', 'a.txt'])).toEqual({ ending: 'failed', exitCode: 1, stdout: '', stderr: '' });
    expect(await ask(['no-such-command'])).toMatchObject({
      ending: 'failed',
      exitCode: 1,
      stderr: expect.stringContaining('no-such-command'),
    });
    rmSync(bench.workspace, { recursive: true });
    expect(await ask(['status'])).toMatchObject({ ending: 'failed', exitCode: undefined });
  });

  it('is cut where it becomes too much, and what came before is given', async () => {
    expect(await ask(['ls-files', '-z'], { bytes: 8 })).toEqual({
      ending: 'too-much',
      exitCode: undefined,
      stdout: 'a.txt\0b.',
      stderr: '',
    });
    expect(await ask(['ls-files', '-z'], { bytes: 12 })).toMatchObject({ ending: 'done' });
  });

  it.skipIf(process.platform === 'win32')(
    'is cut when it takes too long, stopped when it must, and tells when there is no git',
    async () => {
      standIn("case \"$*\" in *' config '*) exit 0;; esac; printf 'first'; exec sleep 30");
      const started = performance.now();
      expect(await ask(['status'], { ms: 500 })).toEqual({ ending: 'too-long', exitCode: undefined, stdout: 'first', stderr: '' });
      await expect(ask(['status'], {}, AbortSignal.timeout(100))).rejects.toMatchObject({ code: 'stopped' });
      expect(performance.now() - started).toBeLessThan(10_000);
      vi.stubEnv('PATH', mkdtempSync(join(tmpdir(), 'teamwright-empty-')));
      expect(await ask(['status'])).toMatchObject({ ending: 'not-found' });
      rmSync(process.env.PATH ?? '', { recursive: true });
      await expect(git({ cwd: bench.workspace }, ['status'])).rejects.toMatchObject({ code: 'git-missing' });
    },
  );
});
