/**
 * What agents read. The part that all agents of a run share (system message, request, files, failing tests) comes first and is byte-identical,
 * so that a server that keeps its cache reads it once. What one agent is to do comes last.
 */
import type { Briefing, RelevantFile } from '../briefing/types.ts';
import { redIn } from '../feedback/index.ts';
import type { TestReport } from '../feedback/types.ts';
import type { ChatMessage } from '../models/types.ts';
import type { Agent } from '../plan/schema.ts';
import type { Request } from '../request/types.ts';
import type { Recalled } from '../trace/events.ts';
import { blockMarks, examplePath, type ReplyForm } from '../workspace/index.ts';

/** Raised whenever a prompt changes in a way that changes replies, so that training never mixes them. */
export const promptsGeneration = 9;

const system = 'You are a careful software engineer in a team. Follow the answer format exactly.';

/** Characters of failing-test messages that a prompt carries. */
const failureCharacters = 1600;
const failuresShown = 4;

/** The run before a follow-up, as its agents are told of it. */
export interface Earlier {
  readonly request: string;
  /** What came of it, in a sentence or two. */
  readonly done: string;
  /** Ids of the tests that it made pass. */
  readonly targets?: readonly string[];
}

/** The shared part: the same text for every agent of a run. `only`: the paths whose text stands in it; of the others the name. */
export function sharedPrompt(request: Request, { files, ...briefing }: Briefing, earlier?: Earlier, only?: ReadonlySet<string>): string {
  const parts: string[] = [];
  const shown = only === undefined ? files : files.filter(({ path }) => only.has(path));
  const named = files.filter((file) => !shown.includes(file)).map(({ path }) => path);
  if (briefing.instructions) parts.push(`# Project instructions\n${briefing.instructions.text.trim()}`);
  const tests = shown.filter((file) => file.isTest);
  const sources = shown.filter((file) => !file.isTest);
  if (sources.length > 0) parts.push(`# Files\n${sources.map(renderFile).join('\n')}`);
  if (tests.length > 0) parts.push(`# Tests\n${tests.map(renderFile).join('\n')}`);
  if (named.length > 0) parts.push(`# Other files\nShown before, and there to be read again: ${named.join(', ')}`);
  if (briefing.baseline && redIn(briefing.baseline).length > 0) parts.push(`# Failing tests\n${renderFailures(briefing.baseline)}`);
  if (earlier) parts.push(`# Earlier request\n${earlier.request.trim()}`, `# What was done for it\n${earlier.done}`);
  parts.push(`# Request\n${request.text.trim()}`);
  const on = renderTarget(request);
  if (on) parts.push(on);
  return parts.join('\n\n');
}

function renderFile(file: RelevantFile): string {
  const fence = fenceFor(file.text);
  const note = file.truncated ? ' (part)' : '';
  return `### ${file.path}${note}\n${fence}${fenceLanguage(file.path)}\n${file.text.replace(/\n$/, '')}\n${fence}`;
}

/** The word after the fence that models know best. */
function fenceLanguage(path: string): string {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  return fenceLanguages[extension] ?? '';
}

const fenceLanguages: Readonly<Record<string, string>> = {
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'jsx',
  ts: 'typescript',
  tsx: 'tsx',
  py: 'python',
  go: 'go',
  rs: 'rust',
  java: 'java',
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  md: 'markdown',
  sh: 'bash',
  css: 'css',
  html: 'html',
};

/** A fence longer than any run of backticks in the text. */
function fenceFor(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  return '`'.repeat(longest + 1);
}

function renderTarget(request: Request): string | undefined {
  const lines: string[] = [];
  const { selection, failingTest, diagnostic } = request;
  if (selection) lines.push(`Selected: ${selection.path}${range(selection)}`);
  if (selection?.text) lines.push(selection.text);
  if (failingTest) lines.push(`Failing test: ${failingTest.name}${failingTest.path ? ` in ${failingTest.path}` : ''}`);
  if (diagnostic) lines.push(`Diagnostic at ${diagnostic.path}${range(diagnostic)}: ${diagnostic.message}`);
  return lines.length > 0 ? `# Asked on\n${lines.join('\n')}` : undefined;
}

function range(location: { startLine?: number; endLine?: number }): string {
  if (location.startLine === undefined) return '';
  return `:${location.startLine}${location.endLine === undefined ? '' : `-${location.endLine}`}`;
}

/** The failing tests that say something, with their messages, bounded. The same report gives the same text. */
export function renderFailures(report: TestReport): string {
  const failing = redIn(report);
  if (failing.length === 0) return bounded(report.output.trim() || `The tests ended early: ${report.ending}.`, failureCharacters);
  const each = Math.floor(failureCharacters / Math.min(failing.length, failuresShown));
  const shown = failing.slice(0, failuresShown).map((test) => `- ${test.name}: ${bounded(withoutMarkers(test.message ?? 'failed'), each)}`);
  const more = failing.length - shown.length;
  if (more > 0) shown.push(`- and ${more} more`);
  if (report.ending !== 'finished') shown.push(`The tests ended early: ${report.ending}.`);
  return shown.join('\n');
}

