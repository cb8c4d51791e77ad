/** What runs taught, as the dashboard shows it: what is believed beside what ships, what it changed, lessons in memory, and what taught nothing. Pure. */
import { isUnreliable, shippedPrior, type WhatChanged } from '../../learning/index.ts';
import {
  believedOver,
  changedHere,
  hardshipsHere,
  lessonsIn,
  libraryHere,
  longestLesson,
  outcomesHere,
  type RememberedLesson,
  reliabilityHere,
  shownShare,
  type Taught,
  type Untaught,
  untaughtHere,
} from '../../lessons/index.ts';
import { named as visibleText } from '../../text/index.ts';
import type { ChartModel, LearnedModel, LessonModel } from '../../webviews/dashboard-types.ts';
import { type Cell, counted, named, type Row, shareCell } from './dashboard-cells.ts';
import { folderName } from './dashboard-months.ts';
import { count, percent, type Speech } from './words.ts';

export interface LearnedInput {
  readonly taught: Taught;
  /** Real paths: what is shown is learned folder by folder. `excluded`: runs of it are never kept. */
  readonly folders: readonly { readonly path: string; readonly excluded: boolean }[];
  /** Parts whose file could not be read, since the page was opened: they are written anew as soon as they are read. */
  readonly damaged: ReadonlySet<keyof Taught>;
  /** Nobody knows which runs may teach. */
  readonly rulesUnreadable: boolean;
  /** Settings that are off: what is learned is not used. */
  readonly off: readonly string[];
  /** What was just done. */
  readonly done: string | undefined;
}

/** Runs over which rates are averaged. */
const averaged = 10;
const colours = ['blue', 'green', 'orange', 'purple', 'yellow', 'red'] as const;

export function learnedView(input: LearnedInput, speech: Speech): LearnedModel {
  const { experience } = input.taught.experience;
  const { card } = shippedPrior;
  return {
    notices: noticesOf(input, speech),
    summary: speech.l10n.t(
      'Runs of yours, in all folders, that taught something: {0}; beside the {1} recorded attempts on {2} problems that ship with Teamwright. Nothing of it leaves this machine.',
      count(experience.runs, speech),
      count(card.draws, speech),
      count(card.problems, speech),
    ),
    canForget: isKnown(input.taught),
    longestLesson,
    folders: input.folders.map((folder) => ({
      id: folder.path,
      name: folderName(folder.path),
      facts: factsOf(input.taught, folder, speech),
      charts: chartsOf(input.taught, folder.path, speech),
      lessons: lessonsIn(input.taught.memory, folder.path).map((lesson) => lessonModel(lesson, speech)),
    })),
  };
}

const isKnown = ({ experience, memory, teams, reliability }: Taught): boolean =>
  experience.experience.runs + experience.recent.length + memory.episodes.length + teams.runs.length + reliability.runs.length > 0;

function noticesOf({ taught, damaged, rulesUnreadable, off, done }: LearnedInput, { l10n, locale }: Speech): LearnedModel['notices'] {
  const { since } = taught.experience;
  const parts: Readonly<Record<keyof Taught, string>> = {
    experience: l10n.t('What was learned could not be read, so it is forgotten; runs from now on teach again.'),
    memory: l10n.t('What was remembered could not be read, so it is forgotten; runs from now on are remembered again.'),
    reliability: l10n.t('How far models are to be relied on could not be read, so it is forgotten; runs from now on count again.'),
    teams: l10n.t('The library of teams could not be read, so it is forgotten; runs from now on fill it again.'),
  };
  const warnings = [
    ...[...damaged].map((part) => parts[part]),
    ...(rulesUnreadable
      ? [l10n.t('The rules for keeping runs cannot be read, so nobody knows which runs may teach: none is looked at.')]
      : []),
    ...off.map((setting) => l10n.t('The setting {0} is off, so runs do not use all that is shown here.', setting)),
  ];
  const at = new Date(since).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  return [
    ...warnings.map((text) => ({ kind: 'warning' as const, text })),
    ...(done === undefined ? [] : [{ kind: 'info' as const, text: done }]),
    ...(since > 0
      ? [{ kind: 'info' as const, text: l10n.t('Forgotten: all that was learned before {0}. Only runs since then teach.', at) }]
      : []),
  ];
}

