/** The answer to a question, as the page draws it: a tree of parts without any markup of others. */
import * as z from 'zod';

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis' | 'struck'; readonly inside: readonly Inline[] }
  | { readonly kind: 'break' }
  /** A file of the workspace that is there; lines count from 1. */
  | {
      readonly kind: 'file';
      readonly text: string;
      readonly path: string;
      readonly line?: number | undefined;
      readonly endLine?: number | undefined;
    }
  | { readonly kind: 'web'; readonly address: string; readonly inside: readonly Inline[] };

export type Block =
  | { readonly kind: 'paragraph'; readonly inside: readonly Inline[] }
  /** `level`: 2 to 6, never more than one below the heading before it. */
  | { readonly kind: 'heading'; readonly level: number; readonly inside: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'list'; readonly start?: number | undefined; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: 'rule' };

const inlines = z.array(z.lazy(() => inlineSchema));
const line = z.number().int().positive();

const inlineSchema: z.ZodType<Inline> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string() }),
  z.strictObject({ kind: z.literal('code'), text: z.string() }),
  z.strictObject({ kind: z.enum(['strong', 'emphasis', 'struck']), inside: inlines }),
  z.strictObject({ kind: z.literal('break') }),
  z.strictObject({ kind: z.literal('file'), text: z.string(), path: z.string(), line: line.optional(), endLine: line.optional() }),
  z.strictObject({ kind: z.literal('web'), address: z.url({ protocol: /^https?$/ }), inside: inlines }),
]);

const blocks = z.array(z.lazy(() => blockSchema));

export const blockSchema: z.ZodType<Block> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('paragraph'), inside: inlines }),
  z.strictObject({ kind: z.literal('heading'), level: z.number().int().min(2).max(6), inside: inlines }),
  z.strictObject({ kind: z.literal('code'), text: z.string() }),
  z.strictObject({ kind: z.literal('quote'), blocks }),
  z.strictObject({ kind: z.literal('list'), start: z.number().int().optional(), items: z.array(blocks) }),
  z.strictObject({ kind: z.literal('table'), rows: z.array(z.array(inlines)) }),
  z.strictObject({ kind: z.literal('rule') }),
]);
