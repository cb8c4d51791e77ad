/** The data card beside an export: what it is, what is in it, how it was made, how to load it. The same export gives the same card. */
import { english, englishNumbers } from '../../text/index.ts';
import type { ExportFormat } from './types.ts';

export interface CardFacts {
  readonly format: ExportFormat;
  readonly program: string;
  /** Names of the files with rows, and how many. */
  readonly rows: Readonly<Record<string, number>>;
  readonly extraFiles: readonly string[];
  readonly runs: number;
  /** Runs that were left out, because their record was changed after it was written. */
  readonly changed: number;
  readonly requests: number;
  readonly duplicates: number;
  readonly filters: readonly string[];
  readonly split: number;
  readonly seed: number;
  /** Rows by generation. */
  readonly generations: Readonly<Record<string, number>>;
  /** Rows by what tells them apart (`role coder`, `label true`). */
  readonly kinds: Readonly<Record<string, number>>;
  readonly replaced: Readonly<Record<string, number>>;
  readonly redacted: boolean;
}

export function dataCard(facts: CardFacts): string {
  const { format, rows } = facts;
  const files = Object.entries(rows);
  const hugging = files.map(([name]) => `      - split: ${name.includes('validation') ? 'validation' : 'train'}\n        path: ${name}`);
  return `---
configs:
  - config_name: default
    data_files:
${hugging.join('\n')}
---

# ${format.name}: ${format.title(english)}

Made by ${facts.program} from the traces of ${plural(facts.runs, 'run')} about ${plural(facts.requests, 'request')}.${facts.changed > 0 ? `\n${leftOutText(facts.changed)}` : ''}

## Rows

${counted(['file', 'rows'], rows)}

${plural(facts.duplicates, 'row')} that stood there already ${facts.duplicates === 1 ? 'was' : 'were'} left out (same content, byte for byte).
${facts.extraFiles.length > 0 ? `\nBeside them: ${facts.extraFiles.map((name) => `\`${name}\``).join(', ')}.\n` : ''}
${section('Kinds', counted(['rows that are', 'rows'], facts.kinds), Object.keys(facts.kinds).length > 0)}## Generations

What shaped the replies: generation of the prompts, of the team library, and the weights. Training should not mix them.

${counted(['generation', 'rows'], facts.generations)}

## Filters

${facts.filters.length > 0 ? facts.filters.map((filter) => `- ${filter}`).join('\n') : 'None: all runs that ended.'}

## Split

${facts.split > 0 ? `About ${englishNumbers.percent(facts.split)} of the requests are held back for validation, drawn by the request's words with seed ${facts.seed}: no request stands on both sides.` : 'None.'}

## Loading

${format.loading}
${format.bare ? '' : `\n\`\`\`python\nfrom datasets import load_dataset\nrows = load_dataset("json", data_files={${files.map(([name]) => `"${name.includes('validation') ? 'validation' : 'train'}": "${name}"`).join(', ')}})\n\`\`\`\n`}
## Privacy

${facts.redacted ? `Secrets, e-mail addresses, names of user, machine and folders were replaced by placeholders before anything was written:\n\n${counted(['placeholder', 'times'], facts.replaced)}\n\nNo redaction is perfect: read before you give it away.` : 'NOT redacted, as was asked for. Do not give it away.'}

## Licence

The code, requests and replies in it belong to whoever wrote them; the licence of each workspace goes on to apply, and so do the terms of the
models that answered. Teamwright claims nothing.
`;
}

/** A sentence for a card and for a screen. */
export const leftOutText = (changed: number): string =>
  `${plural(changed, 'run')} ${changed === 1 ? 'was' : 'were'} left out: the record was changed after it was written.`;

const plural = (count: number, word: string): string => `${englishNumbers.whole(count)} ${word}${count === 1 ? '' : 's'}`;

const section = (title: string, body: string, present: boolean): string => (present ? `## ${title}\n\n${body}\n\n` : '');

function counted(heads: readonly [string, string], values: Readonly<Record<string, number>>): string {
  const rows = Object.entries(values).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (rows.length === 0) return 'None.';
  const cells = [heads, ...rows.map(([name, count]) => [name, englishNumbers.whole(count)])].map((line) => `| ${line.join(' | ')} |`);
  return cells.toSpliced(1, 0, '| --- | ---: |').join('\n');
}
