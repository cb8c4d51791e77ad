import { throwIfStopped } from '../../errors.ts';
import type { Answer } from '../ask.ts';
import { candidateFromText, type Origin } from '../candidates.ts';
import { agentNamed, notesFor, type StepRunner, scopeOf } from '../context.ts';
import { testCandidate } from '../judge.ts';
import { isDone } from '../pool.ts';
import { filled, fillingTokens, holeAt } from '../repair/holes.ts';
import { suspects } from '../repair/localise.ts';
import { smallChanges } from '../repair/mutations.ts';
import { askOnePlace } from '../repair/one-place.ts';
import { suspectFiles, weighed } from '../repair/read.ts';
import { warmCopy } from '../repair/warm.ts';

/** Places that are named in the trace. */
const placesTold = 20;

/**
 * One place at a time: the suspicious statements in order, each left out and written anew by the agent's model, then small changes of the first
 * ones without a model. Each text is tried at once; the first that solves the request ends the step.
 */
export const repair: StepRunner<'repair'> = async (step, place, context, signal) => {
  const { facts, pool, ports } = context;
  const best = pool.best();
  if (best !== undefined && isDone(best)) return 'nothing speaks against the best candidate';
  const report = facts.baseline;
  if (!facts.test || report === undefined || report.failed === 0) return 'no test is red that could show a repair';
  const agent = agentNamed(context, step.agent);
  const { infill } = ports.models[agent.tier].capabilities;
  const origin: Origin = { step: step.id, agentName: step.agent, agent, call: place, from: { name: 'start', snapshot: context.start } };
  const files = await weighed(await suspectFiles(origin, report, context), origin, context, signal);
  const places = suspects(files, report.failed);
  if (places.length === 0) return 'no file that the agent may change can be read as statements';
  ports.trace.emit({
    type: 'places.ranked',
    step: step.id,
    path: place,
    places: places.slice(0, placesTold).map(({ path, statement, suspicion, because }) => ({
      path,
      line: statement.line,
      endLine: statement.endLine,
      suspicion,
      because: [...because],
    })),
  });
  const textOf = (path: string): string => files.find((file) => file.path === path)?.text ?? '';
  const warm = await warmCopy(`${step.id}-tries`, scopeOf(agent, facts.testSources), context, signal);
  try {
    if (infill === undefined) {
      for (let index = 1; index <= step.samples; index += 1) {
        const from = { ...origin, call: `${place}/${index}` };
        const found = await askOnePlace({ origin: from, notes: notesFor(context, step.uses), files, places }, context, signal);
        if (found && (await solves(found.text, found, 'written', from.call, found.hidden))) return undefined;
      }
    } else {
      for (const [index, suspect] of places.slice(0, step.samples).entries()) {
        const call = `${place}/${index + 1}`;
        const text = textOf(suspect.path);
        const reply = await context.ask(
          {
            place: call,
            step: step.id,
            agent: step.agent,
            tier: agent.tier,
            messages: [],
            hole: holeAt(text, suspect.statement, infill),
            temperature: 0,
            maxTokens: fillingTokens(suspect.statement),
          },
          signal,
        );
        const whole = filled(text, suspect.statement, reply.text);
        if (await solves(whole, { path: suspect.path, line: suspect.statement.line }, 'fill', call, reply.hidden)) return undefined;
      }
    }
    for (const [index, { place: suspect, kind, text }] of (await smallChanges(places, files, step.mutations)).entries()) {
      const at = { path: suspect.path, line: suspect.statement.line };
      if (await solves(text, at, kind, `${place}/${step.samples + index + 1}`)) return undefined;
    }
    return undefined;
  } finally {
    await warm.remove();
  }

  async function solves(
    text: string | undefined,
    { path, line }: { readonly path: string; readonly line: number },
    how: string,
    call: string,
    hidden?: Answer['hidden'],
  ): Promise<boolean> {
    throwIfStopped(signal);
    const trial = text === undefined ? undefined : await warm.try(path, text, hidden, signal);
    throwIfStopped(signal);
    const { passed, failed } = trial ?? {};
    ports.trace.emit({ type: 'place.tried', step: step.id, call, file: path, line, how, passed, failed });
    if (text === undefined || trial?.promising !== true) return false;
    const candidate = await candidateFromText(path, text, { ...origin, call }, context, signal, hidden);
    if (candidate === undefined) return false;
    await testCandidate(candidate, context, signal);
    return isDone(candidate);
  }
};