function factsOf({ experience, memory, teams }: Taught, { path, excluded }: LearnedInput['folders'][number], speech: Speech): string[] {
  const { l10n } = speech;
  const library = libraryHere(teams, path);
  const dropped = library.teams.filter((team) => team.dropped).length;
  const lessons = lessonsIn(memory, path);
  const share = shownShare(memory, path);
  const changed = changedHere(experience.experience, path);
  const leftOut = changed.flatMap(({ model, roles }) =>
    roles.filter((role) => role.leftOut).map(({ role }) => visibleText(`${role} (${model})`)),
  );
  return [
    ...(excluded ? [l10n.t('Runs in this folder are never kept, so they teach nothing.')] : []),
    ...(changed.length === 0
      ? [
          l10n.t(
            'Which work mends here is not known yet: a run teaches it when tests failed at its start and places, small changes or drafts were tried.',
          ),
        ]
      : []),
    ...hardshipsHere(experience.experience, path).map(({ kind, runs, harder }) => {
      const [points, many] = [count(Math.round(Math.abs(harder) * 100), speech), count(runs, speech)];
      return harder > 0
        ? l10n.t('Difficulty of {0} here: {1} points harder than it looks (runs: {2}).', kind, points, many)
        : l10n.t('Difficulty of {0} here: {1} points easier than it looks (runs: {2}).', kind, points, many);
    }),
    ...(leftOut.length > 0 ? [l10n.t('Left out of the next debate, for they contributed little: {0}.', leftOut.join(', '))] : []),
    l10n.t(
      'Library. Teams that solved something here: {0}; dropped as clearly worse: {1}; taken from it in {2} of {3} runs.',
      ...[library.teams.length - dropped, dropped, library.hits, library.runs].map((value) => count(value, speech)),
    ),
    l10n.t(
      'Memory. Lessons here: {0}; dropped as no help: {1}; shown in {2} of {3} runs that began with failing tests.',
      ...[lessons.length, lessons.filter((lesson) => lesson.dropped).length, share.shown, share.runs].map((value) => count(value, speech)),
    ),
  ];
}

function chartsOf(taught: Taught, folder: string, speech: Speech): ChartModel[] {
  return [
    ...changedHere(taught.experience.experience, folder).flatMap((changed) => beliefCharts(taught, folder, changed, speech)),
    ...outcomeCharts(taught, folder, speech),
    ...teamsTable(taught, folder, speech),
    ...reliabilityTable(taught, folder, speech),
    ...untaughtTable(taught, folder, speech),
  ];
}

/** A kind of work as it is called in sentences. */
function workName(operator: string, { l10n }: Speech): string {
  const words: Readonly<Record<string, string>> = {
    place: l10n.t('One place written anew'),
    changes: l10n.t('Small changes'),
    draft: l10n.t('A draft'),
  };
  return Object.hasOwn(words, operator) ? (words[operator] as string) : visibleText(operator);
}

