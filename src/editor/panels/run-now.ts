/** What happens in a run at this moment, and the tries (calls of a model) that it is made of. Pure. */
import type { Preparing } from '../../models/types.ts';
import type { TraceEvent } from '../../trace/events.ts';
import type { RunState, RunStatus } from '../../trace/index.ts';
import type { RunModel } from '../../webviews/run-types.ts';
import { count, percent, type Speech, span } from './words.ts';

/** What came of a call so far, as it streams. */
export interface Spoken {
  readonly characters: number;
  readonly thinking: boolean;
  /** Before its first word, where its server tells. */
  readonly preparing?: Preparing;
}

/** Tries whose texts are kept in view; the trace has all. */
export const mostTries = 24;

/** Characters of a token, about: what streams is counted by it until the server tells. */
const charactersOfToken = 4;

export interface Try {
  readonly call: string;
  readonly agent: string;
  readonly step: string;
  readonly model: string;
  readonly inputTokens: number;
  /** Which one it is of its step. */
  readonly number: number;
  /** Tokens it has written so far, about; undefined before its first word, and when it is over. */
  readonly written?: number;
  readonly thinking: boolean;
  /** What its server does before the first word, where it tells. */
  readonly preparing?: Preparing;
  /** Milliseconds since the epoch; undefined when it is over. */
  readonly since?: number;
  /** The file it is about, where the run knows it. */
  readonly file?: string;
  /** The whole reply, by its blob. */
  readonly reply?: string;
}

/** All tries in their order; another attempt at the same call is the same try. */
export function triesOf(events: readonly TraceEvent[], state: RunState, spoken: ReadonlyMap<string, Spoken>): readonly Try[] {
  const tries = new Map<string, Try>();
  const numbers = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'call.started') {
      const { call, agent, step, model, estimatedInputTokens } = event;
      const known = tries.get(call);
      const key = `${call.split('/', 1)[0]}/${step}`;
      const number = known?.number ?? (numbers.get(key) ?? 0) + 1;
      if (known === undefined) numbers.set(key, number);
      tries.set(call, { ...known, call, agent, step, model, inputTokens: estimatedInputTokens, number, thinking: false });
    } else if (event.type === 'call.done') change(tries, event.call, { reply: event.reply });
    else if (event.type === 'part.asked' || event.type === 'place.tried') change(tries, event.call, { file: event.file });
    else if (event.type === 'candidate.made' && event.call !== undefined && event.changed.length > 0)
      change(tries, event.call, { file: event.changed.join(', ') });
  }
  return [...tries.values()].map((one) => {
    const flight = Object.hasOwn(state.callsInFlight, one.call) ? state.callsInFlight[one.call] : undefined;
    const said = spoken.get(one.call);
    return flight === undefined
      ? one
      : {
          ...one,
          since: flight.at,
          ...(said?.characters ? { written: Math.ceil(said.characters / charactersOfToken), thinking: said.thinking } : {}),
          ...(said?.preparing && { preparing: said.preparing }),
        };
  });
}

function change(tries: Map<string, Try>, call: string, more: Partial<Try>): void {
  const known = tries.get(call);
  if (known !== undefined) tries.set(call, { ...known, ...more });
}

export const tryName = ({ agent, step, number }: Try, { l10n }: Pick<Speech, 'l10n'>): string =>
  l10n.t('{0} · {1}, try {2}', agent, step, number);

/** One line for each thing that goes on; empty when the run is over or stands still. */
export function nowView(
  { state, status, tries, now }: { state: RunState; status: RunStatus; tries: readonly Try[]; now: number },
  speech: Speech,
): RunModel['now'] {
  if (status !== 'running') return [];
  const { l10n } = speech;
  const since = (at: number): string => span(Math.max(0, Math.floor((now - at) / 1000) * 1000), speech);
  const calls = tries.flatMap((one) => {
    if (one.since === undefined) return [];
    const parts = [tryName(one, speech), one.file, callWords(one, state, speech), since(one.since)];
    return [parts.filter((part) => part !== undefined).join(' · ')];
  });
  if (calls.length > 0) return calls;
  const running = state.steps.filter((step) => step.state === 'running');
  // A step that holds others says less than the one within it.
  const inner = running.filter(({ path }) => !running.some((other) => other.path.startsWith(`${path}/`)));
  if (inner.length > 0)
    return inner.map((step) =>
      [step.step, step.kind === 'test' ? l10n.t('runs the tests') : l10n.t('works'), step.startedAt && since(step.startedAt)]
        .filter(Boolean)
        .join(' · '),
    );
  const begun = state.updatedAt === undefined ? [] : [since(state.updatedAt)];
  const between =
    state.snapshot === undefined
      ? l10n.t('takes a copy of the workspace')
      : state.briefing === undefined
        ? l10n.t('reads the workspace and runs its tests')
        : state.plans.at(-1)?.approval === 'approved'
          ? l10n.t('runs the tests on what there is')
          : l10n.t('designs a plan');
  return [[between, ...begun].join(' · ')];
}

/** Most servers do not tell how far they have read: then only what is certain is said before the first word. */
function callWords({ model, agent, inputTokens, written, thinking, preparing }: Try, state: RunState, speech: Speech): string {
  const { l10n } = speech;
  if (written !== undefined) {
    const tokens = count(written, speech);
    return thinking ? l10n.t('thinks, about {0} tokens', tokens) : l10n.t('writes, about {0} tokens', tokens);
  }
  if (preparing?.doing === 'loading') return l10n.t('{0} is loading, {1} of it', model, percent(preparing.share, speech));
  if (preparing !== undefined)
    return l10n.t('{0} reads the prompt, {1} of about {2} tokens', model, percent(preparing.share, speech), count(inputTokens, speech));
  const isLoaded = Object.hasOwn(state.agents, agent) && (state.agents[agent]?.servedModels.length ?? 0) > 0;
  return isLoaded
    ? l10n.t('{0} reads the prompt, about {1} tokens', model, count(inputTokens, speech))
    : l10n.t('{0} is loading, or reads the prompt, about {1} tokens', model, count(inputTokens, speech));
}

/** What goes beyond the last count: tokens of calls under way, about, and seconds since. */
export function uncounted(tries: readonly Try[], events: readonly TraceEvent[], now: number): { tokens: number; seconds: number } {
  const counted = events.findLast((event) => 'spend' in event || event.type === 'plan.approved');
  return {
    tokens: tries.reduce((sum, one) => sum + (one.since === undefined ? 0 : one.inputTokens + (one.written ?? 0)), 0),
    seconds: counted === undefined ? 0 : Math.max(0, (now - counted.at) / 1000),
  };
}
