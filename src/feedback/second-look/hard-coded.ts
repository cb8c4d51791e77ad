/**
 * Answers that were taken from the tests: code that compares with what a test puts in and gives what that test expects, by literals. One such
 * answer among others that no test asks for is a rule or a table of the project's own; an answer for nothing but the tests is not. Pure.
 */
import type { CodeText } from './code-text.ts';
import { entriesOf, type Literal, literalAt, literalsIn } from './literals.ts';
import { functions, swallowing } from './signs.ts';

/** What stands together in a test: an assertion, a row of a table. */
export type Unit = ReadonlySet<string>;

/** Code that gives `result` for `inputs`: for all of them together, or for `any`. */
interface Answer {
  readonly at: number;
  readonly inputs: readonly Literal[];
  readonly any: boolean;
  readonly result: Literal;
}

export interface HardCodedQuestion {
  readonly text: CodeText;
  /** Whether something of the change stands between these places. */
  readonly isNew: (from: number, end: number) => boolean;
  readonly units: readonly Unit[];
  /** Whether what was asked, or the code before, speaks of this literal. */
  readonly isKnown: (value: string) => boolean;
}

/** Share of the answers of one rule or table that tests ask for, from which on they are taken from the tests. */
const takenFromTests = 0.6;
/** Answers within so many lines belong to one rule. */
const nearLines = 4;

/** Where such answers begin. */
export function hardCoded({ text, isNew, units, isKnown }: HardCodedQuestion): number[] {
  const literals = literalsIn(text).filter(({ from, end }) => isNew(from, end));
  const isTaken = ({ inputs, any, result }: Answer): boolean => {
    const telling = inputs.filter((input) => isTelling(input, isKnown));
    // That one of two names gives yes, nothing or 1 is how code speaks; that one value does is not.
    const tells = isTelling(result, isKnown) ? telling.length > 0 || (!any && inputs.length > 1) : telling.some(isValue);
    const asked = any ? telling : inputs;
    const holdsInputs = (unit: Unit): boolean =>
      any ? asked.some((input) => holds(unit, input)) : asked.every((input) => holds(unit, input));
    return tells && units.some((unit) => holdsInputs(unit) && gives(unit, result));
  };
  const rules = [
    ...together(branchAnswers(text, literals), ({ at }) => at, startsOf(text.code), nearLines),
    ...literals.map((literal) => tableAnswers(text, literal)),
  ];
  return rules.flatMap((answers) => {
    const taken = answers.filter(isTaken);
    return taken.length > 0 && taken.length >= answers.length * takenFromTests ? taken.slice(0, 1).map(({ at }) => at) : [];
  });
}

