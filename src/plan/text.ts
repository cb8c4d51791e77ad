/** Reading and writing plans as text. Reading never throws: whatever the text is, the answer is a plan or a list of problems. */
import * as yaml from 'yaml';
import { errorText } from '../errors.ts';
import { normalise } from './canonical.ts';
import type { Place } from './place.ts';
import { errorAt, type Problem } from './problem.ts';
import { deepestNesting, type Plan, planSchema } from './schema.ts';
import { shapeProblems } from './shape-problems.ts';
import { stepKinds } from './step-kinds.ts';

export type PlanFormat = 'yaml' | 'json';
export type ParsedPlan =
  | { readonly plan: Plan; readonly problems?: undefined }
  | { readonly plan?: undefined; readonly problems: readonly Problem[] };

/** UTF-16 units. The largest sensible plan is a third of it; reading the worst text of this size takes about a second. */
const longestText = 100_000;
/** A plan may share parts by YAML anchors, within reason. */
const mostAliases = 50;
/** A step adds two levels (its list and itself); five more lead to and into a step. */
const deepestValue = 2 * deepestNesting + 8;
const mostValues = 20_000;

/**
 * Reads a plan from YAML or JSON; without a format it is JSON when it reads as JSON. Checks the shape only; `checkPlan` judges the sense.
 */
export function parsePlan(text: string, options: { readonly format?: PlanFormat } = {}): ParsedPlan {
  if (text.length > longestText) {
    return { problems: [errorAt('not-text', [], `The text has ${text.length} characters; a plan has at most ${longestText}.`)] };
  }
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (source.trim() === '') return { problems: [errorAt('not-text', [], 'The text is empty.')] };
  const read = readValue(source, options.format);
  if ('problems' in read) return read;
  const parsed = parsePlanValue(read.value);
  return parsed.plan ? parsed : { problems: locateProblems(source, parsed.problems) };
}

/** The same for a value that was read already, for example a model's structured reply. */
export function parsePlanValue(value: unknown): ParsedPlan {
  const tooBig = boundsProblem(value);
  if (tooBig) return { problems: [tooBig] };
  const parsed = planSchema.safeParse(value);
  if (parsed.success) return { plan: parsed.data };
  return { problems: shapeProblems(parsed.error, value) };
}

/** Readable YAML: fields in the order of the schema, sets in one order, defaults written out (empty `uses` and `else` are left out). `parsePlan` gives the same plan back. */
export function printPlan(plan: Plan, format: PlanFormat = 'yaml'): string {
  const normal = normalise(plan);
  if (format === 'json') return `${JSON.stringify(normal, null, 2)}\n`;
  const document = new yaml.Document(normal, { aliasDuplicateObjects: false });
  yaml.visit(document, {
    Pair: (_key, { key, value }) =>
      yaml.isScalar(key) && mayGoUnsaid.has(String(key.value)) && yaml.isSeq(value) && value.items.length === 0
        ? yaml.visit.REMOVE
        : undefined,
    Seq: (_key, list) => {
      list.flow = list.items.every((item) => yaml.isScalar(item));
    },
  });
  return document.toString({ lineWidth: 140, flowCollectionPadding: false });
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Fields and lists of steps that are empty when nobody writes them. */
const mayGoUnsaid = new Set(
  stepKinds.flatMap(({ fields, inside }) => [
    ...Object.entries(fields).flatMap(([name, { schema }]) => (isEmptyList(schema.safeParse(undefined).data) ? name : [])),
    ...Object.entries(inside?.lists ?? {}).flatMap(([name, { least }]) => (least === 0 ? name : [])),
  ]),
);

/** Adds line and column to problems, where their place (or the nearest thing around it) stands in the text. */
export function locateProblems(text: string, problems: readonly Problem[]): Problem[] {
  const lines = new yaml.LineCounter();
  const read = readDocument(text, lines);
  if ('failed' in read) return [...problems];
  return problems.map((found) => {
    const offset = offsetOf(read.document, found.place, found.code === 'unknown-field' || found.code === 'unused-agent');
    if (offset === undefined) return found;
    const { line, col } = lines.linePos(offset);
    return { ...found, line, column: col };
  });
}

type Read = { value: unknown } | { problems: Problem[] };

function readValue(text: string, format: PlanFormat | undefined): Read {
  const json = format === 'yaml' || (format === undefined && !text.trimStart().startsWith('{')) ? undefined : readJson(text);
  if (json && 'value' in json) {
    const twice = repeatedKeys(text);
    return twice.length > 0 ? { problems: twice } : json;
  }
  return json && format === 'json' ? json : readYaml(text);
}

function readJson(text: string): Read {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const said = errorAt('syntax', [], `This is not JSON: ${errorText(error)}.`);
    const offset = /at position (\d+)/.exec(errorText(error))?.[1];
    if (offset === undefined) return { problems: [said] };
    const before = text.slice(0, Number(offset)).split('\n');
    return { problems: [{ ...said, line: before.length, column: (before.at(-1) ?? '').length + 1 }] };
  }
}

