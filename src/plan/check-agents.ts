/** Agents: a brief with an objective, an output that fits the work, and no more rights than that work needs. */

import { chain } from '../text/index.ts';
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
    const { outputs, needsCandidates, samples } = stepKindOf(step);
    for (const [at, name] of agentNamesOf(step).entries()) {
      const agent = Object.hasOwn(plan.agents, name) ? plan.agents[name] : undefined;
      if (!agent) continue;
      const where: Place = [...place, ...(at === 0 ? ['agent'] : ['others', at - 1])];
      if (!outputs.includes(agent.output)) {
        problems.push(
          errorAt('wrong-output', where, ({ t, kind, output }) => {
            const wanted = chain(outputs.map(output), (before, word) => t('{0} or {1}', before, word));
            return t('"{0}" needs an agent that hands over {1}; "{2}" hands over {3}.', kind(step.do), wanted, name, output(agent.output));
          }),
        );
      }
      const judged = flow.at(place).every.makers.find((maker) => changesCode(plan, maker));
      if (needsCandidates && makesCandidates(step) && agent.output === 'tests' && judged !== undefined) {
        problems.push(
          errorAt('too-many-rights', where, ({ t }) =>
            t('"{0}" may write tests, so it must not revise what "{1}" made: it could bend the tests that judge it.', name, judged),
          ),
        );
      }
      if (at === 0 && !('others' in step) && samples(step) > 1 && agent.temperature === 0) {
        problems.push(
          warningAt('same-samples', [...place, 'samples'], ({ t }) =>
            t('With temperature 0 all {0} samples of this step will be the same; raise the temperature of "{1}".', samples(step), name),
          ),
        );
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
    problems.push(
      errorAt('brief-too-short', [...place, 'instructions'], ({ t }) =>
        t('The instructions of "{0}" are too short to state an objective; use at least {1} words.', name, fewestWords),
      ),
    );
  }
  return [...problems, ...rightProblems(name, agent, place), ...scopeProblems(agent, place), ...commandProblems(name, agent, place)];
}

function rescueProblems(name: string, agent: Agent, plan: Plan): Problem[] {
  const { rescue } = agent;
  if (rescue === undefined) return [];
  const at = (part: string): Place => ['agents', name, 'rescue', part];
  const problems: Problem[] = [];
  if (rescue.model === agent.tier)
    problems.push(
      errorAt('no-rescue', at('model'), ({ t }) =>
        t(agent.tier === 'strong' ? '"{0}" has the strong model already.' : '"{0}" has the worker model already.', name),
      ),
    );
  const other = rescue.agent !== undefined && Object.hasOwn(plan.agents, rescue.agent) ? plan.agents[rescue.agent] : undefined;
  if (rescue.agent === name) problems.push(errorAt('no-rescue', at('agent'), ({ t }) => t('"{0}" cannot take its own place.', name)));
  else if (other !== undefined && other.output !== agent.output) {
    problems.push(
      errorAt('wrong-output', at('agent'), ({ t, output }) =>
        t(
          '"{0}" hands over {1}, so it cannot take the place of "{2}", which hands over {3}.',
          rescue.agent ?? '',
          output(other.output),
          name,
          output(agent.output),
        ),
      ),
    );
  } else if (other !== undefined) {
    const debate = [...allSteps(plan.steps)].find((step) => {
      const [first, ...others] = agentNamesOf(step);
      return first === name && others.includes(rescue.agent ?? '');
    });
    if (debate !== undefined) {
      problems.push(
        errorAt('no-rescue', at('agent'), ({ t }) =>
          t('"{0}" works in "{1}" beside "{2}", so it cannot take its place there.', rescue.agent ?? '', debate.id, name),
        ),
      );
    }
    if (rightsBeyond(other, agent).length > 0) {
      problems.push(
        errorAt('more-rights', at('agent'), ({ t }) =>
          t(
            '"{0}" may do what "{1}" may not ({2}); whoever takes its place gets no more rights.',
            rescue.agent ?? '',
            name,
            rightsBeyond(other, agent, t).join(', '),
          ),
        ),
      );
    }
  }
  if (rescue.retries === 0 && rescue.model === undefined && rescue.agent === undefined && rescue.otherwise === 'fail')
    problems.push(warningAt('no-rescue', ['agents', name, 'rescue'], ({ t }) => t('The rescue of "{0}" does nothing.', name)));
  return problems;
}

