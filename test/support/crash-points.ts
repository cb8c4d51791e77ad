/**
 * A run that is killed (SIGKILL of its process alone) at points drawn by a seed, resumed at once each time, and led to its end; and what is then wrong
 * about it, held against the same run without a kill.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { experienceFile } from '../../src/lessons/experience.ts';
import { memoryFile } from '../../src/lessons/memory/store.ts';
import { reliabilityFile } from '../../src/lessons/reliability.ts';
import { teamsFile } from '../../src/lessons/teams.ts';
import { capabilityStore } from '../../src/models/index.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { fold, listRuns, openRun } from '../../src/trace/index.ts';
import { type CommandLineScene, commandLineScene } from './command-line-scene.ts';
import { answerFor, everyKind, request, twoMistakes } from './every-kind.ts';
import { git } from './workspaces.ts';

/** What was learned of the part before a kill is looked up when the run goes on: kept on purpose, and nothing that the run without a kill has. */
const learned = [experienceFile, memoryFile, reliabilityFile, teamsFile].map((fileIn) => fileIn(''));

/** What is left of a run that was led to its end. */
export interface Led {
  readonly outcome: string | undefined;
  readonly standing: string;
  /** The user's files. */
  readonly files: string;
  readonly tree: string | undefined;
  readonly tests: string;
  readonly calls: number;
  /** What happened, without ids, times and order. */
  readonly happened: readonly string[];
  /** Everything in the data folder, ids taken out. */
  readonly kept: readonly string[];
  readonly events: readonly TraceEvent[];
  /** When the process began, and when it had ended. */
  readonly began: number;
  readonly ended: number;
}

/** A kill `ms` after the event with this number was printed; before the first one: -1. */
export interface Point {
  readonly event: number;
  readonly ms: number;
}

/** Mulberry32: numbers between 0 and 1 from a seed. */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Half of the points are spread over the events, half over the time that the run took. */
export function pointFrom(random: () => number, { events, began, ended }: Led): Point {
  const at = [began, ...events.map((event) => event.at), ended];
  if (random() < 0.5) return { event: Math.floor(random() * (events.length + 1)) - 1, ms: Math.floor(random() * 40) };
  const time = began + random() * (ended - began);
  const before = at.findLastIndex((one) => one <= time);
  return { event: before - 1, ms: Math.floor(time - (at[before] ?? began)) };
}

const flags = ['--yes', '--apply', '--json-events'];

interface Setting extends CommandLineScene {
  readonly temporary: string;
  begin(): readonly string[];
}

async function setting(cleanUps: (() => unknown)[]): Promise<Setting> {
  const scene = await commandLineScene(cleanUps, answerFor, { files: twoMistakes });
  const { cli, server, workspace } = scene;
  await capabilityStore(join(cli.dataDir, 'models')).set(server.url, 'hands', {
    format: 'json-object',
    tools: true,
    usage: true,
    seed: true,
    strength: 'strong',
  });
  const team = join(cli.home, 'every.team.yaml');
  writeFileSync(team, JSON.stringify(everyKind));
  // Another run has tidied up a moment ago: nothing that a kill leaves may wait for that.
  writeFileSync(join(cli.dataDir, 'last-tidy'), '');
  const temporary = join(cli.home, 'tmp');
  mkdirSync(temporary);
  const models = ['--model', `scripted@${server.url}`, '--strong', `hands@${server.url}`];
  return {
    ...scene,
    temporary,
    begin: () => ['run', request, '--workspace', workspace.root, '--designer', team, ...models, ...flags],
  };
}

interface Kill {
  readonly point: Point;
  /** The command had ended before its point came. */
  readonly late: boolean;
  readonly printed: readonly TraceEvent[];
  readonly after: string;
}

/** Starts the command and kills its process at the point; without one, waits for its end. */
async function goOn(
  scene: Setting,
  args: readonly string[],
  point?: Point,
): Promise<Kill & { readonly code: number | null; readonly said: string }> {
  const { child, done } = scene.cli.start(args, { env: { TMPDIR: scene.temporary } });
  const printed: TraceEvent[] = [];
  let rest = '';
  let killed = false;
  let timer: NodeJS.Timeout | undefined;
  const due = (): void => {
    if (point === undefined || timer !== undefined || printed.length <= point.event) return;
    timer = setTimeout(() => {
      killed = child.exitCode === null && child.kill('SIGKILL');
    }, point.ms);
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    rest += chunk.toString();
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const one = JSON.parse(line) as TraceEvent & { kind?: string };
      if ('type' in one) printed.push(one);
    }
    due();
  });
  due();
  if (point !== undefined) await once(child, 'exit');
  const { code, stderr } = point === undefined ? await done : { code: child.exitCode, stderr: '' };
  clearTimeout(timer);
  const last = printed.at(-1);
  return {
    ...{ code, said: stderr, printed, late: !killed },
    point: point ?? { event: -1, ms: 0 },
    after: last === undefined ? 'the start' : `${last.type}${'path' in last ? ` ${last.path}` : 'call' in last ? ` ${last.call}` : ''}`,
  };
}

