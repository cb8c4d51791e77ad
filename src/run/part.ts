/**
 * One function or class in place of a whole file: which one a request is about, how its agent is shown it, and how what it wrote is put into the file.
 * Where it is not clear which one is meant, whole files are asked for.
 */
import { redIn } from '../feedback/index.ts';
import type { TestReport } from '../feedback/types.ts';
import { estimateTokens } from '../models/index.ts';
import { namesIn, type Request } from '../request/index.ts';
import { partAt, partsOf, splicePart } from '../syntax/index.ts';
import type { FileParts, Part } from '../syntax/types.ts';
import { globTest, type ParsedEdits, replyForm } from '../workspace/index.ts';
import type { EditProblem } from '../workspace/types.ts';
import type { Asked, Origin } from './candidates.ts';
import { type StepContext, scopeOf } from './context.ts';
import { sharedPrompt } from './prompts.ts';
import { framesIn } from './repair/localise.ts';

/** A part of a file that is asked for. */
export interface PartAsked {
  readonly path: string;
  /** The file as it is. */
  readonly text: string;
  readonly part: Part;
  /** What points at it, the strongest first. */
  readonly because: readonly Pointer[];
  /** The file without the code of its other parts. */
  readonly outline: string;
}

const pointers = ['place', 'named', 'frame', 'test', 'only'] as const;
/** `place`: the user's selection, problem or line; `test`: the name of a failing test; `only`: there is no other. */
export type Pointer = (typeof pointers)[number];

const worth = { place: 8, fullName: 5, name: 4, word: 2, frame: 3, test: 1 };
/** A reply may be so much longer than what stands there. */
const roomInReply = 1.2;
/** Of more files than these nobody looks for the part. */
const mostFiles = 12;

export interface PartFile {
  readonly path: string;
  readonly text: string;
  readonly parts: FileParts;
}

/** Undefined: nothing points at one part more than at others, or it does not fit a reply. */
export async function partAsked(origin: Origin, report: TestReport | undefined, context: StepContext): Promise<PartAsked | undefined> {
  const { facts, ports, settings } = context;
  const { allow, refuse } = scopeOf(origin.agent, facts.testSources);
  const mayWrite = (path: string): boolean => !facts.testSources.files.has(path) && globTest(allow)(path) && refuse?.(path) === undefined;
  const paths = facts.briefing.files.flatMap(({ path, isTest }) => (isTest || !mayWrite(path) ? [] : [path]));
  const files: PartFile[] = [];
  for (const path of paths.slice(0, mostFiles)) {
    const text = await ports.copies.read(origin.from.snapshot, path);
    // A text with characters that its bytes did not say cannot be written back as it was.
    const parts = text === undefined || text.includes('\uFFFD') ? undefined : await partsOf(path, text);
    if (text !== undefined && parts !== undefined) files.push({ path, text, parts });
  }
  // Of a chain it is the piece that says what is meant, not the whole.
  const { chain } = context;
  const found = chain ? pointedAt(files, { text: chain.piece, files: [] }, undefined) : pointedAt(files, facts.request, report);
  if (found === undefined) return undefined;
  const { file, part, because } = found;
  if (estimateTokens(file.text.slice(part.start, part.end)) * roomInReply > settings.replyTokens) return undefined;
  return { path: file.path, text: file.text, part, because, outline: outlineOf(file, part) };
}

/** The function, method or class that holds a line; undefined where none does. */
export async function partWith(path: string, text: string, line: number): Promise<PartAsked | undefined> {
  const parts = await partsOf(path, text);
  const part = parts && partAt(parts, line);
  return part && { path, text, part, because: ['place'], outline: outlineOf({ path, text, parts }, part) };
}

interface Pointed {
  readonly file: PartFile;
  readonly part: Part;
  readonly because: readonly Pointer[];
}

/** Pure: nothing points at two parts alike. */
export function pointedAt(files: readonly PartFile[], request: Request, report: TestReport | undefined): Pointed | undefined {
  const all = files.flatMap((file) =>
    file.parts.parts.filter(({ nested }) => !nested).map((part) => ({ file, part, weights: weighed(file, part, request, report) })),
  );
  const sum = ({ weights }: (typeof all)[number]): number => [...weights.values()].reduce((total, weight) => total + weight, 0);
  const holds = (outer: (typeof all)[number], inner: (typeof all)[number]): boolean =>
    outer !== inner && outer.file === inner.file && outer.part.start <= inner.part.start && inner.part.end <= outer.part.end;
  const ranked = all
    .filter((one) => sum(one) > 0 && !all.some((other) => holds(one, other) && sum(other) > 0))
    .sort((a, b) => sum(b) - sum(a));
  const [first, second] = ranked;
  if (first === undefined) {
    const [only, ...others] = all.filter(({ part }) => part.kind === 'function');
    return only !== undefined && others.length === 0 ? { ...only, because: ['only'] } : undefined;
  }
  if (second !== undefined && sum(second) === sum(first)) return undefined;
  return { ...first, because: pointers.filter((pointer) => first.weights.has(pointer)) };
}

