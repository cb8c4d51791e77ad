/**
 * The tools an agent may be granted, each working inside the agent's own copy and scope. A tool never throws for what a model asked:
 * it answers with a text that says what went wrong, because that is what the model can act on.
 */
import * as z from 'zod';
import { errorText, isTeamwrightError } from '../errors.ts';
import type { ToolDefinition } from '../models/types.ts';
import type { ToolName } from '../plan/schema.ts';
import { isServerTool } from './servers/servers.ts';
import { askTool } from './tools/ask.ts';
import { codeTools } from './tools/code.ts';
import { runTool } from './tools/command.ts';
import { applyPatch, fileTools, patchTool } from './tools/files.ts';
import { moreTool } from './tools/pages.ts';
import { shortened, type Tool, type ToolAnswer, type ToolBench, tool } from './tools/tool.ts';

/** Names that a model calls. A grant of `edit` covers what changes files, and whoever has answers without end may read on in them. */
type CallName = ToolName | 'delete' | 'rename' | 'more';

/** Whether its answers have any length: the rest of a long one is read on with `more`. */
export const isEndless = (name: string): boolean => endless.has(name) || isServerTool(name);

const endless: ReadonlySet<string> = new Set<CallName>(['run', 'symbols', 'references', 'diagnostics']);

/** They look and change nothing: those of one turn are used side by side. */
export const onlyLooks: ReadonlySet<string> = new Set<CallName>(['read', 'list', 'search', 'symbols', 'references', 'diagnostics', 'more']);

const outsiders: ReadonlySet<string> = new Set<CallName>(['diagnostics', 'ask']);

/** Whether its answers do not follow from the copy: a replay has them from the trace. */
export const isFromOutside = (name: string): boolean => outsiders.has(name) || isServerTool(name);

function callsOf(names: readonly ToolName[], servers = false): readonly CallName[] {
  const calls = names.flatMap((name): readonly CallName[] => (name === 'edit' ? ['edit', 'delete', 'rename'] : [name]));
  return servers || calls.some((name) => endless.has(name)) ? [...calls, 'more'] : calls;
}

const tools: Record<CallName, Tool> = {
  ...fileTools,
  test: tool('Run the tests.', z.strictObject({}), async (_input, { runTests }, signal) =>
    runTests ? (await runTests(signal)).text : 'The workspace has no tests.',
  ),
  run: runTool,
  ...codeTools,
  ask: askTool,
  more: moreTool,
};

export function definitionsOf(names: readonly ToolName[], ofServers: readonly ToolDefinition[] = []): readonly ToolDefinition[] {
  const own = callsOf(names, ofServers.length > 0).map((name) => ({
    name,
    description: tools[name].description,
    parameters: z.toJSONSchema(tools[name].parameters, { target: 'draft-7' }) as Record<string, unknown>,
  }));
  return [...own, ...ofServers];
}

/** Uses a tool as a model asked for it: any name, any argument text. Only a stop is thrown. */
export async function useTool(
  granted: readonly ToolName[],
  name: string,
  argumentText: string,
  bench: ToolBench,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  if (patchTool.test(name) && granted.includes('edit')) return answerOf(() => applyPatch(argumentText, bench), signal);
  const { definitions: ofServers = [] } = bench.servers ?? {};
  if (bench.servers && ofServers.some((one) => one.name === name)) return bench.servers.use(name, argumentText, signal);
  const calls = callsOf(granted, ofServers.length > 0);
  const granting = calls.find((candidate) => candidate === name);
  if (!granting) {
    const right = isServerTool(name) ? 'server' : Object.hasOwn(tools, name) ? 'tool' : undefined;
    if (right) bench.onBreach?.({ right, what: name });
    return { ok: false, text: `There is no tool "${name}". You have: ${[...calls, ...ofServers.map((one) => one.name)].join(', ')}.` };
  }
  const { parameters, use } = tools[granting];
  let input: unknown;
  try {
    input = JSON.parse(argumentText === '' ? '{}' : argumentText);
  } catch (error) {
    return { ok: false, text: `The arguments are not JSON: ${errorText(error)} You wrote: ${shortened(argumentText)}` };
  }
  const parsed = parameters.safeParse(input);
  if (!parsed.success) return { ok: false, text: `${z.prettifyError(parsed.error)}\nYou wrote: ${shortened(argumentText)}` };
  return answerOf(() => use(parsed.data as never, bench, signal), signal);
}

async function answerOf(act: () => Promise<string>, signal: AbortSignal): Promise<ToolAnswer> {
  try {
    return { ok: true, text: await act() };
  } catch (error) {
    if (isTeamwrightError(error, 'stopped')) throw error;
    signal.throwIfAborted();
    return { ok: false, text: errorText(error) };
  }
}
