import { realpathSync, rmSync, statSync } from 'node:fs';
import { delimiter, join, relative, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import {
  type CommandEnding,
  type CommandResult,
  type Fenced,
  openFor,
  runCommand,
  takeScratch,
  textAtNow,
  wantedBeyond,
} from '../process/index.ts';
import { wantedBeside } from './beside.ts';
import { openChannel } from './channel.ts';
import { guardFolder, recorderEnv } from './guard-files.ts';
import { foldersUpTo, resolveLocalProgram } from './local-program.ts';
import { movedCommand, movedVariables, moveOf } from './moved.ts';
import { normaliserFor, shorten } from './normalise.ts';
import { type Reading, unguarded } from './reading.ts';
import { runners } from './runners/index.ts';
import type { Prepared, RunPlace } from './runners/runner.ts';
import { isTapProgram, tapReader } from './runners/tap.ts';
import type { RunLimits, TestCase, TestCommand, TestReport } from './types.ts';

export interface RunTestsOptions {
  /** Real path of the top of what `root` is a folder of, where that is copied too: its repository and hoisted programs are there, and it is the tests' own. */
  readonly top?: string;
  /** What the tests see of the machine; they write below `top` and in the report folder. Absent: they run as the user. */
  readonly fence?: Fenced;
  readonly env?: Readonly<Record<string, string>>;
  /** The user's folder that `root` is a copy of: what was installed from there must lead into the copy. */
  readonly workspace?: string;
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
  /** Real path of a folder in which the run records the lines that its tests ran over (`coverage.ts`). */
  readonly lines?: string;
}

/** Kept of a run's console text, characters. */
const outputLimit = 12_000;

/**
 * Runs the tests of the workspace at `root` and tells what happened, test by test. Never throws for what the tests do, but for a temporary folder that cannot be used; `ending` says how it ended.
 * The same failure gives the same text, wherever the copy lies. Nothing of ours is written below `root`.
 */
export async function runTests(
  command: TestCommand,
  root: string,
  limits: RunLimits,
  options: RunTestsOptions,
  signal: AbortSignal,
): Promise<TestReport> {
  const top = realpathSync(root);
  const reports = takeScratch('disk', 'teamwright-report');
  try {
    const move = moveOf(options.workspace, top, options.top ?? top);
    const asked = withEnvFile(command, join(top, command.cwd));
    const here = move === undefined ? asked : movedCommand(asked, move);
    const place: RunPlace = {
      root: top,
      cwd: join(top, command.cwd),
      reports,
      channel: openChannel(reports),
      recordsLines: options.lines !== undefined,
      env: { ...(move && movedVariables(process.env, move)), ...here.env, ...options.env },
      workspace: options.workspace,
      normalise: normaliserFor(root, [reports, guardFolder]),
    };
    const run: Run = { command: here, place, limits, options, signal };
    if (command.unready !== undefined) return reportOfUnready(command.unready);
    const started = performance.now();
    if (here.before !== undefined) {
      const built = await execute(run, shellArgv(here.before), {});
      if (built.ending !== 'exited' || built.exitCode !== 0) return withWanted(reportOfBuild(built, run), run);
    }
    const left = { ...limits, wallMs: Math.max(1, limits.wallMs - (performance.now() - started)) };
    return withWanted(await runPrepared({ ...run, limits: left }), run);
  } finally {
    rmSync(reports, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Only failures tell what was missing. */
function withWanted(report: TestReport, { place: { root, cwd }, options }: Run): TestReport {
  if (report.green) return report;
  const said = saidIn(report);
  const top = options.top ?? root;
  const beside = options.workspace && wantedBeside(said, { top, cwd, project: resolve(options.workspace, relative(root, top)) });
  const wanted = [...(options.fence ? wantedBeyond(said, options.fence.view) : []), ...(beside || [])];
  return wanted.length === 0 ? report : { ...report, wanted };
}

/** All that a run said: what it printed, and the messages of its tests. */
export const saidIn = ({ output, cases }: Pick<TestReport, 'output' | 'cases'>): string =>
  [output, ...cases.map(({ message = '' }) => message)].join('\n');

interface Run {
  readonly command: TestCommand;
  readonly place: RunPlace;
  readonly limits: RunLimits;
  readonly options: RunTestsOptions;
  readonly signal: AbortSignal;
}

async function runPrepared(run: Run): Promise<TestReport> {
  const { command, place } = run;
  const runner = command.runner === 'command' ? undefined : runners[command.runner];
  if (runner === undefined || command.argv === undefined) {
    const tap = tapReader();
    const onOutput: Prepared['onOutput'] = (chunk, stream) => (stream === 'stdout' ? tap.add(chunk) : undefined);
    const argv = resolveLocalProgram(command.argv ?? shellArgv(command.shell ?? command.display), {
      top: run.options.top ?? place.root,
      cwd: place.cwd,
    });
    const result = await execute(run, argv, { onOutput });
    return reportOfCommand(result, run, tap.read());
  }
  const { onOutput: _, ...quiet } = run.options;
  const ask = async (argv: readonly string[]): Promise<string | undefined> => {
    const { ending, exitCode, stdout } = await execute({ ...run, options: quiet }, argv, {});
    return ending === 'exited' && exitCode === 0 ? stdout : undefined;
  };
  const prepared = await runner.prepare(command.argv, place, ask);
  const argv = resolveLocalProgram(prepared.argv, { top: run.options.top ?? place.root, cwd: place.cwd });
  if (prepared.preload !== undefined && argv[0] === 'node') argv.splice(1, 0, '--require', prepared.preload);
  const result = await execute(run, argv, prepared);
  const cutShort = result.ending === 'wall-limit' || result.ending === 'idle-limit' || result.ending === 'stopped';
  return reportOfReading(result, prepared.read(cutShort, result.ending === 'signal'), run);
}

function execute(run: Run, argv: readonly string[], prepared: Partial<Prepared>): Promise<CommandResult> {
  const { place, limits, options, signal } = run;
  const { reportFile, onOutput } = prepared;
  const { fence } = options;
  const { top = place.root, lines } = options;
  const env = lines === undefined ? place.env : { ...place.env, ...recorderEnv(lines, place.root, place.env) };
  const written = [top, place.reports, ...(lines === undefined ? [] : [lines])];
  const bins = foldersUpTo(top, place.cwd).map((folder) => join(folder, 'node_modules', '.bin'));
  const path = [...bins, process.env.PATH ?? process.env.Path ?? ''].join(delimiter);
  const listeners = [onOutput, options.onOutput].filter((one) => one !== undefined);
  return runCommand(
    {
      argv,
      cwd: place.cwd,
      env: { PATH: path, ...env, ...prepared.env },
      wallMs: limits.wallMs,
      idleMs: limits.idleMs,
      outputBytes: limits.outputBytes,
      ...(listeners.length > 0 ? { onOutput: (chunk, stream) => listeners.forEach((listener) => void listener(chunk, stream)) } : {}),
      ...(reportFile === undefined ? {} : { lastActivity: () => statSync(reportFile, { throwIfNoEntry: false })?.mtimeMs ?? 0 }),
    },
    fence === undefined ? {} : { fence: { ...fence, view: openFor(fence.view, written, [guardFolder]) } },
    signal,
  );
}

function shellArgv(line: string): string[] {
  return process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c', line] : ['/bin/sh', '-c', line];
}

const endingOf: Readonly<Record<CommandEnding, TestReport['ending']>> = {
  exited: 'finished',
  signal: 'no-report',
  'wall-limit': 'time-limit',
  'idle-limit': 'silence-limit',
  stopped: 'stopped',
  'not-found': 'not-started',
  'not-started': 'not-started',
};

function reportOfReading(result: CommandResult, reading: Reading, run: Run): TestReport {
  const raw = reading.output === undefined ? printed(result) : `${reading.output}\n${result.stderr}`;
  const output = shorten(run.place.normalise(raw), outputLimit);
  const missingTool = /No module named '?pytest'?/.test(result.stderr);
  const ended = missingTool ? 'not-started' : endingOf[result.ending];
  const told = reading.complete && ended === 'no-report' ? 'finished' : ended === 'finished' && !reading.complete ? 'no-report' : ended;
  const ending = reading.overflow && told !== 'stopped' ? 'output-limit' : told;
  const cases = [...reading.cases];
  if (ending === 'time-limit' || ending === 'silence-limit') {
    const why =
      ending === 'time-limit'
        ? 'did not finish within the time limit'
        : 'printed nothing and did not finish (endless loop, or waiting for something)';
    for (const one of reading.pending) cases.push({ ...one, cut: true, message: `${one.name} ${why}` });
  }
  // What was under way as the process went away took it along, or is the nearest to what did.
  if (ending === 'no-report')
    for (const one of reading.pending) cases.push({ ...one, message: shorten(`${howItEnded(run, result)}\n${output}`) });
  const failed = cases.some((one) => one.outcome === 'failed');
  const badExit = result.exitCode !== null && result.exitCode !== 0;
  // Nothing failed, yet the runner is not content: a load error it has no report for, a coverage threshold, an error between tests.
  const unexplained = ending === 'finished' ? badExit && !failed && cases.length > 0 : ending === 'no-report' && !failed;
  if (unexplained) cases.push(wholeFailure(run, output || howItEnded(run, result)));
  return assemble({ ...reading, ending, result, cases, output });
}

const howItEnded = ({ command }: Run, { exitCode, signal }: CommandResult): string =>
  `${command.display} ended ${signal === null ? `with exit code ${exitCode}` : `by the signal ${signal}`}`;

/** Its variables give way to those that are set otherwise, as with the programs that read such files. */
function withEnvFile(command: TestCommand, cwd: string): TestCommand {
  const text = command.envFile === undefined ? undefined : textAtNow(join(cwd, command.envFile));
  return text === undefined ? command : { ...command, env: { ...(parseEnv(text) as Record<string, string>), ...command.env } };
}

function reportOfUnready(why: string): TestReport {
  const nothing = { ending: 'not-found', exitCode: null, signal: null, stdout: '', stderr: '', ms: 0 } as CommandResult;
  return assemble({ ...unguarded('No test ran'), ending: 'not-started', result: nothing, cases: [], output: why });
}

function reportOfCommand(result: CommandResult, run: Run, tap: ReturnType<ReturnType<typeof tapReader>['read']>): TestReport {
  if (tap !== undefined) {
    const guard = unguarded('Read from the TAP that this command prints');
    const normalise = (one: TestCase): TestCase =>
      one.message === undefined ? one : { ...one, message: shorten(run.place.normalise(one.message)) };
    return reportOfReading(result, { ...guard, cases: tap.cases.map(normalise), complete: tap.complete, pending: [] }, run);
  }
  const output = shorten(run.place.normalise(printed(result)), outputLimit);
  const ending = result.ending === 'signal' ? 'finished' : endingOf[result.ending];
  const passed = ending === 'finished' && result.exitCode === 0;
  const { display, argv = [] } = run.command;
  // One that ended before it told of its tests: those stand for it later.
  const mayTellMore = isTapProgram(argv) || /^node\b/.test(argv[0] ?? '');
  const cases: TestCase[] =
    ending === 'finished'
      ? [
          {
            id: display,
            name: display,
            outcome: passed ? 'passed' : 'failed',
            ...(passed ? {} : { message: shorten(output) }),
            ...(!passed && mayTellMore ? { whole: true } : {}),
          },
        ]
      : [];
  return assemble({ ...unguarded('Only the exit code of this command is known'), ending, result, cases, output });
}

function reportOfBuild(result: CommandResult, run: Run): TestReport {
  const output = shorten(run.place.normalise(printed(result)), outputLimit);
  const ending = result.ending === 'signal' ? 'finished' : endingOf[result.ending];
  const name = run.command.before ?? '';
  return assemble({
    ...unguarded('No test ran: the build in front of them did not work'),
    ending,
    result,
    output,
    cases: ending === 'stopped' ? [] : [{ id: name, name, outcome: 'failed', whole: true, message: shorten(output) }],
  });
}

function wholeFailure(run: Run, message: string): TestCase {
  const name = `${run.command.runner} run`;
  return { id: name, name, outcome: 'failed', whole: true, message: shorten(message) };
}

interface Parts extends Pick<Reading, 'guard' | 'breaches' | 'doubts'> {
  readonly ending: TestReport['ending'];
  readonly result: CommandResult;
  readonly cases: TestCase[];
  readonly output: string;
}

function assemble({ ending, result, cases, output, guard, breaches, doubts }: Parts): TestReport {
  const count = (outcome: TestCase['outcome']): number => cases.filter((one) => one.outcome === outcome).length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  const green = ending === 'finished' && failed === 0 && passed > 0 && breaches.length === 0;
  const { exitCode } = result;
  return {
    ...{ ending, exitCode, cases, passed, failed, skipped, green, guard },
    breaches: [...breaches],
    doubts: [...doubts],
    output,
    ms: Math.round(result.ms),
  };
}

function printed(result: CommandResult): string {
  return [result.stdout, result.stderr].filter((text) => text !== '').join('\n');
}