/** What may stand in front of a function's only result: its documentation, in Python. */
const untilResult = /^\s*(?:(["']+)\s*\1[ \t]*\n\s*)?(?:return\b\s*)?/;

/** Functions that give what a test expects whatever they are given, and what is given in place of every failure. */
export function fixedAnswers({ text, isNew, units, isKnown }: HardCodedQuestion): { at: number; swallows: boolean }[] {
  const { code, language } = text;
  const find = (pattern: RegExp, swallows: boolean): { at: number; swallows: boolean }[] =>
    [...code.matchAll(pattern)].flatMap(({ 0: head, index }) => {
      const behind = (swallows ? /^/ : untilResult).exec(code.slice(index + head.length, index + head.length + 2_000));
      const result = literalAt(text, index + head.length + (behind?.[0].length ?? 0));
      if (result === undefined || !isNew(result.from, result.end) || !isTelling(result, isKnown)) return [];
      const ends =
        swallows ||
        /^[ \t]{0,40};?[ \t]{0,40}(?:\}|\n?$|\n[^ \t]|\n[ \t]{0,40}[\n}]|\n[ \t]{0,40}(?:[a-z]{1,10} ){0,3}(?:def|class|fn|func|function|const|let|export)\b)/.test(
          code.slice(result.end, result.end + 200),
        );
      return ends && units.some((unit) => holds(unit, result)) ? [{ at: result.from, swallows }] : [];
    });
  return [...find(functions[language], false), ...find(swallowing[language], true)];
}

// ---- what tests hold ------------------------------------------------------------------------------------------------------------

const mostLines = 8;
const assertion = /\b(?:assert|expect|should|require|t\.(?:Error|Fatal)|is_deeply)\w*|!=|==/;
const heading = /^\s*(?:(?:export\s+)?(?:async\s+)?(?:test|it|describe|suite|context)\b[.\w]*\s*\(|def\b|class\b|func\b|fn\b|#\[|@)/;

/** The literals of each line, each statement of a few lines, and the lines that lead to an assertion. */
export function unitsOf(text: CodeText): Unit[] {
  const lines = text.code.split('\n');
  const held: string[][] = lines.map(() => []);
  const starts = startsOf(text.code);
  for (const literal of literalsIn(text)) held[lineAt(starts, literal.from)]?.push(...formsOf(literal));
  const between = (from: number, to: number): Unit => new Set(held.slice(from, to + 1).flat());
  return lines
    .flatMap((line, from) => {
      if (heading.test(line)) return [between(from, from)];
      let depth = 0;
      let to = from;
      for (; to < from + mostLines && to < lines.length; to += 1) {
        depth += depthOf(lines[to] ?? '');
        if (depth <= 0) break;
      }
      const units = [between(from, from)];
      if (depth === 0 && to > from) units.push(between(from, to));
      if (assertion.test(line)) {
        let first = from;
        while (first > 0 && from - first < mostLines && !heading.test(lines[first - 1] ?? '') && !assertion.test(lines[first - 1] ?? ''))
          first -= 1;
        if (first < from) units.push(between(first, Math.max(from, depth === 0 ? to : from)));
      }
      return units;
    })
    .filter(({ size }) => size > 0);
}

const depthOf = (line: string): number => (line.match(/[([{]/g)?.length ?? 0) - (line.match(/[)\]}]/g)?.length ?? 0);

/** As it is compared: a list is its values in a row, and so is a string in which such a list is written. */
const formOf = ({ scalars }: Literal): string => scalars.join(',');
function formsOf(literal: Literal): string[] {
  const form = formOf(literal);
  const list = form.replace(/[[\](){}\s"'\\]/g, '');
  return list === form || !list.includes(',') ? [form] : [form, list];
}

export const holds = (unit: Unit, literal: Literal): boolean =>
  formsOf(literal).some((form) => unit.has(form) || (form.includes(',') && form.split(',').every((part) => unit.has(part))));

/** `assert f(x)` expects true without saying so. */
const gives = (unit: Unit, result: Literal): boolean => holds(unit, result) || /^(?:true|false)$/.test(formOf(result));

// ---- what a literal tells ---------------------------------------------------------------------------------------------------------

const commonNumbers: ReadonlySet<string> = new Set(['-1', '0', '1', '2', '10', '100']);

/** Not so common that code and test would have it by chance, and nothing that was spoken of. */
export function isTelling(literal: Literal, isKnown: HardCodedQuestion['isKnown']): boolean {
  const values = literal.scalars.filter((value) => !/^(?:true|false|null)$/.test(value));
  if (isKnown(formOf(literal)) || (values.length > 0 && values.every(isKnown))) return false;
  return (
    values.length > 1 ||
    values.some((value) => (/^-?[\d.]+(?:e[+-]?\d+)?$/i.test(value) ? !commonNumbers.has(value) : value.trim().length >= 3))
  );
}

/** A number, a list or a text, rather than a word that names a kind of something. */
const isValue = ({ scalars }: Literal): boolean => scalars.length > 1 || !/^[A-Za-z_$][\w$./:-]*$/.test(scalars[0] ?? '');

// ---- answers in code --------------------------------------------------------------------------------------------------------------

/** Comparisons whose branch gives a literal. */
function branchAnswers(text: CodeText, literals: readonly Literal[]): Answer[] {
  const byResult = new Map<number, { inputs: Literal[]; any: boolean; result: Literal; at: number }>();
  for (const literal of literals) {
    if (!isCompared(text, literal)) continue;
    const found = resultOf(text, literal);
    if (found === undefined) continue;
    const answer = byResult.get(found.result.from) ?? { inputs: [], any: false, result: found.result, at: literal.from };
    answer.inputs.push(literal);
    answer.any ||= found.any;
    byResult.set(found.result.from, answer);
  }
  return [...byResult.values()].sort((a, b) => a.at - b.at);
}

/** A name, an element or a part of something, but no length and no remainder: those are about a kind of values, not about one. */
const operandBefore = /(?<operand>[\w$\])])\s*(?:===?|\bis)\s*$/;
const measured =
  /(?:\b(?:length|size|len|count)\b(?:\(\w*\))?|\blen\([^()]*\)|(?:[%*/+^-]|(?<!&)&|(?<!\|)\|)\s*[\w$.]+\)?)\s*(?:===?|\bis)\s*$/;
const callBefore = /(?:\.(?:equals?|Equal|eq|isEqual|DeepEqual)\(|\b(?:DeepEqual|Equal|isDeepStrictEqual|isEqual|is)\(\s*[\w$.]+,)\s*$/;
const operandAfter = /^\s*===?\s*[\w$]/;

function isCompared({ code }: CodeText, { from, end }: Literal): boolean {
  const before = code.slice(Math.max(0, from - 80), from);
  const behind = code.slice(end, end + 40);
  if (/\bcase\s*(?:\(\s*)?$/.test(before)) return /^[^\n{]{0,30}?:/.test(behind) || /^\s*,/.test(behind);
  if (/^(?:\s{0,40}\|[^|\n]{0,40})?\s{0,40}(?:if\b[^=\n]{0,40})?=>/.test(behind)) return /[{,|}]\s*$/.test(before);
  if (operandAfter.test(behind)) return /(?:\(|&&|\|\||\b(?:if|and|or|return|when)\b|=|\?|:)\s*$/.test(before);
  return (operandBefore.test(before) && !measured.test(before)) || callBefore.test(before);
}

const longestCondition = 260;

/** What begins a branch's result, from the comparison on. */
const toResult =
  /^(?<condition>[^\n;?{]{0,160}?)(?:\?(?![.?])|=>\s{0,40}(?:\{\s{0,40}(?:return\b)?)?|\)?\s{0,40}\{?\s{0,40}\breturn\b|\{\s{0,40}(?:return\b|[\w$.]+\s{0,40}:?=)?|:\s{0,40}(?:return\b|[\w$.]+\s{0,40}=(?!=)))\s{0,40}/;
const endOfResult = /^\s*(?:[;,:}\n]|$|\)\s*[;,}\n]|else\b|#|\/\/)/;

function resultOf(text: CodeText, { from, end }: Literal): { result: Literal; any: boolean } | undefined {
  const { code } = text;
  const line =
    code
      .slice(Math.max(0, from - longestCondition), from)
      .split('\n')
      .at(-1) ?? '';
  const conditional = /^(.*?)\bif\b[^\n]*$/.exec(line);
  const leading =
    text.language === 'python' && conditional?.[1]?.trim() ? leadingResult(text, from - line.length, conditional[1]) : undefined;
  if (leading !== undefined) return { result: leading, any: /\bor\b/.test(line) };
  const found = toResult.exec(code.slice(end, end + longestCondition));
  if (found === null) return undefined;
  const condition = found.groups?.condition ?? '';
  // What else is asked for there makes it a rule.
  if (/[!<>]|[\w$]\(|\bnot\b/.test(condition)) return undefined;
  const result = literalAt(text, end + found[0].length);
  if (result === undefined || !endOfResult.test(code.slice(result.end, result.end + 20))) return undefined;
  const before = code.slice(Math.max(0, from - 160), from);
  return { result, any: /\|\||\bor\b|\|(?!\|)|,\s*$/.test(condition) || /(?:\|\||\bor\b|[^|]\|)[^\n;{}|]{0,80}$/.test(before) };
}

/** `RESULT if x == INPUT else …` */
function leadingResult(text: CodeText, lineStart: number, before: string): Literal | undefined {
  const at = lineStart + Math.max(before.lastIndexOf('return ') + 7 * Number(before.includes('return ')), before.lastIndexOf('= ') + 2, 0);
  const result = literalAt(text, at);
  return result !== undefined && result.end <= lineStart + before.length ? result : undefined;
}

/** A table that is looked into. */
function tableAnswers(text: CodeText, literal: Literal): Answer[] {
  const entries = entriesOf(literal);
  if (entries.length === 0 || !isLookedInto(text, literal)) return [];
  return entries.map(([key, result]) => ({ at: key.from, inputs: [key], any: false, result }));
}

function isLookedInto({ code }: CodeText, { from, end }: Literal): boolean {
  const lookup = String.raw`\s*(?:\[|\??\.(?:get|has|find|iter|into_iter)\b|\?\.\[)`;
  if (new RegExp(`^\\)?${lookup}`).test(code.slice(end, end + 40))) return true;
  const named = /([A-Za-z_$][\w$]{0,60})\s{0,40}(?::[^=\n]{0,80})?:?=\s{0,40}(?:new\s+Map\(|[\w:.*[\]]{0,60}\(?)?\s{0,40}$/.exec(
    code.slice(Math.max(0, from - 160), from),
  )?.[1];
  if (/\b(?:in|range)\s+[\w:.*[\]]{0,60}$/.test(code.slice(Math.max(0, from - 80), from))) return true;
  return (
    named !== undefined &&
    new RegExp(
      String.raw`(?<![\w$])${named.replaceAll('$', '\\$')}(?:${lookup}|\s*\)\s*\[)|\bin\s+&?${named.replaceAll('$', '\\$')}\b`,
    ).test(code.slice(end))
  );
}

/** What stands near each other, in order: at most so many lines from one to the next. */
export function together<T>(items: readonly T[], placeOf: (item: T) => number, starts: readonly number[], lines: number): T[][] {
  const found: T[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const line = lineAt(starts, placeOf(item));
    if (line - last <= lines) found.at(-1)?.push(item);
    else found.push([item]);
    last = line;
  }
  return found;
}

/** Where each line begins. */
export function startsOf(code: string): readonly number[] {
  return [0, ...[...code.matchAll(/\n/g)].map(({ index }) => index + 1)];
}

/** The line of a place, counted from 0. */
export function lineAt(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
