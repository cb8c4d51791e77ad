/** Words as people count them; in scripts without spaces every character counts as one. */
const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|[\p{L}\p{M}\p{N}_]+/gu;

/** The words of a text, folded so that case, width, accents' encoding, punctuation and line breaks make no difference. */
export const wordsOf = (text: string): string[] => text.normalize('NFKC').toLowerCase().match(word) ?? [];

export const countWords = (text: string): number => wordsOf(text).length;
