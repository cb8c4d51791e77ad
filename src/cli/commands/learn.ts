import path from 'node:path';
import { isUnreliable, type Reliability, shippedPrior, type WhatChanged } from '../../learning/index.ts';
import {
  changedHere,
  hardshipsHere,
  lessonsIn,
  libraryHere,
  readRetention,
  reliabilityHere,
  resetTaught,
  shownShare,
  type Taught,
  updateTaught,
} from '../../lessons/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { workspaceFolder } from '../../workspace/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../output/question.ts';
import { oneLine, table } from '../output/text.ts';
import { dataDirOf } from '../past.ts';

/** All that runs taught, brought up to their traces. A part that could not be read is said to be forgotten. */
async function read(cli: Cli): Promise<Taught> {
  // Without its rules nobody knows which runs may teach: said here, where a run goes on with what is known.
  await readRetention(dataDirOf(cli));
  const taught = await updateTaught(dataDirOf(cli), cli.clock, cli.signal);
  const { err } = cli.terminal;
  const parts = {
    'What was learned': taught.experience,
    'What was remembered': taught.memory,
    'The library of teams': taught.teams,
    'The tally of models': taught.reliability,
  };
  for (const [part, { damaged }] of Object.entries(parts))
    if (damaged)
      err.line(`${err.paint('yellow', 'warning:')} ${part} could not be read, so it is forgotten; runs from now on teach again.`);
  return taught;
}

export const learnStatusCommand: CommandAction<{ workspace?: string; json?: boolean }> = async (cli, _, options) => {
  const { out } = cli.terminal;
  const workspace = await workspaceFolder(path.resolve(cli.cwd, options.workspace ?? '.'));
  const { experience: report, memory: remembered, teams, reliability } = await read(cli);
  const { experience, since, damaged } = report;
  const here = changedHere(experience, workspace);
  const difficulty = hardshipsHere(experience, workspace);
  const library = libraryHere(teams, workspace);
  const tally = reliabilityHere(reliability, workspace);
  const lessons = lessonsIn(remembered, workspace);
  const memory = {
    lessons: lessons.length,
    dropped: lessons.filter(({ dropped }) => dropped).length,
    ...shownShare(remembered, workspace),
  };
  const { card } = shippedPrior;
  if (options.json) {
    printDocument(cli, 'learn-status', {
      runs: experience.runs,
      since: since || undefined,
      damaged,
      shipped: card,
      workspace,
      here,
      difficulty,
      memory,
      library,
      reliability: tally,
    });
    return exitCodes.done;
  }
  const from = since > 0 ? ` since ${new Date(since).toISOString().slice(0, 16).replace('T', ' ')} UTC` : '';
  out.line(
    `${counted(experience.runs, 'run')} of yours taught something${from}, beside the ${englishNumbers.count(card.draws)} recorded attempts on ${englishNumbers.count(card.problems)} problems that ship with Teamwright.`,
  );
  out.line('Plans for bugs that tests show use it, unless learning.schedule is off. Nothing of it leaves this machine.');
  if (here.length === 0)
    out.line(
      `Which work mends in ${oneLine(workspace)} is not known yet: a run teaches it when tests failed at its start and places, small changes or drafts were tried.`,
    );
  for (const changed of here) {
    out.line();
    out.line(`${oneLine(workspace)} with ${oneLine(changed.model)}, ${counted(changed.runs, 'run')}; for a usual bug:`);
    for (const line of rowsOf(changed, out.columns)) out.line(line);
    if (changed.roles.length > 0) out.line(`In debates, against a fair share: ${changed.roles.map(roleText).join(', ')}.`);
  }
  if (difficulty.length > 0) out.line();
  for (const { kind, runs, harder } of difficulty)
    out.line(
      `Difficulty of ${kind} here: ${Math.round(Math.abs(harder) * 100)} points ${harder > 0 ? 'harder' : 'easier'} than it looks, by ${counted(runs, 'run')}.`,
    );
  out.line();
  const kept = library.teams.filter(({ dropped }) => !dropped);
  out.line(
    `Library: ${counted(kept.length, 'team')} that solved something here, ${library.teams.length - kept.length} dropped as clearly worse; ${library.hits} of ${counted(library.runs, 'run')} took their team from it.`,
  );
  for (const { name, runId, kind, solved, runs, tokens } of kept)
    out.line(
      `  ${oneLine(name)} (${runId}), ${kind}: solved ${solved} of ${runs}, ${englishNumbers.count(Math.round(tokens))} tokens each`,
    );
  if (tally.length > 0) {
    out.line('How far models were to be relied on here; one that fails too often in a role makes way for the other model:');
    for (const line of tallyRows(tally, out.columns)) out.line(line);
  }
  const hits = memory.runs === 0 ? '' : `; ${memory.shown} of ${counted(memory.runs, 'run')} that began with failing tests were shown one`;
  out.line(`Memory: ${counted(memory.lessons, 'lesson')} here, ${memory.dropped} of them dropped as no help${hits}.`);
  return exitCodes.done;
};

