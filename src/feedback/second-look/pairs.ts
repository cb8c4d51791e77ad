/**
 * What a test puts in and what it expects, beside each other in the code, whatever is done with them there: `answers.set(…)`, `if (x !== …)`,
 * `replace(…)`. Where most literals around are none of the tests, they are the code's own words.
 */
import { type HardCodedQuestion, holds, isTelling, startsOf, together } from './hard-coded.ts';
import { type Literal, literalsIn } from './literals.ts';

/** Lines without a telling literal that part one place from the next. */
const apart = 3;
/** Most literals of one place that are held against each other. */
const mostTogether = 40;
/** Share of the literals around that tests hold. */
const ofTests = 0.6;

/** Where such pairs begin. */
export function pairedLiterals({ text, isNew, units, isKnown }: HardCodedQuestion): number[] {
  const starts = startsOf(text.code);
  const single = literalsIn(text).filter(
    (literal) =>
      literal.items.length === 0 && isTelling(literal, isKnown) && isNew(literal.from, literal.end) && !isMessage(literal, text.code),
  );
  const places = together(single, ({ from }) => from, starts, apart);
  return places.flatMap((place) => {
    const distinct = [...new Map(place.map((literal) => [literal.scalars[0], literal])).values()].slice(0, mostTogether);
    const held = distinct
      .map((literal) => ({ literal, by: units.filter((unit) => holds(unit, literal)) }))
      .filter(({ by }) => by.length > 0);
    if (held.length < 2 || held.length < distinct.length * ofTests) return [];
    const isPair = held.some(({ literal, by }, at) =>
      held.slice(at + 1).some((other) => (isRare(literal) || isRare(other.literal)) && by.some((unit) => other.by.includes(unit))),
    );
    return isPair ? held.slice(0, 1).map(({ literal }) => literal.from) : [];
  });
}

/** What is said when something fails: tests check it, too. */
const isMessage = ({ from }: Literal, code: string): boolean =>
  /(?:\b(?:throw|raise|panic!?|bail!|warn|log)\b|Err(?:or)?f?\b|errors\.New)[^\n;]{0,100}$/.test(code.slice(Math.max(0, from - 120), from));

/** Nothing that two texts have by chance: a text that is no name, a number of three figures or more that is no power of two, nor the mask below one. */
const isRare = ({ scalars: [value = ''] }: Literal): boolean =>
  /^-?[\d.]+$/.test(value) ? !isBinary(Number(value)) && value.replace(/\D/g, '').length >= 3 : !/^[\w$./:-]*$/.test(value);

const isBinary = (value: number): boolean => [value, value + 1].some((one) => Number.isInteger(Math.log2(one)));
