/** Tests that are red, with what they expected and got, as pages show them. Pure. */
import type { TestCase, TestReport } from '../../feedback/types.ts';
import type { RunModel } from '../../webviews/run-types.ts';
import type { Speech } from './words.ts';

/** Failing tests that are shown with their messages, and what of a message. */
export const mostTests = 3;
const mostLines = 8;
const mostCharacters = 600;

export const failedOf = (report: TestReport | undefined): readonly TestCase[] =>
  report?.cases.filter(({ outcome }) => outcome === 'failed') ?? [];

export const shownTests = (failing: readonly TestCase[]) =>
  failing.slice(0, mostTests).map(({ name, message = '' }) => ({ name, message: short(message) }));

/** Of a run that ended: tests that are red with what it hands over, or with its best try. Undefined when none is. */
export function failingView(report: TestReport | undefined, { l10n }: Pick<Speech, 'l10n'>): RunModel['failing'] {
  const failing = failedOf(report);
  if (failing.length === 0) return undefined;
  const sentence =
    failing.length === 1
      ? l10n.t('1 test fails still.')
      : failing.length > mostTests
        ? l10n.t('{0} tests fail still. The first {1}:', failing.length, mostTests)
        : l10n.t('{0} tests fail still.', failing.length);
  return { sentence, tests: shownTests(failing) };
}

function short(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const shown = lines.slice(0, mostLines).join('\n');
  const cut = shown.slice(0, mostCharacters);
  return lines.length > mostLines || cut.length < shown.length ? `${cut}\n…` : cut;
}