const roleText = ({ role, worth, leftOut }: WhatChanged['roles'][number]): string =>
  `${oneLine(role)} ${englishNumbers.percent(worth)}${leftOut ? ' (left out of the next)' : ''}`;

type Row = WhatChanged['operators'][number];

const rowsOf = ({ operators }: WhatChanged, columns: number): string[] =>
  table<Row>(
    operators,
    [
      { title: 'work', text: ({ operator }) => operator },
      { title: 'tries here', align: 'right', text: ({ tries }) => String(tries) },
      { title: 'mends, as shipped', align: 'right', text: ({ shipped }) => englishNumbers.percent(shipped.chance) },
      { title: 'now', align: 'right', text: ({ now }) => englishNumbers.percent(now.chance) },
      { title: 'tokens, as shipped', align: 'right', text: ({ shipped }) => englishNumbers.count(shipped.tokens) },
      { title: 'now', align: 'right', text: ({ now }) => englishNumbers.count(now.tokens) },
    ],
    columns,
  );

const tallyRows = (tally: readonly Reliability[], columns: number): string[] =>
  table<Reliability>(
    tally,
    [
      { title: 'role', text: ({ role }) => oneLine(role) },
      { title: 'model', text: ({ model }) => oneLine(model) },
      { title: 'runs solved', align: 'right', text: ({ solved, runs }) => `${solved} of ${runs}` },
      { title: 'calls', align: 'right', text: ({ calls }) => englishNumbers.count(calls) },
      { title: 'failed', align: 'right', text: ({ failures }) => String(failures.fails) },
      { title: 'silent', align: 'right', text: ({ failures }) => String(failures.silent) },
      { title: 'unreadable', align: 'right', text: ({ failures }) => String(failures.format) },
      { title: 'in circles', align: 'right', text: ({ failures }) => String(failures.loops) },
      { title: 'breaches', align: 'right', text: ({ breaches }) => String(breaches) },
      { title: '', text: (row) => (isUnreliable(row) ? 'not relied on' : '') },
    ],
    columns,
  );

export const learnExportCommand: CommandAction<object> = async (cli) => {
  const { experience: report, memory, teams, reliability } = await read(cli);
  const { experience, since } = report;
  const { episodes, words } = memory;
  printDocument(cli, 'learned', {
    since: since || undefined,
    shipped: shippedPrior.card,
    ...experience,
    memory: { episodes, words },
    library: { runs: teams.runs, teams: teams.teams },
    reliability: reliability.runs,
  });
  return exitCodes.done;
};

export const learnResetCommand: CommandAction<{ yes?: boolean; json?: boolean }> = async (cli, _, options) => {
  const { err } = cli.terminal;
  const { experience } = (await read(cli)).experience;
  const runs = counted(experience.runs, 'run');
  if (!options.yes) {
    if (!cli.terminal.interactive) throw badArgument('Nobody can be asked whether to forget: this is not a terminal.', 'Add --yes.');
    if (!(await confirm(cli.terminal, `Forget what ${runs} taught?`, false, cli.signal))) return exitCodes.stopped;
  }
  await resetTaught(dataDirOf(cli), cli.clock);
  const left = leftIn(await read(cli));
  if (options.json) printDocument(cli, 'learn-reset', { runs: experience.runs, left });
  else {
    err.line(`Forgot what ${runs} taught. Plans are made by what ships with Teamwright; only runs from now on teach.`);
    err.line(
      `Read again, with all runs that lie there: ${left.runs} of them taught anything, ${counted(left.lessons, 'lesson')}, ${counted(left.teams, 'team')}, ${counted(left.tallied, 'run')} in the tally of models.`,
    );
  }
  return exitCodes.done;
};

/** What is believed and remembered beyond what ships. */
const leftIn = ({ experience, memory, teams, reliability }: Taught) => ({
  runs: experience.experience.runs,
  lessons: memory.episodes.filter(({ lesson }) => lesson !== undefined).length,
  teams: Object.keys(teams.teams).length,
  tallied: reliability.runs.length,
});
