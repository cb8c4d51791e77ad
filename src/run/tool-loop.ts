/**
 * An agent that works with tools in its own copy: bounded in turns, tokens (by the meter) and repetition. Models with native tool calls
 * use them; others write one fenced `tool` block with JSON. A reply without a call and without an edit ends the loop.
 */
import { throwIfStopped } from '../errors.ts';
import { baselineIn, compareReports, narrowed, redFiles } from '../feedback/index.ts';
import type { ChatMessage, ToolCall, ToolDefinition } from '../models/types.ts';
import type { Agent } from '../plan/schema.ts';
import type { EditReport, WorkspaceCopy } from '../workspace/types.ts';
import { allEnded } from './all-ended.ts';
import { commandsOn } from './allowed-commands.ts';
import { candidateFromCopy, type Origin, tellBlocked } from './candidates.ts';
import { type StepContext, scopeOf } from './context.ts';
import { isFatal } from './failures.ts';
import { LoopGuard } from './loops.ts';
import type { Candidate } from './pool.ts';
import { renderFailures } from './prompts.ts';
import { textCalls } from './text-calls.ts';
import { type LoopBench, textTaker } from './text-edits.ts';
import { filesInUse, type Turn, toolHistory, type UsedTool } from './tool-history.ts';
import { createPages } from './tools/pages.ts';
import { type Asked, type Breach, shownArguments, type ToolAnswer, type ToolBench } from './tools/tool.ts';
import { definitionsOf, isEndless, isFromOutside, onlyLooks, useTool } from './tools.ts';

const turns = 24;
/** How often an agent that is done is sent back to what its tests say. */
const mostSentBack = 2;

/** Tools are worth their tokens only where the model can use them: weak models get the one-shot form. */
export function usesTools(agent: Agent, context: StepContext): boolean {
  return agent.tools.includes('edit') && context.ports.models[agent.tier].capabilities.strength === 'strong';
}

/** The first messages; with `only` the texts of these files alone. */
type Opening = (only?: ReadonlySet<string>) => readonly ChatMessage[];

/**
 * Ends in a candidate, also when the loop was cut short (budget, a broken call) after edits were made: what was paid for is kept and judged.
 * The failure is thrown all the same when it would repeat. After a stop nothing is kept.
 */
export async function toolLoop(
  origin: Origin,
  opening: Opening,
  context: StepContext,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const copy = await context.ports.copies.create(context.pool.nextId(), origin.from.snapshot, signal);
  const edits: EditReport[] = [];
  const scope = scopeOf(origin.agent, context.facts.testSources);
  const onEdit = (report: EditReport): void => {
    edits.push(report);
    tellBlocked(report.problems, origin, context);
  };
  let bench: LoopBench = {
    copy,
    scope,
    onEdit,
    pages: createPages(),
    diagnose: context.outside.diagnose,
    commands: commandsOn(copy, scope, onEdit, origin.agent, context),
    edits: () => edits.filter(({ changed }) => changed.length > 0).length,
    runTests: testsOn(copy, context),
  };
  let answered = origin.call;
  let failure: unknown;
  try {
    const { servers: names = [], network = false } = origin.agent;
    if (names.length > 0) bench = { ...bench, servers: await context.outside.serverTools({ names, network }, signal) };
    await converse(origin, opening, bench, context, signal, (place) => {
      answered = place;
    });
  } catch (error) {
    failure = error;
  }
  if (failure !== undefined && (signal.aborted || bench.edits() === 0)) {
    await copy.remove();
    throw failure;
  }
  const candidate = await candidateFromCopy(copy, mergeReports(edits), undefined, { ...origin, call: answered }, context);
  if (failure !== undefined && (isFatal(failure) || !candidate)) throw failure;
  return candidate;
}

/**
 * Runs the tests on what is in the copy, in a copy of its own: what tests write (caches, snapshots, or test files that the code under test
 * rewrites) must not become part of the candidate.
 */