/** What a user does next: begin anew where there is no run yet, apply what was handed over, else resume. Undefined: nothing is left to do. */
async function next(scene: Setting): Promise<readonly string[] | undefined> {
  const [newest] = existsSync(scene.cli.dataDir) ? await listRuns(scene.cli.dataDir) : [];
  if (newest === undefined) return scene.begin();
  const { events } = await (await openRun(scene.cli.dataDir, newest.runId)).read();
  if (!events.some(({ type }) => type === 'run.started')) return scene.begin();
  const state = fold(events);
  if (!events.some(({ type }) => type === 'run.finished')) return ['runs', 'resume', 'last', ...flags];
  return state.standing.kind === 'none' ? ['runs', 'apply', 'last'] : undefined;
}

export interface Crashed {
  readonly kills: readonly Kill[];
  readonly wrong: readonly string[];
}

/** The run without a kill. */
export async function undisturbed(cleanUps: (() => unknown)[]): Promise<Led> {
  const scene = await setting(cleanUps);
  const began = Date.now();
  const { code, said } = await goOn(scene, scene.begin());
  if (code !== 0) throw new Error(`The run without a kill ended with ${code}: ${said}`);
  return led(scene, began);
}

/** Kills at these points, one after the other, and then leads the run to its end. */
export async function crashed(cleanUps: (() => unknown)[], points: readonly Point[], reference: Led): Promise<Crashed> {
  const scene = await setting(cleanUps);
  const gitBefore = filesBelow(join(scene.workspace.root, '.git'));
  const before = JSON.stringify(scene.workspace.contents());
  const began = Date.now();
  const kills: Kill[] = [];
  const wrong: string[] = [];
  let args = scene.begin() as readonly string[] | undefined;
  for (const point of points) {
    if (args === undefined) break;
    const kill = await goOn(scene, args, point);
    kills.push(kill);
    wrong.push(...(await lostAt(scene, kill)));
    const applying = args[1] === 'apply' || kill.printed.at(-1)?.type === 'run.finished';
    if (!applying && JSON.stringify(scene.workspace.contents()) !== before)
      wrong.push('the workspace was changed before the run was applied');
    args = await next(scene);
  }
  for (let go = 0; args !== undefined && go < 3; go += 1) {
    const { code, said } = await goOn(scene, args);
    if (code !== 0) wrong.push(`${args.slice(0, 2).join(' ')} ended with ${code}: ${said.trim().split('\n').slice(-3).join(' / ')}`);
    args = await next(scene);
  }
  const end = await led(scene, began);
  for (const name of ['outcome', 'standing', 'files', 'tree', 'tests', 'calls'] as const) {
    if (end[name] !== reference[name]) wrong.push(`${name}: ${end[name]} in place of ${reference[name]}`);
  }
  wrong.push(...differences('happened', reference.happened, end.happened));
  wrong.push(...onlyIn('left in the data folder: ', end.kept, new Set([...reference.kept, ...learned])));
  wrong.push(...onlyIn('left in .git: ', filesBelow(join(scene.workspace.root, '.git')), new Set(gitBefore)));
  const again = answeredAgain(scene);
  const lost = await inFlight(scene);
  if (again > lost) wrong.push(`${again} calls were paid twice, and ${lost} were in flight at a kill`);
  wrong.push(...(await leftRunning(scene)));
  wrong.push(...filesBelow(scene.temporary).map((name) => `left in the temporary folder: ${name}`));
  return { kills, wrong };
}

/** Of the trace that a kill left: it reads without a hole, and what was printed before its last moment is in it. */
async function lostAt(scene: Setting, { printed, late }: Kill): Promise<string[]> {
  if (late || printed.length === 0) return [];
  const [newest] = await listRuns(scene.cli.dataDir);
  const started = printed.find((event) => event.type === 'run.started');
  if (newest === undefined || newest.runId !== started?.runId) return ['there is no trace of a run that had begun'];
  const run = await openRun(scene.cli.dataDir, newest.runId);
  const { events, damage } = await run.read();
  const wrong: string[] = [];
  if (damage.garbage + damage.badBodies + damage.repeatedSeqs + damage.gaps.length + damage.brokenLinks.length > 0)
    wrong.push(`the trace is damaged: ${JSON.stringify(damage)}`);
  const written = new Set(events.map(({ seq }) => seq));
  const lost = printed.filter((event) => !written.has(event.seq));
  const span = (lost.at(-1)?.at ?? 0) - (lost[0]?.at ?? 0);
  if (span > longestTurnMs) wrong.push(`lost are, over ${span} ms: ${lost.map(({ type }) => type).join(', ')}`);
  for (const event of lost) if (events.some(({ seq }) => seq > event.seq)) wrong.push(`${event.type} is missing in the middle`);
  return wrong;
}

