/** Traces of older versions, as if this program had written them: the one place that knows what an older version left unsaid. */
import { eventVersion } from './events.ts';

/** An event as it stands in the file, before its body is known to be right. */
export type RawEvent = { v: number; seq: number; at: number; type: string } & Record<string, unknown>;

/** Makes, for one trace, what turns its events of one version, in order, into events of the next. */
export type Upgrade = () => (event: RawEvent) => RawEvent;

const upgrades: Readonly<Record<number, Upgrade>> = { 1: fromVersion1 };

/** The first version whose programs chain the lines of a trace. */
const chainedSince = 2;

/** What no program of an older version wrote, by type of event. */
const newSince: Readonly<Record<string, string>> = { 'step.started': 'planHash', 'call.started': 'planHash', 'plan.proposed': 'rounds' };

/** Whether an event was written by a program that chains, by its version and by what it says: without its link it was tampered with. */
export const mustChain = (event: RawEvent): boolean => event.v >= chainedSince || (newSince[event.type] ?? '') in event;

/** For one trace: gives each event, in order, in the wanted version; undefined when `table` has no way there. */
export function createUpgrader(table = upgrades, version: number = eventVersion): (event: RawEvent) => RawEvent | undefined {
  const steps = new Map<number, ReturnType<Upgrade>>();
  return (event) => {
    let current = event;
    while (current.v < version) {
      const step = steps.get(current.v) ?? table[current.v]?.();
      if (step === undefined) return undefined;
      steps.set(current.v, step);
      current = { ...step(current), v: current.v + 1 };
    }
    return current;
  };
}

/**
 * Version 1 left it to the order of events which plan a step and a call belong to, which call a note came from, which rounds of design a plan,
 * and which candidate a review was about. Of an agent with tools it named only where its calls begin.
 */
function fromVersion1(): (event: RawEvent) => RawEvent {
  let planHash: unknown;
  let rounds: unknown[] = [];
  let best: { readonly candidate: unknown; readonly passed: number } | undefined;
  const reviews = new Set<unknown>();
  const stepOf = new Map<unknown, unknown>();
  const answered: { readonly call: string; readonly agent: unknown; readonly step: unknown; claimed: boolean }[] = [];

  /** The last answer of that agent in that step that nothing was made of yet. */
  const claim = ({ agent, step }: RawEvent): string | undefined => {
    const found = answered.findLast((call) => !call.claimed && call.agent === agent && call.step === step);
    if (found) found.claimed = true;
    return found?.call;
  };
  const lastBelow = (place: unknown): unknown =>
    answered.findLast(({ call }) => call === place || call.startsWith(`${place}/`))?.call ?? place;

  return (event) => {
    switch (event.type) {
      case 'design.round':
        rounds.push(event.round);
        return event;
      case 'plan.proposed': {
        // Between a proposal and the user's edit of it nothing was designed.
        if (event.origin === 'user-edit') return event;
        const own = rounds;
        rounds = [];
        return { ...event, rounds: own };
      }
      case 'plan.approved':
        planHash = event.hash;
        return event;
      case 'step.started':
        if (event.kind === 'review') reviews.add(event.step);
        return { ...event, planHash };
      case 'call.started':
        stepOf.set(event.call, event.step);
        return event.step === 'design' ? event : { ...event, planHash };
      case 'call.done':
        answered.push({ call: String(event.call), agent: event.agent, step: stepOf.get(event.call), claimed: false });
        return event;
      case 'candidate.made':
        return { ...event, call: event.call === undefined ? claim(event) : lastBelow(event.call) };
      case 'candidate.refused':
        return { ...event, call: lastBelow(event.call) };
      case 'candidate.tested': {
        const { passed } = Object(event.counts) as { passed?: number };
        if (passed !== undefined && passed >= (best?.passed ?? 0)) best = { candidate: event.candidate, passed };
        return event;
      }
      case 'note.written':
        return { ...event, call: claim(event), about: reviews.has(event.step) ? best?.candidate : undefined };
      default:
        return event;
    }
  };
}
