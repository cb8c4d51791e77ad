/**
 * A plan is kept, compared, reused and shared apart from the request it was made for, so it must not contain the request (ScoreFlow,
 * arXiv 2502.04306, states the same rule); and what it says must be what a person sees.
 */
import { hiddenCharacter } from '../text/index.ts';
import type { Place } from './place.ts';
import { locateSteps } from './places.ts';
import { errorAt, type Problem, warningAt } from './problem.ts';
import type { Plan } from './schema.ts';
import { wordsOf } from './words.ts';

/** A run of this many words of the request is a quotation. */
const quotedWords = 12;
/** A whole request of this many words is one too; with 3 to 5 words it may be chance ("fix the failing test") and is only warned of. */
const wholeWords = 6;
const chanceWords = 3;

/** Empty room that pushes what follows off the screen: three empty lines, or forty spaces. */
const padding = /(?:\r?\n[^\S\n]*){4}|[^\S\n]{40}/;

export function secrecyProblems(plan: Plan, request: string | undefined): Problem[] {
  const quotes = request === undefined ? () => undefined : quotationFinder(request);
  return [...texts(plan)].flatMap(({ place, text }) => {
    const problems: Problem[] = [];
    const hidden = hiddenCharacter(text);
    if (hidden !== undefined) {
      problems.push(
        errorAt('hidden-characters', place, ({ t }) => t('This text holds a character that hides what it says ({0}); remove it.', hidden)),
      );
    }
    if (padding.test(text.trim())) {
      problems.push(
        errorAt('hidden-characters', place, ({ t }) =>
          t('This text holds so much empty room that a part of it may not be seen; remove it.'),
        ),
      );
    }
    const quoted = quotes(text);
    if (quoted) problems.push({ ...quoted(place) });
    return problems;
  });
}

function* texts(plan: Plan): Generator<{ place: Place; text: string }> {
  yield { place: ['reason'], text: plan.reason };
  for (const [name, agent] of Object.entries(plan.agents)) {
    yield { place: ['agents', name, 'instructions'], text: agent.instructions };
    for (const [index, glob] of agent.write.entries()) yield { place: ['agents', name, 'write', index], text: glob };
  }
  for (const { step, place } of locateSteps(plan)) {
    const [field, said] = 'pieces' in step ? ['pieces', step.pieces] : 'options' in step ? ['options', step.options] : ['', []];
    for (const [index, text] of said.entries()) yield { place: [...place, field, index], text };
  }
}

type Found = (place: Place) => Problem;

function quotationFinder(request: string): (text: string) => Found | undefined {
  const words = wordsOf(request);
  const whole = ` ${words.join(' ')} `;
  const runs = new Set(runsOf(words, quotedWords));
  return (text) => {
    const said = wordsOf(text);
    const run = runsOf(said, quotedWords).find((candidate) => runs.has(candidate));
    if (run !== undefined) {
      return (place) =>
        errorAt('request-inside', place, ({ t }) =>
          t('This repeats the request ("{0} …"); say what to do in general words.', run.split(' ').slice(0, 6).join(' ')),
        );
    }
    if (words.length < chanceWords || words.length >= quotedWords || !` ${said.join(' ')} `.includes(whole)) return undefined;
    if (words.length < wholeWords) return (place) => warningAt('request-inside', place, ({ t }) => t('This contains the whole request.'));
    return (place) => errorAt('request-inside', place, ({ t }) => t('This contains the whole request; say what to do in general words.'));
  };
}

function runsOf(words: readonly string[], length: number): string[] {
  return words.slice(0, Math.max(0, words.length - length + 1)).map((_, index) => words.slice(index, index + length).join(' '));
}
