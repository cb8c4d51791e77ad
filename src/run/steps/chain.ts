import { allSteps, longestPiece, stepsOfChain } from '../../plan/index.ts';
import type { StepOf } from '../../plan/schema.ts';
import { listMark } from '../../request/index.ts';
import type { ChainUnderWay, StepContext, StepRunner } from '../context.ts';

/** Characters of what the pieces before came to, the last of them first; and of one of them. */
const toldOfAll = 3000;
const toldOfOne = 600;

/** Its steps once for each piece, each at a place of its own, until a vote decides nothing. */
export const chain: StepRunner<'chain'> = async (step, place, context, _signal, inside) => {
  const pieces = piecesOf(step, context);
  if (typeof pieces === 'string') return pieces;
  const steps = stepsOfChain(step, pieces.length);
  const writers = [...allSteps(steps)].map(({ id }) => id);
  const outer = context.chain;
  const underWay: ChainUnderWay = { step: step.id, piece: '', notes: [], accepted: outer?.accepted };
  const own: StepContext = { ...context, chain: underWay };
  const done: string[] = [];
  for (const [index, piece] of pieces.entries()) {
    // What was said of the piece before is in the note on all of them, and must not be taken for an answer to this one.
    for (const id of writers) context.notes.delete(id);
    underWay.piece = piece;
    underWay.notes = [...(outer?.notes ?? []), { step: step.id, role: 'chain', text: noteOn(piece, index + 1, pieces.length, done) }];
    await inside.inTurn(steps, `${place}/${index + 1}`, own);
    // What tests were added to is what the others begin with.
    context.start = own.start;
    if (outer) outer.accepted = underWay.accepted;
    if (underWay.ended !== undefined)
      return `piece ${index + 1} of ${pieces.length} came to nothing, so those after it have nothing to build on (${underWay.ended}); what was done before it stays`;
    const answers = writers.flatMap((id) => context.notes.get(id)?.text.trim() ?? []);
    done.push(`${index + 1}. ${piece}${answers.length > 0 ? `: ${shortened(answers.join('; '))}` : ''}`);
  }
  return undefined;
};

/** As the plan says, or the lines of a note; or why there are none. */
function piecesOf({ pieces, uses, most }: StepOf<'chain'>, { notes }: StepContext): readonly string[] | string {
  if (pieces.length > 0) return pieces;
  const name = uses[0] ?? '';
  const found = (notes.get(name)?.text ?? '').split('\n').flatMap((line) => line.replace(listMark, '').trim() || []);
  if (found.length === 0) return `"${name}" left no note with pieces`;
  if (found.length > most) return `the note of "${name}" has ${found.length} pieces, and ${most} are allowed`;
  const long = found.findIndex((piece) => piece.length > longestPiece);
  if (long >= 0) return `piece ${long + 1} in the note of "${name}" has more than ${longestPiece} characters`;
  return found;
}

/** The newest of what is done, as much as there is room for. */
function noteOn(piece: string, number: number, count: number, done: readonly string[]): string {
  const head = `Piece ${number} of ${count}, the only one to do now: ${piece}`;
  if (done.length === 0) return head;
  const told: string[] = [];
  let room = toldOfAll;
  for (const line of done.toReversed()) {
    room -= line.length;
    if (room < 0) break;
    told.unshift(line);
  }
  const left = done.length - told.length;
  return [head, 'What the pieces before it came to:', ...(left > 0 ? [`(the first ${left} are left out)`] : []), ...told].join('\n');
}

const shortened = (text: string): string => (text.length <= toldOfOne ? text : `${text.slice(0, toldOfOne - 1)}…`);
