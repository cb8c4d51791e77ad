/** Agents: a brief with an objective, an output that fits the work, and no more rights than that work needs. */

import { english } from '../text/index.ts';
import { planFlow } from './flow.ts';
import type { Place } from './place.ts';
import { agentOfStep, allSteps, locateSteps } from './places.ts';
import { errorAt, type Problem, warningAt } from './problem.ts';
import { commandEscape, mustWrite, namesTests, rightsBeyond, runsAnyCode, scopeEscape } from './rights.ts';
import type { Agent, Plan } from './schema.ts';
import { agentNamesOf, makesCandidates, stepKindOf } from './step-kinds.ts';
import { countWords } from './words.ts';

/** Fewer words than this state no objective. */
const fewestWords = 4;

export function agentProblems(plan: Plan): Problem[] {
  const problems = Object.entries(plan.agents).flatMap(([name, agent]) => [
    ...problemsOfAgent(name, agent),
    ...rescueProblems(name, agent, plan),
  ]);
  const flow = planFlow(plan);
  for (const { step, place } of locateSteps(plan)) {
    const { outputs, label, needsCandidates, samples } = stepKindOf(step);
    for (const [at, name] of agentNamesOf(step).entries()) {
      const agent = Object.hasOwn(plan.agents, name) ? plan.agents[name] : undefined;
      if (!agent) continue;
      const where: Place = [...place, ...(at === 0 ? ['agent'] : ['others', at - 1])];
      if (!outputs.includes(agent.output)) {
        const message = `"${step.do}" needs an agent whose output is "${outputs.join('" or "')}"; "${name}" hands over "${agent.output}".`;
        problems.push(errorAt('wrong-output', where, message));
      }
      const judged = flow.at(place).every.makers.find((maker) => changesCode(plan, maker));
      if (needsCandidates && makesCandidates(step) && agent.output === 'tests' && judged !== undefined) {
        const message = `"${name}" may write tests, so it must not revise what "${judged}" made: it could bend the tests that judge it.`;
        problems.push(errorAt('too-many-rights', where, message));
      }
      if (at === 0 && !('others' in step) && samples(step) > 1 && agent.temperature === 0) {
        const message = `With temperature 0 all ${samples(step)} samples of this ${label(english)} step will be the same; raise the temperature of "${name}".`;
        problems.push(warningAt('same-samples', [...place, 'samples'], message));
      }
    }
  }
  return problems;
}

/** True for steps whose candidates hold more than new tests. */
function changesCode(plan: Plan, id: string): boolean {
  const maker = [...allSteps(plan.steps)].find((step) => step.id === id && makesCandidates(step));
  if (!maker) return false;
  const { outputs } = stepKindOf(maker);
  return !(outputs.length === 1 && outputs[0] === 'tests') && agentOfStep(plan, maker)?.output !== 'tests';
}

function problemsOfAgent(name: string, agent: Agent): Problem[] {
  const place: Place = ['agents', name];
  const problems: Problem[] = [];
  if (countWords(agent.instructions) < fewestWords) {
    const message = `The instructions of "${name}" are too short to state an objective; use at least ${fewestWords} words.`;
    problems.push(errorAt('brief-too-short', [...place, 'instructions'], message));
  }
  return [...problems, ...rightProblems(name, agent, place), ...scopeProblems(agent, place), ...commandProblems(name, agent, place)];
}

