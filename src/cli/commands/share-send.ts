/** A run is shown exactly as it would go, and goes only after a yes to exactly that. */

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText, TeamwrightError, throwIfStopped } from '../../errors.ts';
import type { Draft, DrainReport, Payload, SharedItem, Sharing, SharingLevel } from '../../lessons/index.ts';
import { itemText, targetText } from '../../lessons/index.ts';
import { counted, englishNumbers, printable } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { editText } from '../editor.ts';
import { exitCodes } from '../exit-codes.ts';
import { askLine, forgetTyped } from '../output/question.ts';
import { oneLine, writeDocument } from '../output/text.ts';
import { findRunId } from '../past.ts';
import { sharingOf } from '../sharing.ts';

interface SendOptions {
  readonly level?: SharingLevel;
  readonly approve?: string;
  readonly file?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export const sharePreviewCommand: CommandAction<SendOptions> = async (cli, [name = ''], options) => {
  const sharing = await sharingOf(cli);
  const draft = await sharing.draft(await findRunId(cli, name), options.level);
  const { payload } = draft;
  if (options.out !== undefined) await writeTo(path.resolve(cli.cwd, options.out), payload.text);
  if (options.json) printDocument(cli, 'share-preview', factsOf(draft, payload));
  else {
    if (options.out === undefined) writeDocument(cli.terminal.out, payload.text);
    for (const line of summary(draft, payload)) cli.terminal.err.line(line);
    cli.terminal.err.line(
      `To send exactly this: teamwright share send ${draft.runId} --level ${draft.level} --approve ${payload.hash.slice(0, 16)}`,
    );
  }
  return exitCodes.done;
};

async function writeTo(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    throw badArgument(`${file} cannot be written: ${errorText(error)}.`, 'Name a file in a folder that is there.');
  }
}

const factsOf = ({ runId, workspace, level }: Draft, { hash, text, report }: Payload): object => ({
  runId,
  workspace,
  level,
  hash,
  bytes: Buffer.byteLength(text),
  redacted: report,
});

function summary({ runId, level }: Draft, { hash, text, report }: Payload): string[] {
  const replaced = Object.entries(report.replaced).map(([kind, times]) => `${times} × ${kind}`);
  return [
    oneLine(
      `Run ${runId}, ${level}: ${counted(text.trimEnd().split('\n').length, 'line')}, ${englishNumbers.bytes(Buffer.byteLength(text))}, sha256 ${hash.slice(0, 16)}`,
    ),
    replaced.length === 0 ? 'Redaction found nothing to replace.' : `Redacted: ${replaced.join(', ')}.`,
  ];
}

/** Without a run: sends what waits. */
export const shareSendCommand: CommandAction<SendOptions> = async (cli, [name], options) => {
  const sharing = await sharingOf(cli);
  let item: SharedItem | undefined;
  if (name !== undefined) {
    const draft = await sharing.draft(await findRunId(cli, name), options.level);
    // Before anybody reads for nothing.
    const no = await sharing.blocked(draft.workspace);
    if (no !== undefined) throw new TeamwrightError('sharing-off', { workspace: draft.workspace, against: no });
    const payload = await approved(cli, sharing, draft, options);
    if (payload === undefined) return exitCodes.stopped;
    item = await sharing.approve(draft, payload);
    if (item.status === 'refused') await sharing.retry(item.id);
  }
  const report = await drainPatiently(cli, sharing, item?.id);
  return await tell(cli, sharing, report, item?.id, options);
};

/** The payload the user said yes to: by its hash, or at the terminal. Undefined: no. */
async function approved(cli: Cli, sharing: Sharing, draft: Draft, options: SendOptions): Promise<Payload | undefined> {
  const payload = options.file === undefined ? draft.payload : await fromFile(cli, draft, options.file);
  if (options.approve !== undefined) {
    if (options.approve.length >= 12 && payload.hash.startsWith(options.approve)) return payload;
    throw badArgument(
      `The payload is ${payload.hash.slice(0, 16)} and not ${oneLine(options.approve)}: it is not what was looked at.`,
      'Look at it again: teamwright share preview.',
    );
  }
  if (!cli.terminal.interactive) {
    throw badArgument(
      'Nobody can be asked: this is not a terminal.',
      'Look first (`share preview`), then name what you saw with --approve HASH.',
    );
  }
  return await askAtTerminal(cli, sharing, draft, payload);
}