function beliefCharts(taught: Taught, folder: string, { model, runs, operators }: WhatChanged, speech: Speech): ChartModel[] {
  const { l10n } = speech;
  const name = visibleText(model);
  const over = believedOver(taught.experience, folder, model);
  const worked = operators.map(({ operator }) => operator);
  return [
    {
      ...{ id: `belief ${folder} ${model}`, kind: 'category', stacked: false, unit: 'percent' },
      title: l10n.t('What mends a usual bug, with {0}', name),
      summary: l10n.t('Chance that a try mends it, as shipped and as believed now. Runs here: {0}.', count(runs, speech)),
      columns: [
        ...[l10n.t('Work'), l10n.t('As shipped'), l10n.t('Now'), l10n.t('Tries here')],
        ...[l10n.t('Tokens, as shipped'), l10n.t('Tokens now')],
      ],
      rows: operators.map(({ operator, tries, shipped, now }) => [
        ...[named(workName(operator, speech)), shareCell(shipped.chance, speech), shareCell(now.chance, speech), counted(tries, speech)],
        ...[counted(Math.round(shipped.tokens), speech), counted(Math.round(now.tokens), speech)],
      ]),
      series: [
        { column: 1, colour: 'purple' },
        { column: 2, colour: 'blue' },
      ],
    },
    ...(over.length < 2
      ? []
      : [
          {
            ...{ id: `belief-over-runs ${folder} ${model}`, kind: 'time' as const, stacked: false, unit: 'percent' as const },
            title: l10n.t('Belief over runs, with {0}', name),
            summary: l10n.t(
              'Chance that a try mends a usual bug, as believed after each of the newest runs that taught it: {0}.',
              count(over.length, speech),
            ),
            columns: [l10n.t('Run'), ...worked.map((operator) => workName(operator, speech))],
            rows: over.map(({ at, operators: then }) => [
              timeCell(at, speech),
              ...worked.map((operator) => shareCell(then.find((one) => one.operator === operator)?.now.chance, speech)),
            ]),
            series: worked.slice(0, colours.length).map((_, at) => ({ column: at + 1, colour: colours[at] ?? 'blue' })),
          },
        ]),
  ];
}

const timeCell = (at: number, { locale }: Speech): Cell => ({
  text: new Date(at).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' }),
  value: at / 1000,
});

function outcomeCharts({ teams }: Taught, folder: string, speech: Speech): ChartModel[] {
  const { l10n } = speech;
  const runs = outcomesHere(teams, folder);
  if (runs.length < 2) return [];
  const mean = (at: number, of: (run: (typeof runs)[number]) => number): number => {
    const some = runs.slice(Math.max(0, at + 1 - averaged), at + 1);
    return some.reduce((sum, run) => sum + of(run), 0) / some.length;
  };
  const summary = l10n.t(
    'Each point is the mean of the last {0} runs up to it; what a change of requests does to it is in it too.',
    averaged,
  );
  const chart = (id: string, title: string, unit: ChartModel['unit'], cell: (at: number) => Cell): ChartModel => ({
    ...{ id: `${id} ${folder}`, title, summary, unit, kind: 'time', stacked: false },
    columns: [l10n.t('Run'), title],
    rows: runs.map((run, at): Row => [timeCell(run.at, speech), cell(at)]),
    series: [{ column: 1, colour: 'blue' }],
  });
  return [
    chart('solved-over-runs', l10n.t('Solve rate over runs'), 'percent', (at) =>
      shareCell(
        mean(at, ({ solved }) => Number(solved)),
        speech,
      ),
    ),
    chart('tokens-over-runs', l10n.t('Tokens over runs'), 'tokens', (at) => counted(Math.round(mean(at, ({ tokens }) => tokens)), speech)),
  ];
}

const table = { kind: 'table', series: [], stacked: false, unit: 'count' } as const;

function teamsTable({ teams }: Taught, folder: string, speech: Speech): ChartModel[] {
  const { l10n } = speech;
  const known = libraryHere(teams, folder).teams;
  if (known.length === 0) return [];
  return [
    {
      ...{ ...table, series: [], id: `proved ${folder}`, title: l10n.t('Teams that runs proved') },
      summary: l10n.t('A team stands in for the usual one where it is clearly better, and is dropped where it is clearly worse.'),
      columns: [l10n.t('Team'), l10n.t('For'), l10n.t('Solved'), l10n.t('Runs'), l10n.t('Tokens each'), l10n.t('State')],
      rows: known.map(({ name, kind, solved, runs, tokens, dropped }) => [
        ...[named(visibleText(name)), named(kind), counted(solved, speech), counted(runs, speech), counted(Math.round(tokens), speech)],
        named(dropped ? l10n.t('dropped') : l10n.t('kept')),
      ]),
    },
  ];
}

