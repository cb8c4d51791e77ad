/** What kind of work a request asks for and how hard it looks, from facts alone. */
import type { Briefing, RelevanceReason, RelevantFile } from '../briefing/types.ts';
import { usualFrom } from '../plan/index.ts';
import { type Difficulty, difficulties, type Plan } from '../plan/schema.ts';
import type { Request } from '../request/types.ts';
import type { PlanOrigin } from '../trace/events.ts';
import type { DesignInput } from './types.ts';

export const requestKinds = ['bug-fix', 'small-function', 'feature', 'tests-only', 'refactoring', 'question'] as const;
export type RequestKind = (typeof requestKinds)[number];

const questionStart = /^\s*(what|why|how|where|when|who|which|is|are|does|do|can|could|should|explain|describe|summari[sz]e)\b/i;
const asksForChange = /\b(fix|make|write|add|implement|create|change|rename|remove|delete|refactor|replace|update|convert|extract|move)\b/i;
const testWork = /\b(write|add|create|extend|improve)\b[^.]{0,40}\b(tests?|test cases?|coverage|specs?)\b/i;
const refactorWork = /\b(refactor|rename|extract|clean ?up|restructure|simplify|split|move|deduplicate|convert)\b/i;
/** Before what a sentence, or a point of a list, asks for. */
const askingWords = /^(?:[-*] )?(?:please |(?:can|could) you )?/i;
const fixWork = /\b(fix|bug|fails?|failing|broken|crash(es)?|error|wrong|regression|does not work|doesn't work)\b/i;

/** Asks for something new, as the beginning of a sentence or of a point of a list; "Build fails" and "Add is wrong" say what something does. */
const asksForNew =
  /^(?:[-*] )?(?:please |(?:can|could) you )?(?:write|create|implement|build|add) (?!(?:fails?|failed|failure|errors?(?! (?:handling|messages?|codes?|types?))|is|are|was|do|does|doesn't|gives|returns|breaks|crashes|button)\b)/i;
/** What is new is told with the errors that it raises and with what may go wrong: then only what is said to be broken now is a mistake to mend. */
const brokenNow =
  /\b(fix|mend|repair|bugs?(?!-)|tests? (?:still )?fails?|failing|broken|crash(es)?|regression|does not work|doesn't work)\b/i;

const sentencesOf = (text: string): readonly string[] => text.split(/\n|[.!?:]\s/).map((sentence) => sentence.trimStart());

function isToMend(text: string): boolean {
  return (sentencesOf(text).some((sentence) => asksForNew.test(sentence)) ? brokenNow : fixWork).test(text);
}

const asksToReshape = (sentence: string): boolean => sentence.replace(askingWords, '').search(refactorWork) === 0;

/** What is new is told with what it splits, moves or simplifies: then only the sentence that asks says whether what is there gets another shape. */
function isToReshape(text: string): boolean {
  const asking = sentencesOf(text).filter((sentence) => asksForNew.test(sentence) || asksToReshape(sentence));
  return refactorWork.test(asking.length > 0 ? asking.join('\n') : text);
}

/** The first rule that holds decides; the order puts what a test says before what words say. */
export function kindOf(request: Request, briefing: Briefing): RequestKind {
  const { text } = request;
  if (isQuestion(text)) return 'question';
  if (testWork.test(text) && !fixWork.test(text)) return 'tests-only';
  if (isToReshape(text) && !fixWork.test(text)) return 'refactoring';
  if (request.failingTest || request.diagnostic || isToMend(text)) return 'bug-fix';
  return spansFiles(request, briefing) ? 'feature' : 'small-function';
}

function isQuestion(text: string): boolean {
  const asks = text.trim().endsWith('?') || /^\s*(explain|describe|summari[sz]e)\b/i.test(text);
  return asks && questionStart.test(text) && !(asksForChange.test(text) && /^\s*(can|could) you\b/i.test(text));
}

function spansFiles(request: Request, briefing: Briefing): boolean {
  const named = briefing.files.filter(
    (file) => !file.isTest && (file.reasons.includes('selected') || file.reasons.includes('named-in-request')),
  );
  return named.length > 1 || request.text.length > 1500;
}

/** What difficulty is judged by: how a request looks, and how hard requests of its kind proved here. */
type Judged = Pick<DesignInput, 'request' | 'briefing' | 'harder'>;

/** What brings a file into play; the others only show it beside what is in play: it has words in common, is a neighbour, or there is little else to show. */
const inPlay: ReadonlySet<RelevanceReason> = new Set(['selected', 'diagnostic', 'stack-frame', 'failing-test', 'named-in-request']);

const isInPlay = ({ reasons }: Pick<RelevantFile, 'reasons'>): boolean => reasons.some((reason) => inPlay.has(reason));

/** The request is about this file, or the workspace is so small that it may be. */
export const mayBeMeant = (file: Pick<RelevantFile, 'reasons'>): boolean => isInPlay(file) || file.reasons.includes('small-workspace');

/** 0 to 1, from the size of what is asked: length of the request, files in play, failing tests. */
function hardness(request: Request, briefing: Briefing): number {
  const sources = briefing.files.filter((file) => !file.isTest && isInPlay(file));
  const length = Math.min(1, request.text.length / 2000);
  const files = Math.min(1, Math.max(0, sources.length - 1) / 5);
  const failing = Math.min(1, (briefing.baseline?.failed ?? 0) / 20);
  return 0.4 * files + 0.35 * length + 0.25 * failing;
}

/** The next difficulty up; undefined above the hardest. */
export function harder(difficulty: Difficulty): Difficulty | undefined {
  return difficulties[difficulties.indexOf(difficulty) + 1];
}

export function difficultyOf({ request, briefing, harder }: Judged): Difficulty {
  const value = hardness(request, briefing) + (harder?.harder ?? 0);
  return value < 0.25 ? 'easy' : value < 0.55 ? 'medium' : 'hard';
}

/** How hard it looks after plans that failed: each of them speaks for a team that is one size larger. */
export function looksAfter(failures: number, judged: Judged): Difficulty {
  const looks = difficulties.indexOf(difficultyOf(judged));
  return difficulties[Math.min(difficulties.length - 1, looks + failures)] ?? 'hard';
}

const madeByHand: readonly PlanOrigin[] = ['solo', 'library', 'fallback-library'];

/** What is held against a plan as it was designed: a team made by hand has the size that such requests are worth, and only what is added to it is too much. */
export const looksFor = (origin: PlanOrigin, plan: Plan, looks: Difficulty): Difficulty =>
  madeByHand.includes(origin) ? usualFrom(plan, looks) : looks;

/** A sentence where what was learned of this kind of request makes its team another size; undefined: it does not. */
export function provedOtherwise(judged: Judged): string | undefined {
  const { request, briefing, harder } = judged;
  const [looks, proved] = [difficultyOf({ request, briefing }), difficultyOf(judged)];
  if (harder === undefined || looks === proved) return undefined;
  const runs = `${harder.runs} run${harder.runs === 1 ? '' : 's'}`;
  return `It looks ${looks}; by ${runs} here of the kind ${kindOf(request, briefing)} it is ${proved}.`;
}