function testsOn(copy: WorkspaceCopy, { facts, ports, settings, steering }: StepContext): ToolBench['runTests'] {
  const { test } = facts;
  if (!test) return undefined;
  const part = narrowed(test, facts.baseline);
  let runs = 0;
  return async (signal) => {
    await steering.ready(signal);
    runs += 1;
    const apart = await ports.copies.create(`${copy.id}-test-${runs}`, await copy.freeze(`teamwright ${copy.id} under test`), signal);
    try {
      const report = await ports.runTests(part?.test ?? test, apart.root, settings.testLimits, signal);
      throwIfStopped(signal);
      const before = part && facts.baseline ? baselineIn(facts.baseline, part, report) : facts.baseline;
      const delta = before && compareReports(before, report);
      const isBetter = report.green || (delta !== undefined && delta.fixed.length > 0 && delta.broken.length === 0);
      if (!report.green) return { isBetter, text: renderFailures(report) };
      const text =
        part === undefined ? 'All tests pass.' : `The tests of ${part.places.join(', ')} pass. The others run when you are done.`;
      return { isBetter, text };
    } finally {
      await apart.remove();
    }
  };
}

/** Turn by turn, until the agent is done, goes in circles or has had all its turns. What it writes as text is understood where it is clear. */
async function converse(
  origin: Origin,
  opening: Opening,
  bench: LoopBench,
  context: StepContext,
  signal: AbortSignal,
  onAnswer: (place: string) => void,
): Promise<void> {
  const { agent } = origin;
  const { ports } = context;
  const native = ports.models[agent.tier].capabilities.tools;
  const offered = definitionsOf(agent.tools, bench.servers?.definitions);
  const definitions = new Set(offered.map(({ name }) => name));
  const takeText = textTaker(origin, bench, context);
  const guard = new LoopGuard();
  const { files } = context.facts.briefing;
  const inRed = context.facts.baseline === undefined ? new Set<undefined>() : redFiles(context.facts.baseline);
  const done: Turn[] = [];
  let only: ReadonlySet<string> | undefined;
  const opened: Opening = (files) => withServers(opening(files), native ? [] : (bench.servers?.definitions ?? []));
  let asked = opened();
  let testedAt = 0;
  let sentBack = 0;
  const isShown = (path: string, text: string): boolean =>
    files.some((file) => file.path === path && !file.truncated && file.text === text && (only?.has(path) ?? true));
  const record = (place: string, tool: string, argumentText: string, { ok, text }: ToolAnswer, ms: number): void => {
    ports.trace.emit({
      type: 'tool.used',
      call: place,
      agent: origin.agentName,
      tool,
      arguments: shownArguments(argumentText),
      ok,
      result: ports.trace.blob(text),
      outside: isOutside(tool) || undefined,
      ms,
    });
  };
  const isOutside = (tool: string): boolean => isFromOutside(tool) && definitions.has(tool);
  /** How long it took, ms. */
  const timed = async (act: () => Promise<ToolAnswer>): Promise<{ readonly answer: ToolAnswer; readonly ms: number }> => {
    const startedAt = ports.clock();
    const answer = await act();
    return { answer, ms: ports.clock() - startedAt };
  };
  for (let turn = 1; turn <= turns; turn += 1) {
    const place = `${origin.call}/${turn}`;
    const reply = await context.ask(
      {
        place,
        step: origin.step,
        agent: origin.agentName,
        tier: agent.tier,
        messages: toolHistory(asked, done),
        temperature: agent.temperature,
        tools: native ? offered : undefined,
      },
      signal,
    );
    onAnswer(place);
    const isNative = native && reply.toolCalls.length > 0;
    const written = isNative ? undefined : textCalls(reply.text, offered);
    const calls = written?.calls ?? reply.toolCalls;
    if (calls.length === 0) {
      const told = (await takeText(reply, written?.unclear === true, turn)) ?? (await testsSay(place));
      if (told === undefined) return;
      done.push({ said: { role: 'assistant', content: reply.text }, told });
      continue;
    }
    const onBreach = (breach: Breach): void => {
      ports.trace.emit({ type: 'right.refused', agent: origin.agentName, call: place, ...breach });
    };
    const used: UsedTool[] = [];
    let stop = false;
    const useOne = (call: ToolCall): Promise<ToolAnswer> => {
      const recorded = isOutside(call.name) ? context.outside.recorded(place, origin.agentName, call.name, call.arguments) : undefined;
      if (recorded) return Promise.resolve(recorded);
      const askUser = (asked: Asked, stop: AbortSignal) => context.outside.askUser(asked, origin.agentName, place, stop);
      const own: ToolBench = { ...bench, isShown, hidden: reply.hidden, onBreach, askUser };
      return useTool(agent.tools, call.name, call.arguments, own, signal);
    };
    for (const together of sideBySide(calls)) {
      const answers = await allEnded(together.map((call) => timed(() => useOne(call))));
      for (const [at, call] of together.entries()) {
        const { answer, ms } = answers[at] as (typeof answers)[number];
        record(place, call.name, call.arguments, answer, ms);
        if (call.name === 'test') testedAt = bench.edits();
        const loop = guard.note(call.name, call.arguments, answer.text);
        if (loop) ports.trace.emit({ type: 'loop.found', agent: origin.agentName, ...loop });
        if (loop?.action === 'stopped') context.troubles.note(origin.step, 'loops');
        stop ||= loop?.action === 'stopped';
        const text = isEndless(call.name) ? bench.pages.first(answer.text) : answer.text;
        used.push({ ...call, answer: loop ? `${text}\n(${loop.detail} Try something else, or finish.)` : text });
      }
    }
    const said: ChatMessage = { role: 'assistant', content: reply.text, ...(isNative && { toolCalls: calls, extra: reply.extra }) };
    done.push({ said, used, native: isNative });
    if (only === undefined && bench.edits() > 0) {
      only = filesInUse(files, done, inRed);
      asked = opened(only);
    }
    if (stop) return;
  }

  /** An agent that is done without having looked is told what its tests say, in place of being begun anew. */
  async function testsSay(place: string): Promise<string | undefined> {
    const { runTests } = bench;
    if (bench.edits() === testedAt || runTests === undefined || sentBack === mostSentBack) return undefined;
    testedAt = bench.edits();
    let isBetter = false;
    const { answer, ms } = await timed(async () => {
      const found = await runTests(signal);
      isBetter = found.isBetter;
      return { ok: true, text: found.text };
    });
    record(place, 'test', '', answer, ms);
    if (isBetter) return undefined;
    sentBack += 1;
    return `Your change does not do it yet.\n${answer.text}`;
  }
}