/** Lines that only underline the line above cost tokens and tell a model nothing. */
function withoutMarkers(message: string): string {
  return message
    .replace(/^[ \t]*[\^~]+[ \t]*\n?/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim();
}

function bounded(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, Math.max(0, characters - 2))} …`;
}

function searchReplaceForm(marks: number): string {
  const { search, middle, replace } = blockMarks(marks);
  return [
    'Answer with one block per change and nothing else. The SEARCH text must be copied exactly and occur once in the file; leave it empty to create a file.',
    examplePath,
    search,
    'old lines',
    middle,
    'new lines',
    replace,
  ].join('\n');
}

/** How files go and move in every form; told where it may be needed. */
const orders = 'To delete or rename a file write a line `DELETE: path` or `RENAME: old/path -> new/path` outside of any block.';

/** A request that may want files gone or moved; too many cost a line of the prompt, too few a reply in no form. */
const wantsFilesMoved =
  /delet|remov|renam|\bmov|\bdrop|unused|obsolete|legacy|clean|lösch|entfern|umbenenn|verschieb|supprim|renomm|elimin|borr/i;

/** How an agent is to answer to `request`. */
export function answerFormat(agent: Agent, form: ReplyForm, request: string): string {
  if (agent.output === 'note' || agent.output === 'verdict') return otherInstructions[agent.output];
  return [formText(form), ...(wantsFilesMoved.test(request) ? [orders] : [])].join('\n');
}

function formText({ format, marks, fence, only, part }: ReplyForm): string {
  if (format === 'search-replace') return searchReplaceForm(marks);
  if (format === 'unified-diff') return 'Answer with one unified diff (---, +++, @@) with paths relative to the project. Nothing else.';
  // Where the files have fences of their own, one of the usual length would end inside them.
  const fenced = fence > 3 ? ` fenced with ${fence} backticks (${'`'.repeat(fence)})` : '';
  // Asked for "the whole code", small models copy what stands around it as well; asked for the function, some answer what it gives.
  if (only !== undefined && part !== undefined)
    return `Answer with the code of ${part} alone, in one ${fenced === '' ? 'fenced block' : `block${fenced}`}, without explanation. Leave out the rest of ${only}; an import or a helper that it newly needs may stand in the same block.`;
  if (only !== undefined)
    return `Answer with the whole new text of ${only} in one ${fenced === '' ? 'fenced block' : `block${fenced}`}, and nothing else.`;
  return `Answer with the whole new text of each file you change, and nothing else: a line \`### path\`, then a ${fenced === '' ? 'fenced block' : 'block'} with the complete file${fenced}. Leave out files that stay as they are.`;
}

const otherInstructions = {
  note: 'Answer in at most eight short sentences. Write no code.',
  verdict: 'Answer with at most five short sentences on real mistakes, then a last line that is exactly APPROVE or REJECT.',
} as const;

/** The user's hints come last, so that the shared part stays byte-identical; a tool's result is left as it is. */
export function withHints(messages: readonly ChatMessage[], hints: readonly string[]): readonly ChatMessage[] {
  if (hints.length === 0) return messages;
  const text = `# From the user, while you work\n${hints.join('\n')}`;
  const last = messages.at(-1);
  if (last?.role !== 'user') return [...messages, { role: 'user', content: text }];
  return [...messages.slice(0, -1), { ...last, content: `${last.content}\n\n${text}` }];
}

export interface Note {
  readonly step: string;
  readonly role: string;
  readonly text: string;
}

export interface PromptParts {
  readonly shared: string;
  readonly agent: Agent;
  readonly notes: readonly Note[];
  /** Lessons of earlier runs; those of the agent's role are shown. Absent: none. */
  readonly recalled?: readonly Recalled[];
  /** What else this agent must see: the state of the best candidate, a diff to review. */
  readonly extra?: string;
  /** How to answer: an edit format, a note, a verdict, the use of tools. */
  readonly answer: string;
}

const lessonHeads = {
  fix: 'A similar failure was mended by this change. Do the like only where it fits the files above.',
  warning: 'This was tried against a similar failure, and the tests went on failing. Do something else.',
} as const;

function renderRecalled(lessons: readonly Recalled[]): string[] {
  if (lessons.length === 0) return [];
  const rendered = lessons.map(({ kind, text }) => {
    const fence = fenceFor(text);
    return `${lessonHeads[kind]}\n${fence}\n${text}\n${fence}`;
  });
  return [`# From earlier runs here\n${rendered.join('\n')}`];
}

/** The first exchange of an agent. */
export function openingMessages(parts: PromptParts): readonly ChatMessage[] {
  const { agent } = parts;
  const lines = [parts.shared, ...renderRecalled((parts.recalled ?? []).filter(({ role }) => role === agent.role))];
  for (const note of parts.notes) lines.push(`# From the ${note.role}\n${note.text.trim()}`);
  if (parts.extra) lines.push(parts.extra);
  lines.push(`# Your part\n${agent.instructions}\n${parts.answer}`);
  return [
    { role: 'system', content: system },
    { role: 'user', content: lines.join('\n\n') },
  ];
}

/** Asks once more after a reply that could not be read in one way only. */
export function againMessages(
  messages: readonly ChatMessage[],
  reply: string,
  reasons: readonly string[],
  answer: string,
): readonly ChatMessage[] {
  const said = ['Nothing was changed, because your answer is not clear:', ...reasons, `Answer once more, in full. ${answer}`];
  return [...messages, { role: 'assistant', content: reply }, { role: 'user', content: said.join('\n') }];
}

/** Goes on from the exchange that made a candidate, with what the tests said. Older rounds are dropped to keep the prompt short. */
export function revisionMessages(
  conversation: readonly ChatMessage[],
  findings: string,
  notes: readonly Note[],
  agent: Agent,
  answer: string,
): readonly ChatMessage[] {
  const opening = conversation.slice(0, 2);
  const reply = conversation.at(-1);
  const lines = [findings];
  for (const note of notes) lines.push(`From the ${note.role}: ${note.text.trim()}`);
  lines.push(`${agent.instructions}\n${answer}`);
  return [...opening, ...(reply && reply.role === 'assistant' ? [reply] : []), { role: 'user', content: lines.join('\n\n') }];
}