/** What speaks for a part. */
function weighed({ path, parts }: PartFile, part: Part, request: Request, report: TestReport | undefined): ReadonlyMap<Pointer, number> {
  const found = new Map<Pointer, number>();
  const holds = (line: number): boolean => partAt(parts, line) === part;
  const names = namesIn(request.text);
  const { selection, diagnostic } = request;
  const places = [selection, diagnostic].flatMap((place) =>
    place?.path === path && place.startLine !== undefined ? [place.startLine] : [],
  );
  const lines = names.paths.flatMap((place) =>
    place.line !== undefined && (path === place.path || path.endsWith(`/${place.path}`)) ? [place.line] : [],
  );
  if ([...places, ...lines].some(holds)) found.set('place', worth.place);
  const own = part.name.split('.').at(-1) ?? part.name;
  if (part.name !== own && names.identifiers.includes(part.name)) found.set('named', worth.fullName);
  else if (names.identifiers.includes(own)) found.set('named', worth.name);
  else if (names.words.includes(own.toLowerCase())) found.set('named', worth.word);
  const failing = report === undefined ? [] : redIn(report);
  const frames = framesIn(
    failing.flatMap(({ message }) => message ?? []),
    path,
  );
  const depth = frames.findIndex(holds);
  if (depth >= 0) found.set('frame', worth.frame / (1 + depth));
  const named = failing.filter(({ name }) => spoken(name).includes(spoken(own)));
  if (named.length > 0) found.set('test', (worth.test * named.length) / failing.length);
  return found;
}

/** `testAddOne` and `test_add_one` both say `add one`: words, with blanks around each. */
const spoken = (name: string): string =>
  ` ${name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()} `;

// ---- what its agent reads

/** Other parts that an outline names, those near it. */
const partsNamed = 60;
const importLines = 40;

/** Imports, the first lines of the other parts, and the part itself whole. */
function outlineOf({ text, parts: { parts, imports } }: PartFile, part: Part): string {
  const outer = parts.filter(({ nested }) => !nested);
  const at = outer.indexOf(part);
  const indent = ({ start }: Part): string => text.slice(text.lastIndexOf('\n', start - 1) + 1, start).replace('\uFEFF', '');
  const shown = outer.flatMap((one, n) => {
    if (one === part) return ['', `${indent(one)}${text.slice(one.start, one.end)}`, ''];
    const isInside = one.start >= part.start && one.end <= part.end;
    const isAround = one.start <= part.start && part.end <= one.end;
    return isInside || (!isAround && Math.abs(n - at) > partsNamed / 2) ? [] : [`${indent(one)}${one.signature} …`];
  });
  const head = imports.join('\n').split('\n').slice(0, importLines);
  return [...head, ...shown].join('\n').replaceAll('\r\n', '\n').trim();
}

/** What all agents read, with the outline of the file in place of its text. */
export function sharedWithPart({ path, outline }: PartAsked, { facts }: StepContext): string {
  const files = facts.briefing.files.map((file) => (file.path === path ? { ...file, text: outline, truncated: true } : file));
  return sharedPrompt(facts.request, { ...facts.briefing, files }, facts.earlier);
}

export function tellPart({ path, part, because }: PartAsked, { step, call }: Origin, { ports }: StepContext): void {
  ports.trace.emit({ type: 'part.asked', step, call, file: path, part: part.name, line: part.line, because: [...because] });
}

/** How a reply with this part is asked for and read: the part is all there is of the file. */
export function askedPart({ path, text, part }: PartAsked): Asked {
  const files = [{ path, text: `${text.slice(part.start, part.end).replaceAll('\r\n', '\n')}\n` }];
  return { files, form: { ...replyForm('whole-file', files), only: path, part: part.name } };
}

/** The file with the part in its place, or what is in doubt about it. */
export async function partInFile(parsed: ParsedEdits, { path, text, part }: PartAsked): Promise<ParsedEdits> {
  const doubt = (message: string): ParsedEdits => ({ ...parsed, edits: [], problems: [...parsed.problems, problem(path, message)] });
  if (parsed.edits.length === 0) return parsed;
  const [edit, ...others] = parsed.edits;
  if (edit?.kind !== 'whole-file' || edit.path !== path || others.length > 0)
    return doubt(`Only ${part.name} of ${path} was asked for: write it whole, in one block.`);
  const result = await splicePart(path, text, part, edit.text);
  return 'doubt' in result ? doubt(result.doubt) : { ...parsed, edits: [{ kind: 'whole-file', path, text: result.text, exact: true }] };
}

const problem = (path: string, message: string): EditProblem => ({ path, kind: 'ambiguous', message });