function rightProblems(name: string, agent: Agent, place: Place): Problem[] {
  const problems: Problem[] = [];
  const edits = agent.tools.indexOf('edit');
  if (!mustWrite(agent)) {
    if (edits !== -1) {
      problems.push(
        errorAt('too-many-rights', [...place, 'tools', edits], ({ t, output }) =>
          t('"{0}" hands over {1}, which needs no right to write: remove the tool "edit".', name, output(agent.output)),
        ),
      );
    }
    if (agent.write.length > 0) {
      problems.push(
        errorAt('too-many-rights', [...place, 'write'], ({ t, output, field }) =>
          t('"{0}" hands over {1}, which needs no right to write: make {2} empty.', name, output(agent.output), field('write')),
        ),
      );
    }
  } else if (agent.write.length === 0) {
    problems.push(
      errorAt('no-write-scope', [...place, 'write'], ({ t, output, field }) =>
        t(
          '"{0}" hands over {1} but may write nothing: list globs in {2}, for example {3}.',
          name,
          output(agent.output),
          field('write'),
          '"src/**"',
        ),
      ),
    );
  }
  return problems;
}

function scopeProblems(agent: Agent, place: Place): Problem[] {
  return agent.write.flatMap((glob, index) => {
    const at = [...place, 'write', index];
    if (scopeEscape(glob) !== undefined)
      return [
        errorAt('scope-escapes', at, ({ t }) =>
          t('The glob {0} is no scope inside the workspace: {1}.', JSON.stringify(glob), scopeEscape(glob, t) ?? ''),
        ),
      ];
    if (agent.output === 'edits' && namesTests(glob)) {
      return [
        warningAt('scope-names-tests', at, ({ t, field, output }) =>
          t(
            'The glob {0} names test files; they stay closed to agents that write no tests ({1} {2}).',
            JSON.stringify(glob),
            field('output'),
            output('tests'),
          ),
        ),
      ];
    }
    return [];
  });
}

function commandProblems(name: string, { tools, commands = [], servers = [], network }: Agent, place: Place): Problem[] {
  const mayRun = tools.indexOf('run');
  const problems = commands.flatMap((grant, index) => {
    const at = [...place, 'commands', index];
    if (commandEscape(grant) !== undefined)
      return [
        errorAt('command-escapes', at, ({ t }) =>
          t('The command {0} cannot be granted: {1}.', JSON.stringify(grant), commandEscape(grant, t) ?? ''),
        ),
      ];
    if (!runsAnyCode(grant)) return [];
    return [
      warningAt('command-escapes', at, ({ t }) => t('{0} alone runs any code; name the words that follow it.', JSON.stringify(grant))),
    ];
  });
  if (mayRun !== -1 && commands.length === 0) {
    problems.push(
      errorAt('no-command', [...place, 'tools', mayRun], ({ t, field }) =>
        t('"{0}" may run commands but none is named: list them in {1}, for example {2}.', name, field('commands'), '"npm run lint"'),
      ),
    );
  }
  if (mayRun === -1 && commands.length > 0)
    problems.push(
      errorAt('no-command', [...place, 'commands'], ({ t }) =>
        t('"{0}" has commands but lacks the tool "run": add it, or remove them.', name),
      ),
    );
  const idle = tools.includes('edit') ? undefined : tools.find((tool) => served.has(tool));
  if (idle !== undefined) {
    problems.push(
      warningAt('idle-right', [...place, 'tools', tools.indexOf(idle)], ({ t }) =>
        t('"{0}" works without tools, as it lacks "edit": "{1}" is never used.', name, idle),
      ),
    );
  }
  if (servers.length > 0 && !tools.includes('edit')) {
    problems.push(
      warningAt('idle-right', [...place, 'servers'], ({ t }) =>
        t('"{0}" works without tools, as it lacks "edit": its servers are never used.', name),
      ),
    );
  }
  if (network && commands.length + servers.length === 0) {
    problems.push(
      warningAt('idle-right', [...place, 'network'], ({ t }) =>
        t('"{0}" has neither commands nor servers: nothing of it uses the network.', name),
      ),
    );
  }
  return problems;
}

/** Tools that only agents with `edit` come to use (older ones go without a word: they are in many plans). */
const served: ReadonlySet<string> = new Set<Agent['tools'][number]>(['run', 'symbols', 'references', 'diagnostics', 'ask']);
