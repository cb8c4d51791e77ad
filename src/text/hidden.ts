/** Characters that a person does not see, and what to do with them in text that others wrote. */
import { stripVTControlCharacters } from 'node:util';

/**
 * Control characters (but tab and line ends; a carriage return alone would write over its line), direction marks and overrides, separators and joiners without width, fillers that look empty,
 * invisible tags and variation selectors, halves of characters. Joiners and selectors are part of letters and emoji where one follows such (a
 * joiner may follow the selector of an emoji, a selector may make a digit a keycap), and hidden anywhere else.
 */
const hidden = new RegExp(
  [
    String.raw`[^\P{Cc}\t\n\r]|\r(?!\n)|\p{Cs}`,
    String.raw`[\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]`,
    String.raw`[\u034F\u180B-\u180D\u180F]|[\u{13430}-\u{1343F}\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]`,
    String.raw`[\u{16FE4}\u{1D159}]|(?<=^|[\0-\x7F\u200C\u200D\uFE00-\uFE0E])\u200D|(?<=^|[\0-\x7F\u200C\u200D\uFE00-\uFE0F])[\u200C\uFE00-\uFE0E]`,
    String.raw`(?<=^|[\0-\x7F\u200C\u200D\uFE00-\uFE0F])(?!(?<=[0-9#*])\uFE0F\u20E3)\uFE0F`,
  ].join('|'),
  'gu',
);

/** The first hidden character of a text, as `U+202E`. */
export function hiddenCharacter(text: string): string | undefined {
  const [found] = text.match(hidden) ?? [];
  return found === undefined ? undefined : nameOf(found);
}

/** The text with every hidden character named in its place: `<U+202E>`. For what a person is to judge. */
export const named = (text: string): string => text.replace(hidden, (character) => `<${nameOf(character)}>`);

/**
 * Text of a model, a test or a file, safe to print: escape sequences and hidden characters (which could move the cursor, hide text or
 * reprogram the terminal) are gone; tabs and line feeds stay.
 */
export const printable = (text: string): string => stripVTControlCharacters(text).replace(/\r\n?/g, '\n').replace(hidden, '');

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
