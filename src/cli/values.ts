/** Reads the values people type after options. Pure; every refusal is a `bad-argument` that names the option and shows a good value. */

import { type Budget, budgetSchema } from '../plan/schema.ts';
import { badArgument } from './bad-argument.ts';

const budgetNames = Object.keys(budgetSchema.shape) as (keyof Budget)[];
const fractional: readonly (keyof Budget)[] = ['usd', 'seconds'];

/** `tokens=20000,usd=0.5,seconds=300,calls=10`: any of the budget's names, each once. */
export function parseBudget(text: string): Partial<Budget> {
  const example = 'Write it like --budget tokens=20000,usd=0.5,seconds=300,calls=10.';
  const budget: Partial<Budget> = {};
  for (const part of text.split(',').map((entry) => entry.trim())) {
    if (part === '') continue;
    const [name = '', value = '', ...rest] = part.split('=').map((entry) => entry.trim());
    if (!isBudgetName(name)) throw badArgument(`--budget has no limit called "${name}"; there are ${budgetNames.join(', ')}.`, example);
    if (rest.length > 0 || value === '') throw badArgument(`--budget ${name} has no value in "${part}".`, example);
    if (budget[name] !== undefined) throw badArgument(`--budget names ${name} twice.`, example);
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
    if (!Number.isFinite(number)) throw badArgument(`--budget ${name} must be a plain number, not "${value}".`, example);
    if (!fractional.includes(name) && !Number.isInteger(number))
      throw badArgument(`--budget ${name} must be a whole number, not ${value}.`, example);
    if (number === 0 && name !== 'usd') throw badArgument(`--budget ${name} must be more than 0.`, example);
    budget[name] = number;
  }
  if (Object.keys(budget).length === 0) throw badArgument('--budget is empty.', example);
  return budget;
}

const isBudgetName = (name: string): name is keyof Budget => (budgetNames as readonly string[]).includes(name);

/** A whole number within bounds, both included. */
export function parseWhole(option: string, text: string, least: number, most: number): number {
  const number = /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw badArgument(
    `${option} takes a whole number from ${least} to ${most}, not "${text}".`,
    `Write it like ${option} ${Math.max(least, 1)}.`,
  );
}

/** USD, without a sign. */
export function parseUsd(option: string, text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw badArgument(`${option} takes an amount in USD, not "${text}".`, `Write it like ${option} 0.05.`);
}

/** `1,3-5`: numbers from 1 to `most`, each once, in order. */
export function parseNumbers(option: string, text: string, most: number): number[] {
  const next = `Write it like ${option} 1,3-5.`;
  const numbers = new Set<number>();
  for (const part of text.split(',').map((entry) => entry.trim())) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) throw badArgument(`${option} takes numbers and ranges, not "${part}".`, next);
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    if (first < 1 || last < first || last > most) throw badArgument(`${option} ${part}: there are 1 to ${most}.`, next);
    for (let n = first; n <= last; n += 1) numbers.add(n);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** A share from 0 to below 1. */
export function parseShare(option: string, text: string): number {
  const number = /^(?:\d+(?:\.\d+)?|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (number >= 0 && number < 1) return number;
  throw badArgument(`${option} takes a share from 0 to below 1, not "${text}".`, `Write it like ${option} 0.1.`);
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A moment: `2026-11-20`, `2026-11-20T08:30` (UTC without a zone), or so long before now: `12h`, `7d`, `4w`. Milliseconds since the epoch. */
export function parseTime(option: string, text: string, now: number): number {
  const ago = /^(\d{1,4})([hdw])$/.exec(text.trim());
  if (ago) return now - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0);
  const date = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2})?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text.trim());
  const at = date ? Date.parse(`${date[1]}${date[2] ?? 'T00:00'}${date[3] ?? 'Z'}`) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw badArgument(`${option} is no date: "${text}".`, `Write it like ${option} 2026-11-20, or ${option} 7d for the last seven days.`);
}

export interface SelectedLines {
  readonly path: string;
  readonly startLine?: number;
  readonly endLine?: number;
}

/** `path`, `path:10` or `path:10-20`. A drive letter (`C:\a.ts`) stays part of the path. */
export function parseSelection(text: string): SelectedLines {
  const next = 'Write it like --selection src/sum.js:10-20; lines count from 1.';
  const match = /^(.*?):(\d+)(?:-(\d+))?$/s.exec(text);
  if (match === null) {
    if (text.trim() === '') throw badArgument('--selection is empty.', next);
    if (/:[\d-]*$/.test(text)) throw badArgument(`--selection has lines that cannot be read: "${text}".`, next);
    return { path: text };
  }
  const [, path = '', first = '', last = first] = match;
  const startLine = Number(first);
  const endLine = Number(last);
  if (path === '') throw badArgument(`--selection names no file: "${text}".`, next);
  if (startLine < 1 || endLine < startLine) throw badArgument(`--selection has lines in the wrong order: ${first}-${last}.`, next);
  return { path, startLine, endLine };
}

/** A comma-separated choice from a closed list, in the order given, without repeats. */
export function parseChoices<T extends string>(option: string, text: string, choices: readonly T[]): T[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw badArgument(`${option} is empty.`, `Choose from ${choices.join(', ')}.`);
  for (const name of names) {
    if (!(choices as readonly string[]).includes(name)) {
      throw badArgument(`${option} has no choice called "${name}".`, `Choose from ${choices.join(', ')}.`);
    }
  }
  return [...new Set(names as T[])];
}
