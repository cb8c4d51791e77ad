/** Values in other clothes: known secrets in addresses, base64 and hexadecimal, and base64 texts that hold a secret. Pure. */

/** A value as it is, as addresses write it, in base64 and in hexadecimal. */
export function formsOf(value: string): string[] {
  return [...new Set([value, ...percentForms(value), ...base64Forms(value), ...hexForms(value)])];
}

/** What must be escaped in an address, or every byte; digits in either case. */
function percentForms(value: string): string[] {
  const forms = [encodeURIComponent(value.toWellFormed()), Buffer.from(value, 'utf8').toString('hex').toUpperCase().replace(/../g, '%$&')];
  return forms.flatMap((form) => [form, form.replace(/%../g, (digits) => digits.toLowerCase())]);
}

/**
 * The base64 forms of a value wherever it stands in the encoded text: three alignments, without the characters that its neighbours shape.
 * In both alphabets.
 */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const forms = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/={1,2}$/, '');
    const lead = shift === 0 ? 0 : shift + 1;
    const complete = Math.floor(((shift + bytes.length) * 8) / 6);
    return encoded.slice(lead, complete);
  });
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]).filter((form) => form.length >= 8);
}

const hexForms = (value: string): string[] => {
  const hex = Buffer.from(value, 'utf8').toString('hex');
  return [hex, hex.toUpperCase()];
};

export interface EncodedText {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const run = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,200000}={0,2}/g;

/** Parts of the text that are base64 of readable text. */
export function encodedTexts(text: string): EncodedText[] {
  const found: EncodedText[] = [];
  for (const match of text.matchAll(run)) {
    const body = match[0];
    // A name or a path is not base64, though its characters are.
    if (!/\d|[+/=]/.test(body) || !/[A-Z]/.test(body) || !/[a-z]/.test(body)) continue;
    const decoded = Buffer.from(body, 'base64').toString('utf8');
    if (decoded.length >= 12 && isReadable(decoded)) found.push({ start: match.index, end: match.index + body.length, text: decoded });
  }
  return found;
}

function isReadable(text: string): boolean {
  let odd = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 9 && code !== 10 && code !== 13) || code === 0x7f || code === 0xfffd) odd += 1;
  }
  return odd * 20 <= text.length;
}