/** JSON readers keep the last of two equal keys; what a person saw may be the first. */
function repeatedKeys(text: string): Problem[] {
  return yamlProblems(text, 'DUPLICATE_KEY');
}

function readYaml(text: string): Read {
  const problems = yamlProblems(text);
  if (problems.length > 0) return { problems };
  const read = readDocument(text);
  if ('failed' in read) return { problems: [errorAt('syntax', [], `This is not readable YAML: ${read.failed}.`)] };
  try {
    return { value: read.document.toJS({ maxAliasCount: mostAliases }) };
  } catch (error) {
    return { problems: [errorAt('syntax', [], `The YAML anchors cannot be followed: ${errorText(error)}.`)] };
  }
}

function yamlProblems(text: string, only?: yaml.ErrorCode): Problem[] {
  const lines = new yaml.LineCounter();
  const read = readDocument(text, lines);
  if ('failed' in read) return only ? [] : [errorAt('syntax', [], `This is not readable YAML: ${read.failed}.`)];
  return read.document.errors
    .filter((error) => only === undefined || error.code === only)
    .slice(0, 20)
    .map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return {
        ...errorAt('syntax', [], `${error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}.`),
        line,
        column: col,
      };
    });
}

/** The text as the reader of YAML understands it, errors and all. */
export function readDocument(text: string, lineCounter?: yaml.LineCounter): { document: yaml.Document.Parsed } | { failed: string } {
  try {
    return {
      document: yaml.parseDocument(text, { schema: 'core', prettyErrors: false, logLevel: 'error', ...(lineCounter && { lineCounter }) }),
    };
  } catch (error) {
    // The reader recurses: nesting without end overflows its stack.
    return { failed: error instanceof RangeError ? 'it is nested too deep' : errorText(error) };
  }
}

/** Refuses values that no plan is, before anything walks them by recursion; also ends on values that contain themselves. */
function boundsProblem(value: unknown): Problem | undefined {
  let left = mostValues;
  const waiting: { value: unknown; place: Place }[] = [{ value, place: [] }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.place.length > deepestValue) {
      return errorAt(
        'too-deep',
        next.place.slice(0, 5),
        `This is nested deeper than ${deepestNesting} steps, the most the plan language allows.`,
      );
    }
    for (const [key, inner] of Object.entries(next.value)) {
      if (--left < 0) return errorAt('not-text', [], `This has more than ${mostValues} values; no plan does.`);
      waiting.push({ value: inner, place: [...next.place, Array.isArray(next.value) ? Number(key) : key] });
    }
  }
  return undefined;
}

function offsetOf(document: yaml.Document.Parsed, place: Place, atKey: boolean): number | undefined {
  let node: unknown = document.contents;
  let offset = yaml.isNode(node) ? node.range?.[0] : undefined;
  for (const [index, part] of place.entries()) {
    if (yaml.isAlias(node)) node = node.resolve(document);
    let key: unknown;
    if (yaml.isMap(node)) {
      const pair = node.items.find((item) => (yaml.isScalar(item.key) ? String(item.key.value) : undefined) === String(part));
      if (!pair) return offset;
      key = pair.key;
      node = pair.value;
    } else if (yaml.isSeq(node) && typeof part === 'number') {
      node = node.items[part];
    } else return offset;
    const shown = (atKey && index === place.length - 1 && key) || node || key;
    offset = (yaml.isNode(shown) ? shown.range?.[0] : undefined) ?? offset;
  }
  return offset;
}
