export { changedLines } from './changed-lines.ts';
export { hiddenCharacter, named, printable } from './hidden.ts';
export { closingBracket, jsonIn } from './json.ts';
export { counted, englishNumbers, numbersIn, rangeText } from './numbers.ts';
export { chain, english, type Say } from './say.ts';
