/** A run of one coder with tools whose model calls them as it is told, one call a turn, over the real protocol. */
import { fileDesigner } from '../../src/design/index.ts';
import { type Plan, planSchema } from '../../src/plan/index.ts';
import { copiesLeft, type Setup, start } from './run-scene.ts';
import type { Reply } from './scripted-server.ts';

const planWith = (agent: object): Plan =>
  planSchema.parse({
    teamwright: 1,
    name: 'tools',
    difficulty: 'easy',
    agents: {
      coder: {
        role: 'coder',
        instructions: 'Make the tests pass with your tools.',
        tools: ['edit'],
        write: ['**'],
        output: 'edits',
        ...agent,
      },
    },
    steps: [
      { id: 'draft', do: 'generate', agent: 'coder' },
      { id: 'judge', do: 'test' },
    ],
    budget: { calls: 30, tokens: 400_000 },
  });

export const call = (name: string, input: object): Reply => ({ toolCalls: [{ name, arguments: input }] });

/** Mends `quickSum`. */
export const mend = call('edit', { path: 'sum.js', search: 'a - b', replace: 'a + b' });

/** The run, and what the agent was told after each call. Rejects where a copy is left. */
export async function agentRun(agent: object, calls: readonly Reply[], setup: Partial<Setup> = {}) {
  const scene = await start({
    capabilities: { strength: 'strong', tools: true },
    designer: fileDesigner(planWith(agent)),
    settings: { replans: 0, attempts: 1 },
    script: [...calls, 'Done.'],
    ...setup,
  });
  const result = await scene.run();
  const left = copiesLeft(scene.workspace);
  if (left.length > 0) throw new Error(`Copies are left: ${left.join(', ')}`);
  const told = scene.server.requests.slice(1).map(({ body }) => body.messages.at(-1)?.content ?? '');
  return { ...scene, result, told, where: { dataDir: scene.workspace.dataDir, runId: result.runId } };
}
