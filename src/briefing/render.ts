import { flakyText, narrowed } from '../feedback/index.ts';
import { endingText, unguardedBecause } from '../feedback/types.ts';
import { shown } from './fit.ts';
import { mainLanguages } from './languages.ts';
import type { Briefing, RelevanceReason, RelevantFile } from './types.ts';

const reasonWords: Readonly<Record<RelevanceReason, string>> = {
  selected: 'selected',
  diagnostic: 'has the reported problem',
  'stack-frame': 'in the failing stack',
  'failing-test': 'failing test',
  'named-in-request': 'named in the request',
  lexical: 'shares words',
  imported: 'imported',
  importer: 'imports it',
  'small-workspace': 'part of a small workspace',
};

const kept = ({ name, guessed }: NonNullable<RelevantFile['encoding']>): string =>
  guessed
    ? `read and written as ${name}, by the looks of it: if it is another encoding, save it as UTF-8 first`
    : `read and written as ${name}`;

/** The briefing as short text for a terminal. No colours; ends without a line feed. In a folder that is not trusted nothing looked for its tests. */
export function renderBriefing(briefing: Briefing, trusted = true): string {
  const rows: (readonly [string, string])[] = [
    ['Languages', languages(briefing)],
    ['Tests', trusted ? tests(briefing) : 'not looked for: this folder is not trusted yet'],
    ['Git', git(briefing)],
  ];
  if (briefing.instructions !== undefined)
    rows.push(['Instructions', `${shown(briefing.instructions.path)}${briefing.instructions.truncated ? ' (in part)' : ''}`]);
  const lines = rows.map(([name, text]) => `${name.padEnd(13)}${text}`);
  if (briefing.files.length === 0) lines.push(`${'Files'.padEnd(13)}none stands out for this request`);
  briefing.files.forEach(({ path, reasons, truncated, encoding }, n) => {
    const why = reasons.map((reason) => reasonWords[reason]).join(', ');
    lines.push(`${(n === 0 ? 'Files' : '').padEnd(13)}${shown(path)}${truncated ? ' (in part)' : ''} – ${why}`);
    if (encoding) lines.push(`${''.padEnd(13)}  ${kept(encoding)}`);
  });
  briefing.leftOut.forEach((sentence, n) => {
    lines.push(`${(n === 0 ? 'Left out' : '').padEnd(13)}${sentence}`);
  });
  return lines.join('\n');
}

function languages({ languages: counted, packageManager, fileCount }: Briefing): string {
  const shares = mainLanguages(counted).map(({ name, share }) => `${name} ${Math.round(100 * share)} %`);
  const parts = [shares.length === 0 ? 'none known' : shares.join(', '), `${fileCount} ${fileCount === 1 ? 'file' : 'files'}`];
  return [...parts, ...(packageManager === undefined ? [] : [packageManager])].join(' · ');
}

function tests({ test, baseline }: Briefing): string {
  if (test === undefined) return 'no test command found';
  if (baseline === undefined) return `${test.display} (not run)`;
  const counts = [
    `${baseline.passed} passed`,
    `${baseline.failed} failed`,
    ...(baseline.skipped > 0 ? [`${baseline.skipped} skipped`] : []),
  ].join(', ');
  const result = baseline.cases.length === 0 ? (baseline.green ? 'passes' : 'fails') : counts;
  const unguarded = unguardedBecause(baseline);
  const part = narrowed(test, baseline);
  return [
    `${test.display} – before: ${result}`,
    ...(test.leftOut === undefined ? [] : [`not run: ${test.leftOut.join(', ')}`]),
    ...(baseline.ending === 'finished' ? [] : [endingText[baseline.ending]]),
    ...(part === undefined
      ? []
      : [`the whole takes ${Math.round(baseline.ms / 1000)} s: while working only ${part.places.join(', ')}, all before the hand-over`]),
    ...(baseline.flaky === undefined ? [] : [flakyText(baseline.flaky)]),
    ...(unguarded === undefined ? [] : [unguarded]),
  ].join('; ');
}

function git({ git: state }: Briefing): string {
  if (state.kind === 'none') return 'no repository';
  if (state.kind === 'empty-repository') return `repository without a commit, ${state.untracked} untracked`;
  const where = state.detached
    ? `detached at ${state.head?.slice(0, 10) ?? '?'}`
    : `${state.branch ?? '?'} at ${state.head?.slice(0, 10) ?? '?'}`;
  const dirty = [
    ...(state.changed > 0 ? [`${state.changed} changed`] : []),
    ...(state.untracked > 0 ? [`${state.untracked} untracked`] : []),
    ...(state.submodules.length > 0 ? [`submodules: ${state.submodules.map(shown).join(', ')}`] : []),
  ];
  return [where, ...(dirty.length === 0 ? ['clean'] : dirty)].join(', ');
}
