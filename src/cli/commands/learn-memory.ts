/** What is remembered of earlier runs in a workspace: shown, written anew, deleted. */
import path from 'node:path';
import { lessonsIn, longestLesson, type RememberedLesson, sayOfLesson, updateTaught } from '../../lessons/index.ts';
import { counted, englishNumbers, printable } from '../../text/index.ts';
import { workspaceFolder } from '../../workspace/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { editText } from '../editor.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../output/question.ts';
import { oneLine, table } from '../output/text.ts';
import { dataDirOf } from '../past.ts';

interface Options {
  readonly workspace?: string;
  readonly json?: boolean;
}

async function lessonsHere(
  cli: Cli,
  options: Options,
): Promise<{ readonly workspace: string; readonly lessons: readonly RememberedLesson[] }> {
  const workspace = await workspaceFolder(path.resolve(cli.cwd, options.workspace ?? '.'));
  const report = (await updateTaught(dataDirOf(cli), cli.clock, cli.signal)).memory;
  const { err } = cli.terminal;
  if (report.damaged)
    err.line(
      `${err.paint('yellow', 'warning:')} What was remembered could not be read, so it is forgotten; runs from now on are remembered again.`,
    );
  return { workspace, lessons: lessonsIn(report, workspace) };
}

/** An id may be shortened as long as it names one lesson. */
async function named(cli: Cli, id: string, options: Options): Promise<RememberedLesson> {
  const { workspace, lessons } = await lessonsHere(cli, options);
  const found = lessons.filter((lesson) => lesson.id.startsWith(id));
  const [lesson, other] = lessons.filter((one) => one.id === id).concat(found);
  if (lesson === undefined)
    throw badArgument(`Nothing is remembered in ${oneLine(workspace)} as "${id}".`, 'See: teamwright learn memory list');
  if (other !== undefined && other.id !== lesson.id) throw badArgument(`"${id}" names more than one lesson.`, 'Write more of it.');
  return lesson;
}

const { count } = englishNumbers;
const standing = ({ dropped, shown, solved }: RememberedLesson): string =>
  shown === 0 ? 'not shown yet' : `${dropped ? 'dropped: no help' : 'shown'}, ${solved} of ${shown} solved`;
const firstLine = (text: string): string => text.split('\n').find((line) => /^[+-]/.test(line)) ?? text.split('\n')[0] ?? '';

export const memoryListCommand: CommandAction<Options> = async (cli, _, options) => {
  const { workspace, lessons } = await lessonsHere(cli, options);
  const { out } = cli.terminal;
  if (options.json) {
    printDocument(cli, 'learn-memory', { workspace, lessons });
    return exitCodes.done;
  }
  if (lessons.length === 0)
    out.line(`Nothing is remembered in ${oneLine(workspace)} yet: a run is, when tests failed at its start and one call was not enough.`);
  const columns = [
    { title: 'lesson', text: ({ id }: RememberedLesson) => id },
    { title: 'for', text: ({ role, kind }: RememberedLesson) => `${role}, ${kind}` },
    { title: 'so far', text: standing },
    { title: 'request', text: ({ directive }: RememberedLesson) => directive },
    { title: 'text', text: ({ text }: RememberedLesson) => firstLine(text) },
  ];
  for (const line of lessons.length === 0 ? [] : table(lessons, columns, out.columns)) out.line(line);
  return exitCodes.done;
};

export const memoryShowCommand: CommandAction<Options> = async (cli, [id = ''], options) => {
  const lesson = await named(cli, id, options);
  const { out } = cli.terminal;
  if (options.json) {
    printDocument(cli, 'learn-memory-lesson', { lesson });
    return exitCodes.done;
  }
  const { own, without, calls, state } = lesson;
  const tests = ({ passed, failed }: { passed: number; failed: number }): string => `${count(passed)} passed, ${count(failed)} failed`;
  out.line(
    printable(`${lesson.id}, ${lesson.kind} for the ${lesson.role}${lesson.edited ? ', edited by you' : ''} (${lesson.generation})`),
  );
  out.line(printable(`Request: ${lesson.directive}`));
  out.line(
    printable(
      `Before: ${tests(own.before)}; ${[state.language, state.runner, ...state.errors].filter(Boolean).join(', ')}; names ${state.names.join(', ') || 'none'}`,
    ),
  );
  out.line(`After ${counted(own.calls, 'call')}: ${own.after === undefined ? 'nothing was tested' : tests(own.after)}`);
  const shown = calls === undefined ? '' : `, about ${counted(Math.round(calls), 'call')} each`;
  out.line(
    `Runs that were shown it: ${count(lesson.solved)} of ${count(lesson.shown)} solved${shown}. Similar ones without it: ${count(without.solved)} of ${count(without.runs)} solved, about ${counted(Math.round(without.calls), 'call')} each.`,
  );
  if (lesson.dropped) out.line('It is not shown any more: runs that were shown it do no better than those without.');
  out.line();
  out.write(printable(`${lesson.text}\n`));
  return exitCodes.done;
};

export const memoryEditCommand: CommandAction<Options & { text?: string }> = async (cli, [id = ''], options) => {
  const lesson = await named(cli, id, options);
  if (options.text === undefined && !cli.terminal.interactive)
    throw badArgument('Nobody can write the lesson: this is not a terminal.', 'Add --text "…".');
  const text = (options.text ?? (await editText(cli, 'lesson.txt', lesson.text, cli.signal)) ?? '').trim();
  if (text === '') throw badArgument('The lesson is empty.', `To be rid of it: teamwright learn memory delete ${lesson.id}`);
  if (text.length > longestLesson) throw badArgument(`The lesson is longer than ${count(longestLesson)} characters.`, 'Make it shorter.');
  await sayOfLesson(dataDirOf(cli), lesson.id, { text }, cli.clock);
  if (options.json) printDocument(cli, 'learn-memory-edit', { id: lesson.id, text });
  else cli.terminal.err.line(`Agents are shown your words from now on, in place of ${lesson.id}.`);
  return exitCodes.done;
};

export const memoryDeleteCommand: CommandAction<Options & { yes?: boolean }> = async (cli, [id = ''], options) => {
  const lesson = await named(cli, id, options);
  if (!options.yes) {
    if (!cli.terminal.interactive) throw badArgument('Nobody can be asked whether to delete: this is not a terminal.', 'Add --yes.');
    if (!(await confirm(cli.terminal, `Delete ${lesson.id}?`, false, cli.signal))) return exitCodes.stopped;
  }
  await sayOfLesson(dataDirOf(cli), lesson.id, { deleted: true }, cli.clock);
  if (options.json) printDocument(cli, 'learn-memory-delete', { id: lesson.id });
  else cli.terminal.err.line(`Deleted: nobody is shown ${lesson.id} any more.`);
  return exitCodes.done;
};
