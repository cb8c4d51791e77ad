/** The body of a reply as its pieces: server-sent events, or one piece where a server does not stream, whatever it calls the body. */
import { jsonIn } from '../text/index.ts';
import { withoutPage } from './refusals.ts';

/** An error in the place of a reply, or in the middle of one: `body` as the server wrote it. */
export class ErrorPiece extends Error {
  readonly body: unknown;
  constructor(body: unknown) {
    super('an error in place of a reply');
    this.body = body;
  }
}

/** Something that is no reply in any form; the message is what can be said of it. */
export class ForeignBody extends Error {}

/** Throws `ErrorPiece`, `ForeignBody`, and whatever reading the body throws. */
export async function* piecesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let data: string[] = [];
  let event = '';
  /** Lines of a body that holds no events. */
  let whole: string[] | undefined;
  let begun = false;
  for await (const line of linesOf(body)) {
    if (!begun && line.trim() !== '') {
      begun = true;
      if (!isField.test(line)) whole = [];
    }
    if (whole !== undefined) whole.push(line);
    else if (line === '') {
      const text = data.join('\n');
      if (text.trim() === '[DONE]') return;
      if (text.trim() !== '') yield pieceOf(parsed(text), event);
      [data, event] = [[], ''];
    } else if (line.startsWith('data:')) data.push(line.slice('data:'.length));
    else if (line.startsWith('event:')) event = line.slice('event:'.length).trim();
  }
  const text = (whole ?? data).join('\n').trim();
  if (text === '' || text === '[DONE]') return;
  if (whole !== undefined) yield pieceOf(parsed(text), '');
  // Without its blank line an event may be whole all the same, or cut.
  else if (jsonIn(text) !== undefined) yield pieceOf(parsed(text), event);
}

const isField = /^(?:data|event|id|retry)?:/;

/** The piece, unless it is an error; many servers send a null in `error` with every piece. */
function pieceOf(piece: unknown, event: string): unknown {
  if (typeof piece !== 'object' || piece === null) return piece;
  if (Array.isArray(piece)) throw new ErrorPiece(piece);
  const { choices, error, type, object, code, message, detail, errors } = piece as Record<string, unknown>;
  if (error || event === 'error' || type === 'error' || object === 'error') throw new ErrorPiece(piece);
  const ofChoice = Array.isArray(choices) ? (choices[0] as { error?: unknown } | undefined)?.error : undefined;
  if (ofChoice) throw new ErrorPiece({ error: ofChoice });
  if (choices === undefined && (typeof message === 'string' || detail || errors || (code && type))) throw new ErrorPiece(piece);
  return piece;
}

/** Ended by line feeds, with or without a carriage return; each character is looked at once, however long a line is. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let open: string[] = [];
  for await (const bytes of body) {
    const [first = '', ...rest] = decoder.decode(bytes, { stream: true }).split('\n');
    open.push(first);
    for (const next of rest) {
      yield open.join('').replace(/\r$/, '');
      open = [next];
    }
  }
  yield open.join('') + decoder.decode();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ForeignBody(/^[[{]/.test(text) ? 'broken JSON' : withoutPage(text));
    throw error;
  }
}
