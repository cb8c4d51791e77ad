/**
 * ATIF, the Agent Trajectory Interchange Format (version 1.4, github.com/laude-institute/harbor, docs/rfcs/0001-trajectory-format.md): one
 * trajectory a run. The user's request is step 1; each answered call of each agent is an agent step; test results are observations of the step
 * whose reply they judge. The team, its plans and the user's verdict stand in `extra`.
 */

import { rewardOf } from '../../learning/index.ts';
import { generationName } from '../identity.ts';
import type { CallRecord, VerdictRecord } from '../record-schema.ts';
import { sourceOf } from './teams.ts';
import type { ExportFormat } from './types.ts';

export const atif: ExportFormat = {
  name: 'atif',
  title: (t) => t('trajectories in the Agent Trajectory Interchange Format (ATIF)'),
  needs: 'a run in which an agent answered',
  loading: 'One trajectory a line: `Trajectory.model_validate_json(line)` of Harbor (`harbor.models.trajectories`).',
  bare: true,
  samples: async function* (records) {
    for await (const record of records) {
      if (!record.calls.some(({ reply }) => reply !== undefined)) continue;
      const { schema_version, session_id, ...trajectory } = trajectoryOf(record);
      yield { from: sourceOf(record), texts: trajectory, facts: { schema_version, session_id } };
    }
  },
};

const iso = (at: number): string => new Date(at).toISOString();

function trajectoryOf(record: VerdictRecord) {
  const answered = record.calls.filter((call) => call.reply !== undefined);
  const steps: object[] = [{ step_id: 1, timestamp: iso(record.startedAt), source: 'user', message: record.request.text }];
  for (const call of answered) steps.push(agentStep(steps.length + 1, call, record));
  const [name = 'teamwright', version = '0'] = record.program.split(' ');
  return {
    schema_version: 'ATIF-v1.4',
    session_id: record.runId,
    agent: {
      name,
      version,
      model_name: answered[0]?.servedModel || answered[0]?.model,
      extra: { designer: record.designer, models: Object.values(record.models).map(({ model }) => model) },
    },
    steps,
    notes: 'A team of agents: extra.agent of each step names who answered, extra.prompt what that agent was shown.',
    final_metrics: {
      total_prompt_tokens: total(answered, 'inputTokens'),
      total_completion_tokens: total(answered, 'outputTokens'),
      total_cached_tokens: total(answered, 'cachedInputTokens'),
      total_cost_usd: total(answered, 'usd'),
      total_steps: steps.length,
      extra: { reward: rewardOf(record.reward), reward_terms: record.reward },
    },
    extra: {
      problem: record.problem,
      generation: generationName(record.generations),
      outcome: record.result?.outcome,
      plans: record.plans.map(({ name: plan, origin, approval, text, edits, outcome }) => ({
        name: plan,
        origin,
        approval,
        text,
        edits: edits?.sentences,
        score: outcome?.score,
      })),
      verdict: record.verdict,
      patch: record.result?.patch,
    },
  };
}

function agentStep(step: number, call: CallRecord, record: VerdictRecord): object {
  const { reply } = call;
  const toolCalls = (reply?.toolCalls ?? []).map((one) => ({
    tool_call_id: one.id,
    function_name: one.name,
    arguments: argumentsOf(one.arguments),
  }));
  const results = [...toolResults(call, toolCalls), ...testResults(call, record)];
  return {
    step_id: step,
    timestamp: iso(call.endedAt ?? call.startedAt),
    source: 'agent',
    model_name: call.servedModel || call.model,
    message: reply?.text ?? '',
    ...(reply?.reasoning ? { reasoning_content: reply.reasoning } : {}),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
    ...(results.length > 0 ? { observation: { results } } : {}),
    metrics: {
      prompt_tokens: call.inputTokens,
      completion_tokens: call.outputTokens,
      cached_tokens: call.cachedInputTokens,
      cost_usd: call.usd,
    },
    extra: { agent: call.agent, role: call.role, step: call.step, kind: call.kind, call: call.call, prompt: call.messages },
  };
}

/** In the order of the calls; tools that were called in text have no id to refer to. */
function toolResults(call: CallRecord, toolCalls: readonly { tool_call_id: string }[]): object[] {
  return call.tools.map(({ result }, index) => {
    const id = toolCalls[index]?.tool_call_id;
    return id === undefined ? { content: result } : { source_call_id: id, content: result };
  });
}

function testResults(call: CallRecord, { candidates }: VerdictRecord): object[] {
  return candidates
    .filter((candidate) => candidate.call === call.call && candidate.tests !== undefined)
    .map(({ tests }) => ({
      content: `Tests: ${tests?.after.passed} passed, ${tests?.after.failed} failed. Fixed: ${tests?.delta.fixed.join(', ') || 'none'}. Broken: ${tests?.delta.broken.join(', ') || 'none'}.`,
    }));
}

/** ATIF wants an object; what a model wrote otherwise is kept as text. */
function argumentsOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { value };
  } catch (error) {
    if (error instanceof SyntaxError) return { text };
    throw error;
  }
}

const total = (calls: readonly CallRecord[], field: 'inputTokens' | 'outputTokens' | 'cachedInputTokens' | 'usd'): number =>
  calls.reduce((sum, call) => sum + call[field], 0);
