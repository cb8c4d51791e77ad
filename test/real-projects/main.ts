/**
 * `npm run real-projects [-- NAME …] [--from DIR|URL] [--work DIR] [--forms LIST]`: gives Teamwright real fixes of public projects and writes what came of
 * it to docs/real-projects.md.
 *
 * --from: where the repositories are (a folder with clones or bare repositories, or the beginning of an address); GitHub otherwise.
 * --work: where workspaces are made, and kept for the next time.
 * --forms: some of weak, strong, weak-wrong, strong-wrong; all otherwise.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { capabilityStore } from '../../src/models/index.ts';
import type { RunResult } from '../../src/run/index.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import type { ApplyReport } from '../../src/workspace/types.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { countsIn } from './counts.ts';
import { type FixedFile, fixedFiles } from './fix.ts';
import { oracle } from './oracle.ts';
import { differences, git, listing, prepare, reset } from './prepare.ts';
import { projects, type RealProject } from './projects.ts';
import { type Counts, countedByHand, type Form, type FormRecord, forms, type ProjectRecord, writeRecord } from './record.ts';

const program = resolve(import.meta.dirname, '../../bin/teamwright.mjs');
/** More than the longest run takes, so that a hang ends. */
const mostMs = 30 * 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { from: { type: 'string' }, work: { type: 'string' }, forms: { type: 'string' } },
});
const work = resolve(values.work ?? join(tmpdir(), 'teamwright-real-projects'));
const wantedForms = (values.forms?.split(',') ?? forms).map((name) => {
  const form = forms.find((one) => one === name);
  if (form === undefined) throw new Error(`There is no form ${name}. There are: ${forms.join(', ')}.`);
  return form;
});
const names = projects.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no project ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(2);
}