/** The calls of a turn in order: those that only look stand together, every other one by itself. */
function sideBySide(calls: readonly ToolCall[]): ToolCall[][] {
  const groups: ToolCall[][] = [];
  for (const call of calls) {
    const last = groups.at(-1);
    if (onlyLooks.has(call.name) && last?.every(({ name }) => onlyLooks.has(name))) last.push(call);
    else groups.push([call]);
  }
  return groups;
}

/** How an agent with tools is told to answer. */
export function toolAnswer(agent: Agent, context: StepContext): string {
  if (context.ports.models[agent.tier].capabilities.tools) {
    return 'Work with the tools. When the work is done, answer with one short sentence and call no tool.';
  }
  return [
    'To use a tool answer with one block and nothing else:',
    '```tool',
    '{"tool": "read", "arguments": {"path": "src/file.js"}}',
    '```',
    'Tools:',
    ...toolLines(definitionsOf(agent.tools)),
    'When the work is done, answer with one short sentence without a block.',
  ].join('\n');
}

const toolLines = (definitions: readonly ToolDefinition[]): string[] =>
  definitions.map(({ name, description, parameters }) => `${name}: ${description} ${JSON.stringify(parameters.properties)}`);

/** For models without native calls: what servers offer, and how to read on in what they say, behind the other tools. */
function withServers(messages: readonly ChatMessage[], offered: readonly ToolDefinition[]): readonly ChatMessage[] {
  const last = messages.at(-1);
  if (offered.length === 0 || last === undefined) return messages;
  const lines = toolLines(definitionsOf([], offered));
  return messages.with(-1, { ...last, content: [last.content, 'Tools of servers:', ...lines].join('\n') });
}

function mergeReports(reports: readonly EditReport[]): EditReport {
  const levels: Record<string, number> = {};
  for (const report of reports) for (const [level, count] of Object.entries(report.levels)) levels[level] = (levels[level] ?? 0) + count;
  return {
    changed: [...new Set(reports.flatMap((report) => report.changed))],
    levels,
    problems: reports.flatMap((report) => report.problems),
  };
}