function rescueProblems(name: string, agent: Agent, plan: Plan): Problem[] {
  const { rescue } = agent;
  if (rescue === undefined) return [];
  const at = (part: string): Place => ['agents', name, 'rescue', part];
  const problems: Problem[] = [];
  if (rescue.model === agent.tier) problems.push(errorAt('no-rescue', at('model'), `"${name}" has the ${agent.tier} model already.`));
  const other = rescue.agent !== undefined && Object.hasOwn(plan.agents, rescue.agent) ? plan.agents[rescue.agent] : undefined;
  if (rescue.agent === name) problems.push(errorAt('no-rescue', at('agent'), `"${name}" cannot take its own place.`));
  else if (other !== undefined && other.output !== agent.output) {
    const message = `"${rescue.agent}" hands over "${other.output}", so it cannot take the place of "${name}", which hands over "${agent.output}".`;
    problems.push(errorAt('wrong-output', at('agent'), message));
  } else if (other !== undefined) {
    const more = rightsBeyond(other, agent);
    const message = `"${rescue.agent}" may do what "${name}" may not (${more.join(', ')}); whoever takes its place gets no more rights.`;
    if (more.length > 0) problems.push(errorAt('more-rights', at('agent'), message));
  }
  if (rescue.retries === 0 && rescue.model === undefined && rescue.agent === undefined && rescue.otherwise === 'fail')
    problems.push(warningAt('no-rescue', ['agents', name, 'rescue'], `The rescue of "${name}" does nothing.`));
  return problems;
}

function rightProblems(name: string, agent: Agent, place: Place): Problem[] {
  const problems: Problem[] = [];
  const edits = agent.tools.indexOf('edit');
  if (!mustWrite(agent)) {
    const work = `"${name}" hands over a ${agent.output}, which needs no right to write`;
    if (edits !== -1) problems.push(errorAt('too-many-rights', [...place, 'tools', edits], `${work}: remove the tool "edit".`));
    if (agent.write.length > 0) problems.push(errorAt('too-many-rights', [...place, 'write'], `${work}: make "write" empty.`));
  } else if (agent.write.length === 0) {
    const message = `"${name}" hands over ${agent.output} but may write nothing: list globs in "write", for example "src/**".`;
    problems.push(errorAt('no-write-scope', [...place, 'write'], message));
  }
  return problems;
}

function scopeProblems(agent: Agent, place: Place): Problem[] {
  return agent.write.flatMap((glob, index) => {
    const at = [...place, 'write', index];
    const reason = scopeEscape(glob);
    if (reason) return [errorAt('scope-escapes', at, `The glob ${JSON.stringify(glob)} is no scope inside the workspace: ${reason}.`)];
    if (agent.output === 'edits' && namesTests(glob)) {
      const message = `The glob ${JSON.stringify(glob)} names test files; they stay closed to agents that write no tests (output "tests").`;
      return [warningAt('scope-names-tests', at, message)];
    }
    return [];
  });
}

function commandProblems(name: string, { tools, commands = [], servers = [] }: Agent, place: Place): Problem[] {
  const mayRun = tools.indexOf('run');
  const problems = commands.flatMap((grant, index) => {
    const at = [...place, 'commands', index];
    const reason = commandEscape(grant);
    if (reason) return [errorAt('command-escapes', at, `The command ${JSON.stringify(grant)} cannot be granted: ${reason}.`)];
    if (!runsAnyCode(grant)) return [];
    return [warningAt('command-escapes', at, `${JSON.stringify(grant)} alone runs any code; name the words that follow it.`)];
  });
  if (mayRun !== -1 && commands.length === 0) {
    const message = `"${name}" may run commands but none is named: list them in "commands", for example "npm run lint".`;
    problems.push(errorAt('no-command', [...place, 'tools', mayRun], message));
  }
  if (mayRun === -1 && commands.length > 0)
    problems.push(
      errorAt('no-command', [...place, 'commands'], `"${name}" has commands but lacks the tool "run": add it, or remove them.`),
    );
  const idle = tools.includes('edit') ? undefined : tools.find((tool) => served.has(tool));
  if (idle !== undefined) {
    const message = `"${name}" works without tools, as it lacks "edit": "${idle}" is never used.`;
    problems.push(warningAt('idle-right', [...place, 'tools', tools.indexOf(idle)], message));
  }
  if (servers.length > 0 && !tools.includes('edit')) {
    const message = `"${name}" works without tools, as it lacks "edit": its servers are never used.`;
    problems.push(warningAt('idle-right', [...place, 'servers'], message));
  }
  return problems;
}

/** Tools that only agents with `edit` come to use (older ones go without a word: they are in many plans). */
const served: ReadonlySet<string> = new Set<Agent['tools'][number]>(['run', 'symbols', 'references', 'diagnostics', 'ask']);
