/**
 * An agent that works with tools in its own copy: bounded in turns, tokens (by the meter) and repetition. Models with native tool calls
 * use them; others write one fenced `tool` block with JSON. A reply without a call and without an edit ends the loop.
 */
import { throwIfStopped } from '../errors.ts';
import { narrowed } from '../feedback/index.ts';
import type { ChatMessage } from '../models/types.ts';
import type { Agent } from '../plan/schema.ts';
import type { EditReport, WorkspaceCopy } from '../workspace/types.ts';
import { candidateFromCopy, type Origin, tellBlocked } from './candidates.ts';
import { type StepContext, scopeOf } from './context.ts';
import { isFatal } from './failures.ts';
import { LoopGuard } from './loops.ts';
import type { Candidate } from './pool.ts';
import { renderFailures } from './prompts.ts';
import { textCalls } from './text-calls.ts';
import { type LoopBench, textTaker } from './text-edits.ts';
import { definitionsOf, type ToolBench, useTool } from './tools.ts';

const turns = 24;

/** Tools are worth their tokens only where the model can use them: weak models get the one-shot form. */
export function usesTools(agent: Agent, context: StepContext): boolean {
  return agent.tools.includes('edit') && context.ports.models[agent.tier].capabilities.strength === 'strong';
}

/**
 * Ends in a candidate, also when the loop was cut short (budget, a broken call) after edits were made: what was paid for is kept and judged.
 * The failure is thrown all the same when it would repeat. After a stop nothing is kept.
 */
export async function toolLoop(
  origin: Origin,
  opening: readonly ChatMessage[],
  context: StepContext,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const copy = await context.ports.copies.create(context.pool.nextId(), origin.from.snapshot, signal);
  const edits: EditReport[] = [];
  const bench: LoopBench = {
    copy,
    scope: scopeOf(origin.agent, context.facts.testSources),
    onEdit: (report) => {
      edits.push(report);
      tellBlocked(report.problems, origin, context);
    },
    hasEdited: () => edits.some(({ changed }) => changed.length > 0),
    runTests: testsOn(copy, context),
  };
  let answered = origin.call;
  let failure: unknown;
  try {
    await converse(origin, opening, bench, context, signal, (place) => {
      answered = place;
    });
  } catch (error) {
    failure = error;
  }
  if (failure !== undefined && (signal.aborted || !bench.hasEdited())) {
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
      if (!report.green) return renderFailures(report);
      return part === undefined ? 'All tests pass.' : `The tests of ${part.places.join(', ')} pass. The others run when you are done.`;
    } finally {
      await apart.remove();
    }
  };
}

/** Turn by turn, until the agent is done, goes in circles or has had all its turns. What it writes as text is understood where it is clear. */
async function converse(
  origin: Origin,
  opening: readonly ChatMessage[],
  bench: LoopBench,
  context: StepContext,
  signal: AbortSignal,
  onAnswer: (place: string) => void,
): Promise<void> {
  const { agent } = origin;
  const { ports } = context;
  const native = ports.models[agent.tier].capabilities.tools;
  const offered = definitionsOf(agent.tools);
  const takeText = textTaker(origin, bench, context);
  const guard = new LoopGuard();
  const messages: ChatMessage[] = [...opening];
  for (let turn = 1; turn <= turns; turn += 1) {
    const place = `${origin.call}/${turn}`;
    const reply = await context.ask(
      {
        place,
        step: origin.step,
        agent: origin.agentName,
        tier: agent.tier,
        messages,
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
      const told = await takeText(reply, written?.unclear === true, turn);
      if (told === undefined) return;
      messages.push({ role: 'assistant', content: reply.text }, { role: 'user', content: told });
      continue;
    }
    messages.push({ role: 'assistant', content: reply.text, ...(isNative && { toolCalls: calls, extra: reply.extra }) });
    const answers: string[] = [];
    let stop = false;
    for (const call of calls) {
      const startedAt = ports.clock();
      const answer = await useTool(agent.tools, call.name, call.arguments, { ...bench, hidden: reply.hidden }, signal);
      ports.trace.emit({
        type: 'tool.used',
        call: place,
        agent: origin.agentName,
        tool: call.name,
        arguments: call.arguments.slice(0, 2000),
        ok: answer.ok,
        result: ports.trace.blob(answer.text),
        ms: ports.clock() - startedAt,
      });
      const loop = guard.note(call.name, call.arguments, answer.text);
      if (loop) ports.trace.emit({ type: 'loop.found', agent: origin.agentName, ...loop });
      stop ||= loop?.action === 'stopped';
      const text = loop ? `${answer.text}\n(${loop.detail} Try something else, or finish.)` : answer.text;
      if (isNative) messages.push({ role: 'tool', content: text, toolCallId: call.id });
      else answers.push(`Result of ${call.name}:\n${text}`);
    }
    if (!isNative) messages.push({ role: 'user', content: answers.join('\n\n') });
    if (stop) return;
  }
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
    ...definitionsOf(agent.tools).map(
      ({ name, description, parameters }) => `${name}: ${description} ${JSON.stringify(parameters.properties)}`,
    ),
    'When the work is done, answer with one short sentence without a block.',
  ].join('\n');
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
