/** The briefing as the review shows it: facts gathered without a model. Pure. */
import { mainLanguages } from '../../briefing/index.ts';
import type { Briefing, RelevanceReason, relevanceReasons } from '../../briefing/types.ts';
import { narrowed } from '../../feedback/index.ts';
import { endingText, unguardedBecause } from '../../feedback/types.ts';
import type { EventOf } from '../../trace/events.ts';
import type { PlanModel } from '../../webviews/plan-types.ts';
import { count, percent, type Speech, timeWords, wantedWords } from './words.ts';

type Facts = PlanModel['briefing'][number];

export function briefingView(
  briefing: Briefing,
  start: Pick<EventOf<'run.started'>, 'workspace' | 'fence'> | undefined,
  speech: Speech,
): PlanModel['briefing'] {
  const { l10n } = speech;
  const lines: Facts[] = [
    { label: l10n.t('Languages'), items: [{ text: languages(briefing, speech) }] },
    {
      label: l10n.t('Tests'),
      items: [tests(briefing, speech), ...timeWords(briefing.baseline?.ending, speech, briefing.baseline)].map((text) => ({ text })),
    },
    { label: l10n.t('Git'), items: [{ text: git(briefing, speech) }] },
  ];
  if (start?.fence?.by === 'none')
    lines.push({ label: l10n.t('Fence'), items: [{ text: l10n.t('none, tests run as you: {0}', start.fence.reason ?? '') }] });
  const wanted = wantedWords(briefing.baseline?.wanted, start?.workspace, speech);
  if (wanted.length > 0) lines.push({ label: l10n.t('Fence'), items: wanted.map((text) => ({ text })) });
  if (briefing.instructions)
    lines.push({ label: l10n.t('Instructions'), items: [{ text: briefing.instructions.path, path: briefing.instructions.path }] });
  lines.push({
    label: l10n.t('Relevant files'),
    items:
      briefing.files.length === 0
        ? [{ text: l10n.t('None stands out for this request.') }]
        : briefing.files.map(({ path, reasons, truncated, encoding }) => ({
            text: [
              path,
              ...(truncated ? [l10n.t('in part')] : []),
              ...(encoding
                ? [encoding.guessed ? l10n.t('as {0}, by the looks of it', encoding.name) : l10n.t('as {0}', encoding.name)]
                : []),
              reasons.map((reason) => reasonText(reason, speech)).join(', '),
            ].join(' · '),
            path,
          })),
  });
  if (briefing.leftOut.length > 0) lines.push({ label: l10n.t('Left out'), items: briefing.leftOut.map((text) => ({ text })) });
  return lines;
}

function languages({ languages: counted, packageManager, fileCount }: Briefing, speech: Speech): string {
  const { l10n } = speech;
  const shares = mainLanguages(counted).map(({ name, share }) => `${name} ${percent(share, speech)}`);
  return [
    shares.length === 0 ? l10n.t('none known') : shares.join(', '),
    fileCount === 1 ? l10n.t('1 file') : l10n.t('{0} files', count(fileCount, speech)),
    ...(packageManager === undefined ? [] : [packageManager]),
  ].join(' · ');
}

function tests({ test, baseline }: Briefing, speech: Speech): string {
  const { l10n } = speech;
  if (test === undefined) return l10n.t('No test command was found.');
  if (baseline === undefined) return l10n.t('{0} (not run)', test.display);
  const before = l10n.t('before: {0} passed, {1} failed, {2} skipped', baseline.passed, baseline.failed, baseline.skipped);
  const unguarded = unguardedBecause(baseline);
  const part = narrowed(test, baseline);
  return [
    ...[test.display, before],
    ...(test.leftOut === undefined ? [] : [l10n.t('not run: {0}', test.leftOut.join(', '))]),
    ...(baseline.ending === 'finished' ? [] : [endingText[baseline.ending] ?? baseline.ending]),
    ...(part === undefined
      ? []
      : [
          l10n.t(
            'the whole takes {0} s: while working only {1}, all before the hand-over',
            Math.round(baseline.ms / 1000),
            part.places.join(', '),
          ),
        ]),
    ...(baseline.flaky === undefined ? [] : [l10n.t('changed their mind when nothing changed: {0}', baseline.flaky.join(', '))]),
    ...(unguarded === undefined ? [] : [l10n.t('seen by no guard of ours: {0}', unguarded)]),
  ].join(' · ');
}

function git({ git: state }: Briefing, { l10n }: Speech): string {
  if (state.kind === 'none') return l10n.t('no repository');
  const head = state.head?.slice(0, 10) ?? '?';
  const where =
    state.kind === 'empty-repository'
      ? l10n.t('repository without a commit')
      : state.detached
        ? l10n.t('detached at {0}', head)
        : l10n.t('{0} at {1}', state.branch ?? '?', head);
  const dirty = [
    ...(state.changed > 0 ? [l10n.t('{0} changed', state.changed)] : []),
    ...(state.untracked > 0 ? [l10n.t('{0} untracked', state.untracked)] : []),
    ...(state.submodules.length > 0 ? [l10n.t('submodules: {0}', state.submodules.join(', '))] : []),
  ];
  return [where, ...(dirty.length === 0 ? [l10n.t('nothing changed on the disk')] : dirty)].join(' · ');
}

function reasonText(reason: RelevanceReason, { l10n }: Speech): string {
  const words: Record<(typeof relevanceReasons)[number], string> = {
    selected: l10n.t('selected'),
    diagnostic: l10n.t('has the reported problem'),
    'stack-frame': l10n.t('in the failing stack'),
    'failing-test': l10n.t('failing test'),
    'named-in-request': l10n.t('named in the request'),
    lexical: l10n.t('shares words with the request'),
    imported: l10n.t('imported'),
    importer: l10n.t('imports it'),
    'small-workspace': l10n.t('part of a small workspace'),
  };
  return words[reason];
}
