/** From the events of a run to its attempts. Pure. */
import type { Briefing } from '../briefing/types.ts';
import { knownAtStart } from '../design/index.ts';
import type { Capabilities } from '../models/types.ts';
import type { Budget } from '../plan/schema.ts';
import type { EventOf, TraceEvent } from '../trace/events.ts';
import type { Attempt, Known } from './attempt.ts';

type Draft = { -readonly [Name in keyof Attempt]: Attempt[Name] } & { testMs: number; modelMs: number; candidate?: string };

/** The operator of a step, where it is not called like the step's kind. */
const operators: Readonly<Record<string, string>> = { generate: 'sample', repair: 'mutate' };

const shareOf = (passed: number, failed: number): number | undefined => (passed + failed === 0 ? undefined : passed / (passed + failed));

/** In the order in which they began. The tokens and seconds of all of them together are those of the run. `briefing`: undefined when it cannot be read. */
export function attemptsOf(events: readonly TraceEvent[], briefing: Briefing | undefined): readonly Attempt[] {
  const started = events.find((event) => event.type === 'run.started');
  if (started === undefined) return [];
  const models = { worker: started.models.worker?.model ?? '', strong: started.models.strong?.model ?? '' };
  const fixed = { ...factsOf(events, briefing), ...modelFacts(started) };
  const budgetTokens = (started.settings?.budget as Partial<Budget> | undefined)?.tokens;
  const startShare = shareOf(fixed.testsPassed ?? 0, fixed.testsFailed ?? 0);
  const drafts = new Map<string, Draft>();
  const byCandidate = new Map<string, Draft>();
  const steps = new Map<string, EventOf<'step.started'>>();
  const ranked = new Map<string, EventOf<'places.ranked'>[]>();
  const asked = new Map<string, number>();
  const tries = new Map<string, number>();
  let plan: EventOf<'plan.proposed'> | undefined;
  let bestShare: number | undefined;
  let replans = 0;

  const stepAt = (call: string): EventOf<'step.started'> | undefined => {
    for (let end = call.lastIndexOf('/'); end > 0; end = call.lastIndexOf('/', end - 1)) {
      const step = steps.get(call.slice(0, end));
      if (step !== undefined) return step;
    }
    return undefined;
  };

  /** What comes of the calls below one sample of a step is one attempt; a call of a designer is one by itself. */
  const keyOf = (call: string): string => {
    const path = stepAt(call)?.path;
    if (path === undefined) return call;
    const [first = '', second = ''] = call.slice(path.length + 1).split('/');
    return /^\d+$/.test(first) ? `${path}/${first}` : `${path}/${first}/${second}`;
  };

  const draftAt = (call: string, operator: (kind: string | undefined) => string): Draft => {
    const key = keyOf(call);
    const known = drafts.get(key);
    if (known !== undefined) return known;
    const step = stepAt(call);
    const name = operator(step?.kind);
    const soFar = [...drafts.values()];
    const sum = (of: (draft: Draft) => number): number => soFar.reduce((all, draft) => all + of(draft), 0);
    const places = ranked.get(step?.path ?? '') ?? [];
    const [first, fifth] = [places.at(-1)?.places[0], places.at(-1)?.places[4]];
    const builds = step?.kind === 'repair' ? places.length <= 1 : step?.kind === 'generate' && byCandidate.size === 0;
    const draft: Draft = {
      ...{ runId: started.runId, ...models },
      order: drafts.size + 1,
      of: 1,
      operator: name,
      draw: 1,
      plan: plan?.name ?? '',
      step: step?.step ?? 'design',
      call: key,
      before: {
        ...fixed,
        difficulty: plan?.difficulty,
        attempts: soFar.length,
        tries: tries.get(name) ?? 0,
        replans,
        bestShare,
        baseShare: builds ? startShare : step?.kind === 'repair' ? bestShare : undefined,
        tokens: sum(({ inputTokens, outputTokens }) => inputTokens + outputTokens),
        freshTokens: sum(({ inputTokens, cachedInputTokens, outputTokens }) => inputTokens - cachedInputTokens + outputTokens),
        modelSeconds: sum(({ modelMs }) => modelMs) / 1000,
        testSeconds: sum(({ testMs }) => testMs) / 1000,
        budgetTokens,
        suspicionGap: first && fifth && first.suspicion - fifth.suspicion,
      },
      ended: 'done',
      chosen: false,
      ...{ calls: 0, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, estimated: false, modelSeconds: 0, testSeconds: 0 },
      ...{ modelMs: 0, testMs: 0 },
    };
    drafts.set(key, draft);
    tries.set(name, (tries.get(name) ?? 0) + 1);
    return draft;
  };

  /** A repair's calls fill places, and those before its first place only find it. */
  const byStep = (call: string) => (kind: string | undefined) => {
    if (kind === undefined) return 'design';
    if (kind !== 'repair') return operators[kind] ?? kind;
    return /\/0\/\d+$/.test(call) ? 'localise' : 'fill';
  };

  const rename = (draft: Draft, operator: string): void => {
    if (draft.operator === operator) return;
    tries.set(draft.operator, (tries.get(draft.operator) ?? 1) - 1);
    draft.operator = operator;
    draft.before.tries = tries.get(operator) ?? 0;
    tries.set(operator, draft.before.tries + 1);
  };

  const book = (call: string, usage: EventOf<'call.done'>['usage'] | undefined, ms: number): void => {
    const draft = draftAt(call, byStep(call));
    draft.modelMs += ms;
    if (usage === undefined) return;
    draft.inputTokens += usage.inputTokens;
    draft.cachedInputTokens += usage.cachedInputTokens;
    draft.outputTokens += usage.outputTokens;
    draft.estimated ||= usage.estimated;
  };

  for (const event of events) {
    switch (event.type) {
      case 'plan.proposed':
        plan = event;
        break;
      case 'run.replanned':
        replans = event.round;
        break;
      case 'step.started':
        steps.set(event.path, event);
        break;
      case 'places.ranked':
        ranked.set(event.path, [...(ranked.get(event.path) ?? []), event]);
        break;
      case 'call.started': {
        const draft = draftAt(event.call, byStep(event.call));
        draft.calls += 1;
        draft.model ??= event.model;
        if (draft.prompt === undefined) {
          draft.prompt = event.promptHash;
          draft.draw = (asked.get(event.promptHash) ?? 0) + 1;
        }
        if (event.attempt === 1) asked.set(event.promptHash, (asked.get(event.promptHash) ?? 0) + 1);
        break;
      }
      case 'call.done': {
        book(event.call, event.usage, event.ms);
        const draft = draftAt(event.call, byStep(event.call));
        if (draft.ended === 'failed') draft.ended = 'done';
        break;
      }
      case 'call.failed': {
        book(event.call, event.usage, event.ms);
        const draft = draftAt(event.call, byStep(event.call));
        if (draft.ended === 'done') draft.ended = 'failed';
        break;
      }
      case 'design.round': {
        const draft = event.call === undefined ? undefined : drafts.get(keyOf(event.call));
        if (draft) draft.ended = event.valid ? 'valid' : 'invalid';
        break;
      }
      case 'note.written':
        if (event.call !== undefined) draftAt(event.call, byStep(event.call)).ended = 'note';
        break;
      case 'place.tried': {
        const draft = draftAt(event.call, () => 'mutate');
        if (draft.calls > 0) rename(draft, event.how);
        const { passed, failed, how, file, line } = event;
        const places = ranked.get(stepAt(event.call)?.path ?? '')?.at(-1)?.places ?? [];
        const rank = places.findIndex((place) => place.path === file && place.line === line);
        Object.assign(draft, { how, file, line, passed, failed, ended: passed === undefined ? 'nothing' : 'tried' });
        // What does not solve by the tests of a try is no candidate.
        if (passed !== undefined) draft.visible = false;
        if (rank >= 0) Object.assign(draft.before, { rank: rank + 1, suspicion: places[rank]?.suspicion });
        draft.testMs += event.ms ?? 0;
        break;
      }
      case 'candidate.made': {
        const draft = draftAt(event.call ?? `${pathOf(steps, event.step)}/${event.candidate}`, byStep(event.call ?? ''));
        Object.assign(draft, { ended: 'candidate', tree: event.snapshot.tree, candidate: event.candidate, unlikely: event.unlikely });
        const base = byCandidate.get(event.from);
        draft.from = event.from === 'start' ? 0 : base?.order;
        draft.before.baseShare = event.from === 'start' ? startShare : base && shareOf(base.passed ?? 0, base.failed ?? 0);
        byCandidate.set(event.candidate, draft);
        break;
      }
      case 'candidate.refused': {
        const draft = draftAt(event.call, byStep(event.call));
        const same = byCandidate.get(event.sameAs ?? '');
        if (same === undefined) draft.ended = 'refused';
        else Object.assign(draft, { ended: 'same', sameAs: same.order });
        break;
      }
      case 'candidate.tested': {
        const draft = byCandidate.get(event.candidate);
        if (draft === undefined) break;
        const { passed, failed, green } = event.counts;
        const visible = event.only === undefined && (event.judgement === undefined ? green : event.judgement.state === 'solved');
        Object.assign(draft, { passed, failed, visible, flagged: event.tampering.length + event.breaches.length > 0 });
        draft.testMs += event.ms;
        bestShare = Math.max(bestShare ?? 0, shareOf(passed, failed) ?? 0);
        break;
      }
      case 'run.finished': {
        const draft = byCandidate.get(event.candidate ?? '');
        if (draft) draft.chosen = true;
        break;
      }
    }
  }
  const inOrder = [...drafts.values()];
  return inOrder.map(({ modelMs, testMs, candidate: _, ...draft }) => {
    const same = draft.sameAs === undefined ? undefined : inOrder[draft.sameAs - 1];
    const seen = same && { tree: same.tree, visible: same.visible, passed: same.passed, failed: same.failed, flagged: same.flagged };
    return { ...draft, ...seen, of: drafts.size, modelSeconds: modelMs / 1000, testSeconds: testMs / 1000 };
  });
}

/** Of a step that is known by its name alone, the one that began last. */
const pathOf = (steps: ReadonlyMap<string, EventOf<'step.started'>>, name: string): string =>
  [...steps.values()].findLast(({ step }) => step === name)?.path ?? name;

/** What the request and the tests at the start say; of a run without a readable briefing only the counts of its tests. */
function factsOf(events: readonly TraceEvent[], briefing: Briefing | undefined) {
  const started = events.find((event) => event.type === 'run.started');
  const baseline = events.find((event) => event.type === 'briefing.done')?.baseline;
  return {
    ...(started && briefing ? knownAtStart(started.request, briefing) : { language: '', files: 0, bytes: 0, lines: 0 }),
    testsPassed: baseline?.passed,
    testsFailed: baseline?.failed,
  } satisfies Partial<Known>;
}

function modelFacts({ models }: EventOf<'run.started'>) {
  const { infill, weighs, strength } = (models.worker?.capabilities ?? {}) as Partial<Capabilities>;
  return { infill, weighs: weighs === true, strength };
}
