/**
 * A problem as failures keep it: beside the sentence what the sentence is made of, so that whoever shows it later says it in their own words and
 * language. A part that words decide stands between two marks, as the call that makes it; the marks are characters that the sentence does not have,
 * and the kept text begins with them.
 */
import type { Agent } from './agent.ts';
import type { PlanWords, Problem } from './problem.ts';

type Part = readonly [keyof PlanWords, string, ...(string | number)[]];

interface Marks {
  readonly begin: string;
  readonly end: string;
}

interface KeptProblem {
  readonly path: string;
  /** In English and the words of a file. */
  readonly message: string;
  /** For `sayKept`. */
  readonly said: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

export function keptProblem({ path, message, say, line, column }: Problem): KeptProblem {
  const { begin, end } = marksFor(message);
  const part = (...made: Part): string => `${begin}${JSON.stringify(made)}${end}`;
  const said = say({
    t: (text, ...values) => part('t', text, ...values),
    field: (name) => part('field', name),
    kind: (name) => part('kind', name),
    output: (name) => part('output', name),
  });
  return { path, message, said: `${begin}${end}${said}`, ...(line !== undefined && { line, column }) };
}

/** From the characters that Unicode leaves to programs. */
function marksFor(message: string): Marks {
  let code = 0xe000;
  while (message.includes(String.fromCharCode(code)) || message.includes(String.fromCharCode(code + 1))) code += 2;
  return { begin: String.fromCharCode(code), end: String.fromCharCode(code + 1) };
}

/** The sentence of a kept problem in these words. Throws a SyntaxError for a text that `keptProblem` did not make. */
export function sayKept(said: string, words: PlanWords): string {
  const [begin = '', end = ''] = said;
  return sayText(said.slice(begin.length + end.length), { begin, end }, words);
}

function sayText(said: string, marks: Marks, words: PlanWords): string {
  let text = '';
  let at = 0;
  for (let from = said.indexOf(marks.begin); from >= 0; from = said.indexOf(marks.begin, at)) {
    const to = endOf(said, from, marks);
    text += said.slice(at, from) + sayPart(said.slice(from + 1, to), marks, words);
    at = to + 1;
  }
  return text + said.slice(at);
}

/** Parts stand in parts. */
function endOf(said: string, from: number, { begin, end }: Marks): number {
  let depth = 0;
  for (let at = from; at < said.length; at += 1) {
    if (said[at] === begin) depth += 1;
    if (said[at] === end) depth -= 1;
    if (depth === 0) return at;
  }
  return said.length;
}

function sayPart(json: string, marks: Marks, words: PlanWords): string {
  const [what, name, ...values] = JSON.parse(json) as Part;
  const { t: sayAgain } = words;
  if (what === 't') return sayAgain(name, ...values.map((value) => (typeof value === 'string' ? sayText(value, marks, words) : value)));
  return what === 'output' ? words.output(name as Agent['output']) : words[what](name);
}
