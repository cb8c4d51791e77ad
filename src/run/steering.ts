/**
 * What the user's hand does to a run: the state behind the controls, and what the runtime asks it before it begins anything. Every use is an
 * event. A replay (and a resumed run, as far as its old trace goes) is steered by what was recorded: the same hints reach the same calls, the
 * same steps are skipped.
 */
import { isTeamwrightError, TeamwrightError, throwIfStopped } from '../errors.ts';
import type { Budget } from '../plan/schema.ts';
import type { TraceWriter } from '../trace/events.ts';
import type { Meter } from './meter.ts';
import type { Point, RecordedSteering } from './past.ts';
import type { RunControls } from './types.ts';

/** Why a skipped step has nothing to show, in `step.done`. */
export const skippedByUser = 'skipped by the user';

export interface Steering extends RunControls {
  /** The user holds the run. */
  readonly held: boolean;
  /** Waits while the user holds the run. Rejects as soon as the signal fires. */
  ready(signal: AbortSignal): Promise<void>;
  /** A step begins. Gives its own signal, which fires too when the step is skipped. */
  enter(path: string, signal: AbortSignal): AbortSignal;
  leave(path: string): void;
  /** The user's hints for a call at this place; called once for a call, before its first attempt. */
  hintsFor(place: string, agent: string): readonly string[];
  /** Where the user pointed at and a repair has not tried yet; asked once for each try, which is named by the place of its call. */
  pointAt(place: string): Point | undefined;
  /** A call at this place is about to be made. */
  reach(place: string): void;
}

export interface SteeringOptions {
  readonly trace: Pick<TraceWriter, 'emit'>;
  readonly meter: Pick<Meter, 'hold' | 'raise'>;
  /** Nobody's hand is on a run without controls: it saves what only a skip needs. */
  readonly steerable: boolean;
  readonly recorded?: RecordedSteering;
}

export function createSteering({ trace, meter, steerable, recorded }: SteeringOptions): Steering {
  const hints: { readonly agent?: string; readonly text: string }[] = [];
  const points: Point[] = [];
  const skipped = new Set<string>();
  const ended = new Set<string>();
  const underWay = new Map<string, { readonly own: AbortController; readonly letGo: () => void }>();
  const canSkip = steerable || recorded !== undefined;
  let gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  const steering: Steering = {
    get held() {
      return gate !== undefined;
    },
    pause: () => {
      if (gate) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const release = meter.hold();
      gate = {
        opened: promise,
        open: () => {
          gate = undefined;
          release();
          resolve();
        },
      };
      trace.emit({ type: 'control.used', action: 'pause' });
    },
    continue: () => {
      if (!gate) return;
      gate.open();
      trace.emit({ type: 'control.used', action: 'continue' });
    },
    skip: (path) => {
      if (skipped.has(path) || ended.has(path)) return;
      skipped.add(path);
      trace.emit({ type: 'control.used', action: 'skip', step: path });
      underWay.get(path)?.own.abort(new TeamwrightError('stopped', { step: path }));
    },
    hint: (agent, text) => {
      if (text.trim() === '') return;
      hints.push({ agent, text: text.trim() });
      trace.emit({ type: 'control.used', action: 'hint', agent, text: text.trim() });
    },
    raiseBudget: (limits: Partial<Budget>) => {
      const budget = meter.raise(limits);
      if (Object.keys(budget).length > 0) trace.emit({ type: 'control.used', action: 'raise-budget', budget });
    },
    point: (file, line) => {
      points.push({ file, line });
      trace.emit({ type: 'control.used', action: 'point', file, line });
    },
    pointAt: (place) => recorded?.pointAt(place) ?? points.shift(),
    ready: async (signal) => {
      throwIfStopped(signal);
      while (gate) await opened(gate.opened, signal);
    },
    enter: (path, signal) => {
      if (!canSkip) return signal;
      const own = new AbortController();
      // By hand: `AbortSignal.any` costs several times as much, and a step needs it only until it ends.
      const follow = (): void => own.abort(signal.reason);
      if (signal.aborted) follow();
      else signal.addEventListener('abort', follow, { once: true });
      underWay.set(path, { own, letGo: () => signal.removeEventListener('abort', follow) });
      if (recorded?.skips(path)) steering.skip(path);
      else steering.reach(path);
      if (skipped.has(path)) own.abort(new TeamwrightError('stopped', { step: path }));
      return own.signal;
    },
    leave: (path) => {
      if (!canSkip) return;
      underWay.get(path)?.letGo();
      underWay.delete(path);
      ended.add(path);
    },
    hintsFor: (place, agent) =>
      recorded?.hintsAt(place) ?? hints.filter((hint) => hint.agent === undefined || hint.agent === agent).map(({ text }) => text),
    reach: (place) => {
      const cut = recorded?.cutBefore(place, underWay.keys());
      if (cut !== undefined) steering.skip(cut);
    },
  };
  for (const { agent, text } of recorded?.hints ?? []) steering.hint(agent, text);
  if (recorded) steering.raiseBudget(recorded.raised);
  return steering;
}

/** Whether it was the skip of a step that fired this signal, not the end of the run. */
export function isSkipped(signal: AbortSignal): boolean {
  return signal.aborted && isTeamwrightError(signal.reason, 'stopped') && 'step' in signal.reason.facts;
}

/** Waits for the gate, or rejects at once when the signal fires. */
async function opened(gate: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  signal.addEventListener('abort', wake, { once: true });
  try {
    await Promise.race([gate, promise]);
  } finally {
    signal.removeEventListener('abort', wake);
  }
  throwIfStopped(signal);
}
