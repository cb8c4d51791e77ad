/** What the attempts of an outcome bank came to, as tables: each operator by itself, and which attempt it was that solved a task. Pure. */
import { waysOfModels } from '../trace/events.ts';
import type { BankLine } from './bank-line.ts';
import { markdownTable } from './report.ts';
import { describe } from './statistics.ts';

/** Of attempts that are all of one arm. */
export function renderBank(attempts: readonly BankLine[]): string {
  const operators = [...Map.groupBy(attempts, ({ operator }) => operator)].sort(([, a], [, b]) => b.length - a.length);
  const rows = operators.map(([operator, all]) => [
    operator,
    ...[all.length, all.filter(({ visible }) => visible).length, all.filter(({ visible, hidden }) => visible && hidden).length].map(String),
    mean(all.map(({ inputTokens, outputTokens }) => inputTokens + outputTokens)).toFixed(0),
    mean(all.map(({ modelSeconds }) => modelSeconds)).toFixed(1),
    mean(all.map(({ testSeconds }) => testSeconds)).toFixed(1),
  ]);
  return [
    ...markdownTable(['operator', 'attempts', 'visible tests pass', 'hidden ones too', 'tokens mean', 's of model', 's of tests'], rows, 1),
    '',
    ...markdownTable(['what solved it', 'tasks', 'of them by hidden tests'], solvers(attempts), 1),
  ].join('\n');
}

/** By the first attempt of each run that passes the visible tests: how many places were written anew until then, or which other operator it was. */
function solvers(attempts: readonly BankLine[]): string[][] {
  const solved = [...Map.groupBy(attempts, ({ runId }) => runId).values()].flatMap((run) => {
    const ordered = [...run].sort((a, b) => a.order - b.order);
    const first = ordered.find(({ visible }) => visible === true);
    if (first === undefined) return [];
    const places = ordered.filter(({ order, operator }) => order <= first.order && placeWriters.has(operator)).length;
    return [{ name: placeWriters.has(first.operator) ? `place ${places}` : first.operator, hidden: first.hidden === true }];
  });
  const rows = [...Map.groupBy(solved, ({ name }) => name)].map(([name, all]) => [
    name,
    `${all.length}`,
    `${all.filter(({ hidden }) => hidden).length}`,
  ]);
  return rows.sort(([a = ''], [b = '']) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Operators that write one place anew. */
const placeWriters = new Set(waysOfModels);

const mean = (values: readonly number[]): number => describe(values).mean;