for (const project of projects) {
  if (positionals.length > 0 && !positionals.includes(project.name)) continue;
  console.log(`\n▸ ${project.name}`);
  try {
    await tryProject(project);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function tryProject(project: RealProject): Promise<void> {
  const folder = join(work, project.name, 'workspace');
  prepare(project, folder, values.from);
  const files = fixedFiles(folder, project.fix, project.source);
  const byHand = countedByHand(project.name, project.fix) ?? testsByHand(project, folder);
  reset(folder);
  console.log(`  by hand ${byHand === undefined ? 'no counts' : `${byHand.passed} passed, ${byHand.failed} failed`}`);
  for (const form of wantedForms) {
    const run = await tryForm(project, folder, files, form);
    const { test, baseline, files: shown } = run.briefing;
    writeRecord(
      {
        name: project.name,
        url: project.url,
        fix: project.fix,
        kind: project.kind,
        set: project.options ?? [],
        runner: test?.runner ?? 'none',
        command: test?.display ?? 'none',
        baseline: baseline && { passed: baseline.passed, failed: baseline.failed },
        byHand,
        places: files.map((file) => placeOf(file, shown, run.prompt)),
        filesShown: shown.length,
        forms: { [form]: run.record },
      } satisfies ProjectRecord,
      names,
    );
    const { outcome, seconds, calls, tokens, amiss, why } = run.record;
    console.log(
      `  ${form}: ${outcome}, ${seconds} s, ${calls} calls, ${tokens} tokens${[why, ...amiss]
        .filter(Boolean)
        .map((text) => `\n    ! ${text}`)
        .join('')}`,
    );
    if (form === wantedForms[0])
      console.log(
        `    ${test?.display} (${test?.runner}), before ${baseline?.passed}/${baseline?.failed}; ${JSON.stringify(files.map((file) => placeOf(file, shown, run.prompt)))}`,
      );
  }
}

/** The tests as a person runs them, before anything is changed; counted once. */
function testsByHand(project: RealProject, folder: string): Counts | undefined {
  const { stdout, stderr } = spawnSync(project.byHand, { cwd: folder, shell: true, encoding: 'utf8', maxBuffer: 1e9, timeout: mostMs });
  return countsIn(`${stdout}\n${stderr}`);
}

interface Tried {
  readonly record: FormRecord;
  readonly briefing: Extract<TraceEvent, { type: 'briefing.done' }>;
  readonly prompt: string;
}

async function tryForm(project: RealProject, folder: string, files: readonly FixedFile[], form: Form): Promise<Tried> {
  reset(folder);
  const strong = form.startsWith('strong');
  const model = oracle(files, form === 'weak-wrong' ? 'comment' : form === 'strong-wrong' ? 'broken' : undefined);
  const server = await startScriptedServer(model.answer, { models: ['oracle'] });
  const own = join(work, project.name, form);
  rmSync(own, { recursive: true, force: true });
  const [data, temporary] = [join(own, 'data'), join(own, 'tmp')];
  for (const made of [data, temporary]) mkdirSync(made, { recursive: true });
  await capabilityStore(join(data, 'models')).set(server.url, 'oracle', {
    format: 'json-object',
    tools: strong,
    usage: true,
    seed: true,
    strength: strong ? 'strong' : 'weak',
  });
  try {
    const before = listing(folder);
    const startedAt = Date.now();
    const argv = ['run', project.request, '--yes', '--apply', '--json-events', '--workspace', folder, '--model', `oracle@${server.url}`];
    const output = await teamwright([...argv, ...(project.options ?? [])], { data, temporary, settings: join(own, 'settings.json') });
    writeFileSync(join(own, 'output.txt'), `${output.stdout}\n${output.stderr}`);
    writeFileSync(join(own, 'prompt.txt'), model.prompt());
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const lines = output.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as TraceEvent | RunDocument);
    const result = lines.find((line): line is RunDocument => 'kind' in line && line.kind === 'run');
    const briefing = lines.find((line): line is Tried['briefing'] => 'type' in line && line.type === 'briefing.done');
    if (result === undefined || briefing === undefined) throw new Error(`No run came about:\n${output.stderr.slice(-3000)}`);
    const amiss = [
      ...differences(before, listing(folder))
        .filter((path) => !project.source.includes(path))
        .map((path) => `${path} was changed`)
        .slice(0, 5),
      ...(result.outcome === 'solved' ? notTheFix(folder, files, result) : []),
      ...leftBehind(folder, own, data, temporary),
    ];
    const record: FormRecord = {
      outcome: result.outcome,
      seconds,
      calls: result.spend.calls,
      tokens: result.spend.inputTokens + result.spend.outputTokens,
      amiss,
      ...(result.outcome === 'solved' ? {} : { why: whyNot(result) }),
    };
    return { record, briefing, prompt: model.prompt() };
  } finally {
    await server.close();
    reset(folder);
  }
}

type RunDocument = RunResult & { readonly kind: 'run'; readonly exit: number; readonly applied?: ApplyReport };

interface Places {
  readonly data: string;
  readonly temporary: string;
  readonly settings: string;
}

function teamwright(argv: readonly string[], { data, temporary, settings }: Places): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...argv], {
    env: { ...process.env, TEAMWRIGHT_DATA: data, TEAMWRIGHT_CONFIG: settings, TEAMWRIGHT_TRUST: '1', TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: mostMs,
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  return new Promise((fulfil, reject) => {
    child.on('error', reject);
    child.on('close', () => fulfil(said));
  });
}

/** Where the fixed file stands in the briefing, and how much of what changes the model saw. */
function placeOf({ path, hunks }: FixedFile, shown: readonly string[], prompt: string): ProjectRecord['places'][number] {
  const section = prompt.slice(
    Math.max(0, prompt.search(new RegExp(`^### ${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?: \\(part\\))?$`, 'm'))),
  );
  const next = section.slice(1).search(/^(### \S+\.\S+|# (Tests|Failing tests|Request)$)/m);
  const text = next === -1 ? section : section.slice(0, next);
  const at = shown.indexOf(path);
  const seen = at === -1 ? 0 : hunks.filter((hunk) => text.includes(hunk.seen.trimEnd())).length;
  return { path, ...(at === -1 ? {} : { place: at + 1 }), hunks: hunks.length, seen };
}

function notTheFix(folder: string, files: readonly FixedFile[], { applied }: RunDocument): readonly string[] {
  if (applied === undefined) return ['it was not applied'];
  const other = files
    .filter(({ path, after }) => readFileSync(join(folder, path), 'utf8') !== after)
    .map(({ path }) => `${path} is not as the fix left it`);
  const status = git(folder, 'status', '--porcelain', '--untracked-files=all').split('\n').filter(Boolean);
  const paths = files.map(({ path }) => path);
  return [...other, ...status.filter((line) => !paths.includes(line.slice(3).trim())).map((line) => `git status: ${line}`)];
}

/** Processes, copies, locks and temporary files that should be gone. */
function leftBehind(folder: string, own: string, data: string, temporary: string): readonly string[] {
  const copies = join(data, 'copies');
  const worktrees = git(folder, 'worktree', 'list').split('\n').length;
  const locks = existsSync(join(folder, '.git')) ? readdirSync(join(folder, '.git')).filter((name) => name.endsWith('.lock')) : [];
  return [
    ...(existsSync(copies) ? readdirSync(copies, { recursive: true, encoding: 'utf8' }) : [])
      .filter((name) => name !== '.trash')
      .slice(0, 5)
      .map((name) => `a copy was left: ${name}`),
    ...(worktrees > 1 ? [`${worktrees} worktrees`] : []),
    ...locks.map((name) => `a lock was left: .git/${name}`),
    ...readdirSync(temporary).map((name) => `a temporary file was left: ${name}`),
    ...processesIn(folder, own).map((text) => `a process was left: ${text}`),
  ];
}

/** Command lines of processes that work in the workspace or in the run's own folder, or name the latter; others may name the workspace (Linux; none elsewhere). */
function processesIn(folder: string, own: string): readonly string[] {
  if (!existsSync('/proc/self/cwd')) return [];
  return readdirSync('/proc').flatMap((id) => {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) return [];
    try {
      const words = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const at = readlinkSync(`/proc/${id}/cwd`);
      const isHere = [folder, own].some((place) => at.startsWith(`${place}/`) || at === place);
      return isHere || words.includes(own) ? [words.slice(0, 100)] : [];
    } catch {
      // It ended meanwhile, or belongs to somebody else.
      return [];
    }
  });
}

function whyNot({ failure, judgement, after }: RunDocument): string {
  const words = [failure?.message, ...(judgement === undefined ? [] : [JSON.stringify(judgement).slice(0, 300)])].filter(Boolean);
  return words.length > 0 ? words.join('; ') : `after: ${after?.passed} passed, ${after?.failed} failed`;
}
