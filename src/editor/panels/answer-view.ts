/** The answer to a question, from Markdown to what the page draws. Raw HTML stays text, images are named and never fetched. Pure. */
import { lexer, type Token, type Tokens } from 'marked';
import type { Block, Inline } from '../../webviews/answer-types.ts';
import { type FindFile, mentioned, mentionedByLink, piecesOf } from './file-mentions.ts';
import type { Localise } from './words.ts';

/** Characters that are read as Markdown; what comes behind stands as it is. */
const longest = 30_000;
/** Quotes and lists inside of each other; deeper ones stand as they were written. */
const deepest = 12;

export function answerView(text: string, find: FindFile, l10n: Localise): Block[] {
  const cut = text.length > longest ? Math.max(text.lastIndexOf('\n', longest), 0) || longest : text.length;
  const rest = text.slice(cut).trim();
  return [...read(text.slice(0, cut), { find, l10n }), ...(rest === '' ? [] : [{ kind: 'code' as const, text: rest }])];
}

/** Every name in an answer that may be a file: who asks which of them are there hands those to `answerView`. */
export function namesIn(text: string): string[] {
  const asked = new Set<string>();
  const note: FindFile = (name) => {
    asked.add(name);
    return undefined;
  };
  answerView(text, note, { t: (message: string) => message } as Localise);
  return [...asked];
}

interface Reading {
  readonly find: FindFile;
  readonly l10n: Localise;
}

function read(text: string, reading: Reading): Block[] {
  let tokens: Token[];
  try {
    tokens = lexer(text);
  } catch (error) {
    // Brackets in thousands of brackets: it is shown as it was written.
    if (error instanceof RangeError) return [{ kind: 'code', text }];
    throw error;
  }
  return levelled(tokens.flatMap((token) => block(token, reading, 0)));
}

function block(token: Token, reading: Reading, depth: number): Block[] {
  const inside = (tokens: readonly Token[] = []): Inline[] => inlinesOf(tokens, reading, depth);
  if (depth > deepest) return token.raw.trim() === '' ? [] : [{ kind: 'code', text: token.raw }];
  const blocks = (tokens: readonly Token[]): Block[] => tokens.flatMap((inner) => block(inner, reading, depth + 1));
  switch (token.type) {
    case 'space':
    case 'def':
    case 'checkbox':
      return [];
    case 'hr':
      return [{ kind: 'rule' }];
    case 'heading':
      return [{ kind: 'heading', level: Number(token.depth), inside: inside(token.tokens) }];
    case 'code':
      return [{ kind: 'code', text: String(token.text) }];
    case 'blockquote':
      return [{ kind: 'quote', blocks: blocks(token.tokens ?? []) }];
    case 'list': {
      const { ordered, start, items } = token as Tokens.List;
      return [{ kind: 'list', ...(ordered && { start: Number(start) || 1 }), items: items.map((item) => itemOf(item, blocks)) }];
    }
    case 'table': {
      const { header, rows } = token as Tokens.Table;
      return [{ kind: 'table', rows: [header, ...rows].map((row) => row.map((cell) => inside(cell.tokens))) }];
    }
    case 'paragraph':
    case 'text':
      return [{ kind: 'paragraph', inside: inside(token.tokens ?? [token]) }];
    default:
      return token.raw.trim() === '' ? [] : [{ kind: 'paragraph', inside: [{ kind: 'text', text: token.raw.trim() }] }];
  }
}

function itemOf({ task, checked, tokens }: Tokens.ListItem, blocks: (tokens: readonly Token[]) => Block[]): Block[] {
  const inside = blocks(tokens);
  if (!task) return inside;
  const mark: Inline = { kind: 'text', text: checked ? '☑ ' : '☐ ' };
  const [first, ...rest] = inside;
  return first?.kind === 'paragraph'
    ? [{ ...first, inside: [mark, ...first.inside] }, ...rest]
    : [{ kind: 'paragraph', inside: [mark] }, ...inside];
}

const wraps = { strong: 'strong', em: 'emphasis', del: 'struck' } as const;

function inlinesOf(tokens: readonly Token[], reading: Reading, depth: number): Inline[] {
  return tokens.flatMap((token): Inline[] => {
    if (depth > deepest) return [{ kind: 'text', text: token.raw }];
    const inside = (): Inline[] => inlinesOf(('tokens' in token && token.tokens) || [], reading, depth + 1);
    switch (token.type) {
      case 'strong':
      case 'em':
      case 'del':
        return [{ kind: wraps[token.type], inside: inside() }];
      case 'br':
        return [{ kind: 'break' }];
      case 'codespan': {
        const mention = mentioned(token.text, reading.find);
        return [mention ? { kind: 'file', ...mention } : { kind: 'code', text: token.text }];
      }
      case 'link':
        return linked(token as Tokens.Link, inside(), reading);
      case 'image':
        return [{ kind: 'text', text: reading.l10n.t('[Image: {0}]', token.text || token.href) }];
      case 'text':
        if (token.tokens !== undefined) return inside();
        return piecesOf(unescaped(token.text), reading.find).map((piece) =>
          typeof piece === 'string' ? { kind: 'text', text: piece } : { kind: 'file', ...piece },
        );
      case 'escape':
        return [{ kind: 'text', text: token.text }];
      default:
        return [{ kind: 'text', text: token.raw }];
    }
  });
}

/** To a file that is there, or into the web; anything else is no link. */
function linked({ href, text }: Tokens.Link, inside: Inline[], { find }: Reading): Inline[] {
  if (/^https?:\/\//i.test(href) && URL.canParse(href)) return [{ kind: 'web', address: new URL(href).href, inside: plain(inside) }];
  const mention = mentionedByLink(href, find);
  return mention ? [{ kind: 'file', ...mention, text }] : inside;
}

/** A link in a link is none. */
const plain = (inside: readonly Inline[]): Inline[] =>
  inside.map((part) => {
    if (part.kind === 'file') return { kind: 'text', text: part.text };
    return 'inside' in part ? { ...part, inside: plain(part.inside) } : part;
  });

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", apos: "'", nbsp: '\u00a0' };
const unescaped = (text: string): string =>
  text.replace(/&(lt|gt|amp|quot|#39|apos|nbsp);/g, (whole, name: string) => entities[name] ?? whole);

/** Headings below the page's own, without a gap. */
function levelled(blocks: readonly Block[]): Block[] {
  let before = 1;
  return blocks.map((one) => {
    if (one.kind !== 'heading') return one;
    before = Math.min(one.level + 1, before + 1, 6);
    return { ...one, level: before };
  });
}