async function fromFile(cli: Cli, draft: Draft, file: string): Promise<Payload> {
  let text: string;
  try {
    text = await readFile(path.resolve(cli.cwd, file), 'utf8');
  } catch (error) {
    throw badArgument(`${file} cannot be read: ${errorText(error)}.`, '`teamwright share preview RUN --out FILE` writes one.');
  }
  const payload = await draft.edited(text);
  if (payload.text.trimEnd() === text.trimEnd()) return payload;
  throw badArgument(`${file} holds something that redaction takes out.`, 'Take it out yourself, so that what goes is what you see.');
}

async function askAtTerminal(cli: Cli, sharing: Sharing, draft: Draft, first: Payload): Promise<Payload | undefined> {
  const { err } = cli.terminal;
  const consent = (await sharing.consents())[draft.workspace];
  let payload = first;
  show(cli, draft, payload);
  await forgetTyped(cli.terminal);
  for (;;) {
    const question = `Send this to ${consent === undefined ? '?' : oneLine(targetText(consent.target))}? [y]es, [N]o, [e]dit, [v]iew again `;
    const answer = (await askLine(cli.terminal, question, cli.signal))?.toLowerCase();
    if (answer === 'y' || answer === 'yes') return payload;
    if (answer === undefined || answer === '' || answer === 'n' || answer === 'no') return undefined;
    if (answer === 'e' || answer === 'edit') {
      const before = await editText(cli, `${draft.runId}.jsonl`, payload.text, cli.signal);
      payload = await draft.edited(before);
      if (payload.text.trimEnd() !== before.trimEnd()) err.line('Redaction found something in what you wrote, and replaced it.');
    }
    show(cli, draft, payload);
  }
}

function show(cli: Cli, draft: Draft, payload: Payload): void {
  cli.terminal.err.write(printable(payload.text));
  for (const line of summary(draft, payload)) cli.terminal.err.line(line);
}

/** How long a failure that may pass is waited for, ms; what is still there then waits in the queue. */
const patienceMs = 20_000;

async function drainPatiently(cli: Cli, sharing: Sharing, id: string | undefined): Promise<DrainReport> {
  const until = cli.clock() + patienceMs;
  const shared: string[] = [];
  for (;;) {
    const report = await sharing.drain(cli.signal);
    shared.push(...report.shared);
    const due = report.waiting.find((item) => item.id === id)?.retryAt;
    if (due === undefined || due > until) return { ...report, shared };
    await sleep(Math.max(0, due - cli.clock()), undefined, { signal: cli.signal }).catch((error: unknown) => {
      throwIfStopped(cli.signal);
      throw error;
    });
  }
}

async function tell(
  cli: Cli,
  sharing: Sharing,
  report: DrainReport,
  id: string | undefined,
  options: SendOptions,
): Promise<(typeof exitCodes)[keyof typeof exitCodes]> {
  const items = await sharing.items();
  const item = items.find((each) => each.id === id);
  const left = id === undefined ? report.waiting.length > 0 : item?.status !== 'shared';
  if (options.json) printDocument(cli, 'share-sent', { ...report, item });
  else {
    const { err } = cli.terminal;
    if (report.busy) err.line('Another process is sending; it takes this along.');
    for (const sent of items.filter((each) => report.shared.includes(each.id)))
      err.line(oneLine(`${sent.id}: shared at ${targetText(sent.target)}`));
    for (const { id: waiting, why } of report.waiting) {
      const state = items.find((each) => each.id === waiting);
      err.line(oneLine(`${waiting}: ${state === undefined || state.problem === undefined ? `waiting: ${why}` : itemText(state)}`));
    }
    if (left && !report.busy) err.line('What waits is tried again by `teamwright share send`.');
    if (id === undefined && report.shared.length === 0 && report.waiting.length === 0) err.line('Nothing waits to be sent.');
    if (item?.status === 'shared' && !report.shared.includes(item.id)) err.line(oneLine(`${item.id}: shared before, and not sent again`));
  }
  return left && !report.busy ? exitCodes.environment : exitCodes.done;
}
