import { existsSync, readdirSync } from 'node:fs';
import { devNull } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Fenced, findProgram, openFor, pickEnvironment, runCommand, textAtNow } from '../process/index.ts';
import { normaliserFor, shorten } from './normalise.ts';
import type { CheckName, CheckReport, RunLimits } from './types.ts';

export interface Check {
  readonly name: CheckName;
  readonly display: string;
  readonly argv: readonly string[];
}

interface CheckTool extends Check {
  /** Is it set up in this workspace? Its top-level file names, and the text of the manifests where tools are configured. */
  configured(files: ReadonlySet<string>, manifests: string): boolean;
}

const some = (files: ReadonlySet<string>, pattern: RegExp): boolean => [...files].some((file) => pattern.test(file));

const tools: readonly CheckTool[] = [
  {
    name: 'types',
    display: 'tsc --noEmit',
    argv: ['tsc', '--noEmit', '--pretty', 'false', '-p', '.'],
    configured: (files) => files.has('tsconfig.json'),
  },
  {
    name: 'types',
    display: 'pyright',
    argv: ['pyright'],
    configured: (files, text) => files.has('pyrightconfig.json') || /^\[tool\.(based)?pyright/m.test(text),
  },
  {
    name: 'types',
    display: 'mypy .',
    argv: ['mypy', '--no-color-output', `--cache-dir=${devNull}`, '.'],
    configured: (files, text) => some(files, /^\.?mypy\.ini$/) || /^\[(tool\.)?mypy/m.test(text),
  },
  { name: 'types', display: 'go vet ./...', argv: ['go', 'vet', './...'], configured: (files) => files.has('go.mod') },
  {
    name: 'types',
    display: 'cargo check',
    argv: ['cargo', 'check', '--quiet', '--all-targets'],
    configured: (files) => files.has('Cargo.toml'),
  },
  {
    name: 'lint',
    display: 'eslint .',
    argv: ['eslint', '--no-color', '.'],
    configured: (files) => some(files, /^(eslint\.config\.|\.eslintrc)/),
  },
  {
    name: 'lint',
    display: 'biome lint',
    argv: ['biome', 'lint', '--colors=off', '.'],
    configured: (files) => some(files, /^biome\.jsonc?$/),
  },
  {
    name: 'lint',
    display: 'ruff check',
    argv: ['ruff', 'check', '--no-cache', '--output-format=concise', '.'],
    configured: (files, text) => some(files, /^\.?ruff\.toml$/) || /^\[tool\.ruff/m.test(text),
  },
  {
    name: 'lint',
    display: 'cargo clippy',
    argv: ['cargo', 'clippy', '--quiet', '--all-targets'],
    configured: (files) => some(files, /^\.?clippy\.toml$/),
  },
];

/** Type checks and linters that are both set up in the workspace and installed on the machine (or in the workspace). */
export function detectChecks(root: string): Check[] {
  const files = new Set(readdirSync(root));
  const manifests = ['pyproject.toml', 'setup.cfg', 'tox.ini']
    .filter((file) => files.has(file))
    .map((file) => textAtNow(join(root, file)) ?? '')
    .join('\n');
  const environment = environmentOf(root);
  return tools
    .filter((tool) => tool.configured(files, manifests) && findProgram(tool.argv[0] ?? '', root, environment) !== undefined)
    .map(({ name, display, argv }) => ({ name, display, argv }));
}

export interface RunChecksOptions {
  /** Real path of the top of what `root` is a folder of, where that is copied too: settings of tools may lie there. */
  readonly top?: string;
  /** What the tools see of the machine; they write below `top`. Absent: they run as the user. */
  readonly fence?: Fenced;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the checks asked for, one after another; one report per tool, and one with `available: false` for a name without a tool. */
export async function runChecks(
  names: readonly CheckName[],
  root: string,
  limits: RunLimits,
  signal: AbortSignal,
  options: RunChecksOptions = {},
): Promise<CheckReport[]> {
  const found = detectChecks(root);
  const normalise = normaliserFor(root, []);
  const environment = environmentOf(root);
  const { fence, env, top = root } = options;
  const reports: CheckReport[] = [];
  for (const name of names) {
    const checks = found.filter((check) => check.name === name);
    if (checks.length === 0) reports.push({ name, ok: true, available: false, output: '', ms: 0 });
    for (const { argv, display } of checks) {
      const result = await runCommand(
        {
          argv,
          cwd: root,
          env: { ...env, PATH: environment.PATH ?? '' },
          wallMs: limits.wallMs,
          idleMs: limits.idleMs,
          outputBytes: limits.outputBytes,
        },
        fence === undefined ? {} : { fence: { ...fence, view: openFor(fence.view, [top]) } },
        signal,
      );
      const text = shorten(normalise(`${result.stdout}\n${result.stderr}`), 8000);
      const ended = result.ending === 'exited' ? '' : `[${result.ending}] `;
      reports.push({
        name,
        display,
        ok: result.ending === 'exited' && result.exitCode === 0,
        available: true,
        output: `${ended}${text}`,
        ms: Math.round(result.ms),
      });
    }
  }
  return reports;
}

/** Tools installed in the workspace come first. */
function environmentOf(root: string): Record<string, string> {
  const folders = ['node_modules/.bin', '.venv/bin', '.venv/Scripts', 'venv/bin']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder));
  const path = process.env.PATH ?? process.env.Path ?? '';
  return pickEnvironment(process.env, { PATH: [...folders, path].join(delimiter) });
}
