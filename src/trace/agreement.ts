/** How sure it is that a change does what was meant, where no test says it: how many others act like it on inputs that an agent thought of. */
import type { RunState } from './state.ts';

export interface Agreement {
  /** Replies that act like what was handed over, this one too. */
  readonly alike: number;
  readonly replies: number;
  readonly inputs: number;
}

/** Undefined where what is handed over was run on no such inputs. Pure. */
export function agreementOn({ result, toldApart }: Pick<RunState, 'result' | 'toldApart'>): Agreement | undefined {
  const chosen = result?.candidate;
  if (chosen === undefined) return undefined;
  const classOf = (classes: RunState['toldApart'][number]['classes']) => classes.find(({ candidates }) => candidates.includes(chosen));
  const last = toldApart.findLast(({ classes }) => classOf(classes) !== undefined);
  if (last === undefined) return undefined;
  const replies = last.classes.reduce((sum, { votes }) => sum + votes, 0);
  return { alike: classOf(last.classes)?.votes ?? 0, replies, inputs: last.inputs.length };
}