/** What a process says in one turn of its event loop goes to the disk together: of the last one it may have been killed before. */
const longestTurnMs = 500;

/** Calls that a killed run had begun and has no end of on record: their replies are lost, and they are made again. */
async function inFlight({ cli }: Setting): Promise<number> {
  let open = 0;
  for (const { runId } of await listRuns(cli.dataDir)) {
    const { events } = await (await openRun(cli.dataDir, runId)).read();
    for (const event of events) {
      if (event.type === 'call.started') open += 1;
      if (event.type === 'call.done' || event.type === 'call.failed') open -= 1;
    }
  }
  return open;
}

/** Requests that the server answered in full although it had answered the same before. */
function answeredAgain({ server }: Setting): number {
  const answered = server.requests.filter(({ ending }) => ending === 'answered').map(({ body }) => hashOf(body));
  return answered.length - new Set(answered).size;
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

async function led(scene: Setting, began: number): Promise<Led> {
  const ended = Date.now();
  const [newest] = await listRuns(scene.cli.dataDir);
  const { events } = await (await openRun(scene.cli.dataDir, newest?.runId ?? '')).read();
  const state = fold(events);
  const finished = events.find((event) => event.type === 'run.finished');
  return {
    outcome: finished?.outcome,
    standing: state.standing.kind,
    files: hashOf(scene.workspace.contents()) + git(scene.workspace.root, 'status', '--porcelain'),
    tree: finished?.snapshot?.tree,
    tests: JSON.stringify([finished?.before, finished?.after, finished?.judgement?.state]),
    calls: state.spend.calls,
    happened: events.flatMap(wordOf).sort(),
    kept: [...new Set(filesBelow(scene.cli.dataDir).map(withoutIds))],
    ...{ events, began, ended },
  };
}

/** Of work, not of how often it was begun. */
function wordOf(event: TraceEvent): string[] {
  if (/^(?:run|diff|plan)\./.test(event.type)) return [];
  const place = 'path' in event ? event.path : 'call' in event ? event.call : 'step' in event ? event.step : '';
  return [`${event.type} ${place}`];
}

function differences(name: string, wanted: readonly string[], found: readonly string[]): string[] {
  const count = (list: readonly string[]): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const one of list) counts.set(one, (counts.get(one) ?? 0) + 1);
    return counts;
  };
  const [then, now] = [count(wanted), count(found)];
  return [...new Set([...wanted, ...found])]
    .filter((one) => then.get(one) !== now.get(one))
    .map((one) => `${name}: ${one} ${now.get(one) ?? 0} times in place of ${then.get(one) ?? 0}`);
}

const onlyIn = (what: string, found: readonly string[], known: ReadonlySet<string>): string[] =>
  found.filter((one) => !known.has(one)).map((one) => what + one);

const withoutIds = (name: string): string =>
  name
    .replace(/\d{8}-\d{6}-[a-z0-9]{6}/g, 'RUN')
    .replace(/[0-9a-f]{40,}|[0-9a-f]{16}(?=\.git)/g, 'HASH')
    .replace(/objects\/.*/, 'objects')
    .replace(/refs\/teamwright\/runs\/RUN\/.*/, 'refs');

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Processes that were started for this scene and still run after a while: their environment, words or folder name its home. */
async function leftRunning({ cli, workspace }: Setting): Promise<string[]> {
  const found = (): string[] => processesNaming([cli.home, workspace.root]);
  const deadline = Date.now() + 10_000;
  while (found().length > 0 && Date.now() < deadline) await sleep(100);
  return found().map((words) => `still running: ${words}`);
}

function processesNaming(folders: readonly string[]): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const all = words + readFileSync(`/proc/${pid}/environ`, 'utf8');
        const isZombie = words === '' && statSync(`/proc/${pid}`).isDirectory();
        return !isZombie && folders.some((folder) => all.includes(folder)) ? [words] : [];
      } catch (error) {
        // Gone meanwhile, or not ours.
        if (['ENOENT', 'EACCES', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
        throw error;
      }
    });
}