function reliabilityTable({ reliability }: Taught, folder: string, speech: Speech): ChartModel[] {
  const { l10n } = speech;
  const tally = reliabilityHere(reliability, folder);
  if (tally.length === 0) return [];
  return [
    {
      ...{ ...table, series: [], id: `reliability ${folder}`, title: l10n.t('How far models can be relied on') },
      summary: l10n.t(
        'What of the calls came to nothing, by role and model. One that fails too often beyond doubt makes way for the other model in that role; only runs that were solved and kept count as solved.',
      ),
      columns: [
        ...[l10n.t('Role'), l10n.t('Model'), l10n.t('Runs'), l10n.t('Solved'), l10n.t('Calls'), l10n.t('Failed'), l10n.t('Silent')],
        ...[l10n.t('Unreadable'), l10n.t('In circles'), l10n.t('Breaches'), l10n.t('State')],
      ],
      rows: tally.map((row): Row => {
        const { role, model, runs, solved, calls, failures, breaches } = row;
        const { fails, silent, format, loops } = failures;
        return [
          ...[named(visibleText(role)), named(visibleText(model))],
          ...[runs, solved, calls, fails, silent, format, loops, breaches].map((value) => counted(value, speech)),
          named(isUnreliable(row) ? l10n.t('not relied on') : l10n.t('relied on')),
        ];
      }),
    },
  ];
}

function untaughtTable({ experience }: Taught, folder: string, speech: Speech): ChartModel[] {
  const { l10n } = speech;
  const words: Readonly<Record<Untaught, string>> = {
    changed: l10n.t('Its record was changed after it was written: it teaches nothing'),
    'not-over': l10n.t('It is not over'),
    refused: l10n.t('You refused the change or took it back: nothing good is learned of it'),
    'in-doubt': l10n.t('Its tests are in doubt: nothing good is learned of it'),
    unjudged: l10n.t('Its end says nothing of what was tried'),
    nothing: l10n.t('There was nothing in it to learn'),
  };
  const rows = [...untaughtHere(experience, folder)].map(([why, runs]): Row => [named(words[why]), counted(runs, speech)]);
  if (rows.length === 0) return [];
  return [
    {
      ...{ ...table, series: [], id: `untaught ${folder}`, title: l10n.t('What taught nothing') },
      summary: l10n.t('Of the newest runs here; why is not known of runs that were read by an earlier version.'),
      columns: [l10n.t('Why'), l10n.t('Runs')],
      rows,
    },
  ];
}

function lessonModel(lesson: RememberedLesson, speech: Speech): LessonModel {
  const { l10n } = speech;
  const { id, kind, role, directive, text, edited, shown, solved, without, dropped } = lesson;
  const title =
    kind === 'fix' ? l10n.t('What mended it, for {0}', visibleText(role)) : l10n.t('What did not mend it, for {0}', visibleText(role));
  return {
    id,
    title: edited ? l10n.t('{0} (edited by you)', title) : title,
    request: directive,
    standing: [
      shown === 0
        ? l10n.t('Not shown to any run yet.')
        : l10n.t(
            'Runs that were shown it: {0}, of which {1} solved ({2}).',
            count(shown, speech),
            count(solved, speech),
            percent(solved / shown, speech),
          ),
      l10n.t('Similar runs without it: {0}, of which {1} solved.', count(without.runs, speech), count(without.solved, speech)),
      ...(dropped ? [l10n.t('It is not shown any more: runs that were shown it do no better.')] : []),
    ].join(' '),
    text,
  };
}
