/**
 * Real runs with a secret in every text field of their traces: requests, files, prompts, replies, tool results, reasons, names, paths. Fields are
 * found by trying: wherever the vocabulary of events takes a changed text, a secret is planted, so a new field is covered on its own. The same text
 * gets the same secret everywhere, so that what belongs together stays together.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { briefingSchema } from '../../src/briefing/types.ts';
import { testReportSchema } from '../../src/feedback/types.ts';
import { eventBodies } from '../../src/trace/events.ts';
import { endFileOf, killedHere } from './kept-end.ts';
import { plantedSecrets, seeded } from './planted-secrets.ts';
import { chainedLines, hashOf } from './trace-events.ts';

export interface PlantedRuns {
  /** Every value that must not be found in what leaves the machine. */
  readonly secrets: readonly string[];
  /** Exact values that redaction is told of; nothing gives them away. */
  readonly known: readonly string[];
  /** `event type.field` of every planted place in events, for the record. */
  readonly fields: ReadonlySet<string>;
}

/** Words that programs read: with another text there they would not be what they are. */
const wordsOfPrograms = [
  'type',
  'kind',
  'role',
  'finish',
  'ending',
  'runner',
  'designer',
  'source',
  'outcome',
  'tier',
  'origin',
  'tool',
  'v',
  'version',
  'runId',
  'as',
];

const prefixes =
  /^(?:github-token|gitlab-token|openai-key|anthropic-key|npm-token|stripe-key|slack-token|google-key|jwt|huggingface-token)$/;

/** Plants in every run below the data folder. What was made from the traces (summaries, the index) is removed. */
export function plantInRuns(dataDir: string, seed: number): PlantedRuns {
  const random = seeded(seed);
  const tokens = plantedSecrets(seed, 40)
    .filter(({ kind }) => prefixes.test(kind))
    .map(({ secret }) => secret);
  const known: string[] = [];
  const secrets: string[] = [];
  const fields = new Set<string>();
  const plants = new Map<string, string>();
  let count = 0;

  /** A new secret, of five sorts in turn. */
  const secret = (): string => {
    count += 1;
    const tail = Math.floor(random() * 36 ** 8).toString(36);
    const sorts = [
      () => tokens[count % tokens.length] as string,
      () => {
        const value = `plain${tail}value${count}`;
        known.push(value);
        return value;
      },
      () => `person${count}.${tail}@corp.net`,
      () => `/home/annbell/client${count}-${tail}/notes.txt`,
      () => tokens[(count * 7) % tokens.length] as string,
    ];
    const made = (sorts[count % sorts.length] as () => string)();
    secrets.push(made);
    return made;
  };
  const planted = (text: string): string => {
    const before = plants.get(text);
    if (before !== undefined) return before;
    const after = `${text} ${secret()}`;
    plants.set(text, after);
    return after;
  };

  const runs = join(dataDir, 'runs');
  for (const runId of readdirSync(runs)) {
    const dir = join(runs, runId);
    const blobs = new Map<string, string>();
    const lines = readFileSync(join(dir, 'blobs.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const { sha256, text } = JSON.parse(line) as { sha256: string; text: string };
        const changed = plantInBlob(text, planted, secret);
        blobs.set(sha256, hashOf(changed));
        return JSON.stringify({ sha256: hashOf(changed), text: changed });
      });
    writeFileSync(join(dir, 'blobs.jsonl'), `${lines.join('\n')}\n`);
    const events = readFileSync(join(dir, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        // What is planted belongs to the chain.
        const { prev: _prev, ...event } = JSON.parse(line);
        return plantInEvent(event, blobs, planted, fields);
      });
    writeFileSync(join(dir, 'events.jsonl'), chainedLines(events));
    if (existsSync(endFileOf(dataDir, runId))) killedHere(dir);
    rmSync(join(dir, 'summary.json'), { force: true });
  }
  for (const name of readdirSync(dataDir)) if (name.includes('sqlite')) rmSync(join(dataDir, name));
  return { secrets, known, fields };
}

type Event = { readonly type: keyof typeof eventBodies } & Record<string, unknown>;

function plantInEvent(event: Event, blobs: ReadonlyMap<string, string>, planted: (text: string) => string, fields: Set<string>): Event {
  let current = change(event, (text) => blobs.get(text)) as Event;
  for (const path of textPlaces(current)) {
    const text = at(current, path) as string;
    if (wordsOfPrograms.includes(String(path.at(-1))) || /^[0-9a-f]{40,64}$/.test(text) || text === '') continue;
    const changed = put(current, path, planted(text)) as Event;
    const { v: _v, seq: _seq, at: _at, type, ...body } = changed;
    if (!eventBodies[type].safeParse(body).success) continue;
    current = changed;
    fields.add(`${type}.${path.filter((step) => typeof step === 'string').join('.')}`);
  }
  return current;
}

/** Texts of models, tools and tests. A plan stays a plan, a document a document. */
function plantInBlob(text: string, planted: (text: string) => string, secret: () => string): string {
  if (/^teamwright: 1$/m.test(text)) return text.replace(/every test passes\.?|is wrong\.?/g, (found) => `${found} ${secret()}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError)
      return text.startsWith('diff --git') ? text.replace(/^\+(?!\+)/m, `+// ${secret()}\n+`) : `${text}\n${secret()}\n`;
    throw error;
  }
  let current = value;
  // A briefing stays one, and so does a report of tests.
  const schema = [briefingSchema, testReportSchema].find((each) => each.safeParse(value).success);
  const isTeam = typeof value === 'object' && value !== null && 'agents' in value && 'steps' in value;
  for (const path of textPlaces(value)) {
    const before = at(current, path) as string;
    if (
      wordsOfPrograms.includes(String(path.at(-1))) ||
      before === '' ||
      /^(?:passed|failed|skipped|repository|failing-test)$/.test(before)
    )
      continue;
    if (isTeam && !['reason', 'instructions'].includes(String(path.at(-1)))) continue;
    // A reply that is a plan must stay one.
    const isDocument = /^\s*\{/.test(before);
    const changed = put(
      current,
      path,
      isDocument ? before.replace(/every test passes\.|A coder and a reviewer\./, (found) => `${found} ${secret()}`) : planted(before),
    );
    if (schema === undefined || schema.safeParse(changed).success) current = changed;
  }
  return JSON.stringify(current);
}

type Path = readonly (string | number)[];

function textPlaces(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return [path];
  if (Array.isArray(value)) return value.flatMap((item, index) => textPlaces(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textPlaces(item, [...path, key]));
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown>)[step], value);

function put(value: unknown, [step, ...rest]: Path, text: string): unknown {
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? put(item, rest, text) : item));
  return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, key === step ? put(item, rest, text) : item]));
}

function change(value: unknown, replace: (text: string) => string | undefined): unknown {
  if (typeof value === 'string') return replace(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => change(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item, replace)]));
}
