/** Turning sharing on and off, what it did, and taking it back. */

import {
  defaultHub,
  environmentSaysNo,
  itemText,
  parseTarget,
  type SharedItem,
  type SharingLevel,
  targetText,
} from '../../lessons/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../output/question.ts';
import { type Column, oneLine, table, writeDocument } from '../output/text.ts';
import { sharingOf, workspaceFolder } from '../sharing.ts';

interface ShareOptions {
  readonly workspace?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

const levelWords: Readonly<Record<SharingLevel, string>> = {
  plans: 'plans, models, test counts and rewards; no code, no request',
  diffs: 'the same, with the request, the change and your reasons',
  everything: 'the same, with the briefing, every prompt and every reply',
};

export const shareStatusCommand: CommandAction<ShareOptions> = async (cli, _args, options) => {
  const sharing = await sharingOf(cli);
  const consents = await sharing.consents();
  const items = await sharing.items();
  const against = environmentSaysNo(cli.env);
  if (options.json) {
    printDocument(cli, 'share', { workspaces: consents, against, items });
    return exitCodes.done;
  }
  const { out } = cli.terminal;
  const opted = Object.entries(consents);
  if (opted.length === 0) out.line('Sharing is off. Nothing leaves this machine.');
  for (const [workspace, { level, target }] of opted)
    out.line(oneLine(`on for ${workspace}: ${levelWords[level]}; to ${targetText(target)}`));
  if (against !== undefined) out.line(`Nothing is sent while this holds: ${against}`);
  if (items.length > 0) {
    out.line();
    for (const line of table(items, itemColumns, out.columns)) out.line(line);
  }
  return exitCodes.done;
};

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

const itemColumns: readonly Column<SharedItem>[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'WHEN', text: ({ sharedAt, queuedAt }) => day(sharedAt ?? queuedAt) },
  { title: 'SIZE', text: (item) => englishNumbers.bytes(item.bytes), align: 'right' },
  { title: 'SHA-256', text: ({ sha256 }) => sha256.slice(0, 12) },
  { title: 'WHERE', text: ({ target }) => targetText(target) },
  { title: 'STATE', text: itemText, gives: true },
];

export const shareOnCommand: CommandAction<ShareOptions & { level: SharingLevel; to?: string }> = async (cli, _args, options) => {
  const { err } = cli.terminal;
  if (options.to === undefined) throw badArgument('It is not said where to.', 'Add --to hf:USER/DATASET, or --to https://…');
  const target = parseTarget(options.to, cli.env.HF_ENDPOINT || defaultHub);
  const workspace = await workspaceFolder(cli, options.workspace);
  if (!options.yes) {
    if (!cli.terminal.interactive) throw badArgument('Nobody can be asked for the opt-in: this is not a terminal.', 'Add --yes.');
    err.line(oneLine(`From ${workspace} to ${targetText(target)}: ${levelWords[options.level]}.`));
    err.line('Nothing is sent by itself: each run is shown as it would go, redacted, and you say yes to it.');
    if (!(await confirm(cli.terminal, 'Turn sharing on for this workspace?', false, cli.signal))) return exitCodes.stopped;
  }
  const sharing = await sharingOf(cli);
  await sharing.turnOn(workspace, options.level, target);
  if (options.json) printDocument(cli, 'share-on', { workspace, level: options.level, target });
  else err.line(`Sharing is on for ${oneLine(workspace)}. See what would go: teamwright share preview last`);
  return exitCodes.done;
};

export const shareOffCommand: CommandAction<ShareOptions> = async (cli, _args, options) => {
  const workspace = await workspaceFolder(cli, options.workspace);
  await (await sharingOf(cli)).turnOff(workspace);
  if (options.json) printDocument(cli, 'share-off', { workspace });
  else
    cli.terminal.err.line(`Sharing is off for ${oneLine(workspace)}. What was shared stays where it is; \`share withdraw\` takes it back.`);
  return exitCodes.done;
};

/** The kept payload of an item: what was sent, letter by letter. */
export const shareShowCommand: CommandAction<ShareOptions> = async (cli, [id = ''], options) => {
  const sharing = await sharingOf(cli);
  const item = (await sharing.items()).find((each) => each.id === id || each.id.startsWith(id));
  const text = item === undefined ? undefined : await sharing.payloadText(item.id);
  if (text === undefined) throw badArgument(`No payload is kept for "${id}".`, '`teamwright share status` shows what was shared.');
  if (options.json) printDocument(cli, 'share-item', { item, text });
  else writeDocument(cli.terminal.out, text);
  return exitCodes.done;
};

export const shareDeleteCommand: CommandAction<ShareOptions> = async (cli, ids, options) => {
  const sharing = await sharingOf(cli);
  const items: SharedItem[] = [];
  for (const id of ids) items.push(await sharing.takeBack(id, cli.signal));
  return tellTakenBack(cli, items, options);
};

function tellTakenBack(cli: Cli, items: readonly SharedItem[], options: ShareOptions): (typeof exitCodes)[keyof typeof exitCodes] {
  if (options.json) printDocument(cli, 'share-deleted', { items });
  else for (const item of items) cli.terminal.err.line(oneLine(`${item.id}: ${itemText(item)}${historyNote(item)}`));
  return items.every(({ status }) => status === 'deleted' || status === 'removed') ? exitCodes.done : exitCodes.environment;
}

const historyNote = ({ target, status }: SharedItem): string =>
  target.kind === 'hugging-face' && status === 'deleted'
    ? ' (the history of the data set keeps it until you squash it or delete the data set)'
    : '';

export const shareWithdrawCommand: CommandAction<ShareOptions & { delete?: boolean }> = async (cli, _args, options) => {
  const { err } = cli.terminal;
  const sharing = await sharingOf(cli);
  const workspace = await workspaceFolder(cli, options.workspace);
  const { removed, outThere } = await sharing.withdraw(workspace);
  if (!options.json) err.line(oneLine(`Sharing is off for ${workspace}; ${counted(removed.length, 'payload')} taken out of the queue.`));
  const wanted = outThere.length > 0 && (options.delete ?? (await offersDeletion(cli, outThere)));
  const items: SharedItem[] = [];
  if (wanted) for (const item of outThere) items.push(await sharing.takeBack(item.id, cli.signal));
  else if (outThere.length > 0 && !options.json) {
    err.line(`${counted(outThere.length, 'payload')} still out there. To ask for their deletion: teamwright share withdraw --delete`);
  }
  if (options.json) {
    printDocument(cli, 'share-withdrawn', { workspace, removed, outThere: outThere.map(({ id }) => id), items });
    return items.every(({ status }) => status === 'deleted') ? exitCodes.done : exitCodes.environment;
  }
  return items.length === 0 ? exitCodes.done : tellTakenBack(cli, items, options);
};

async function offersDeletion(cli: Cli, items: readonly SharedItem[]): Promise<boolean> {
  if (!cli.terminal.interactive) return false;
  for (const item of items) cli.terminal.err.line(oneLine(`  ${item.id} at ${targetText(item.target)}`));
  return await confirm(cli.terminal, `Ask for the deletion of ${items.length === 1 ? 'it' : 'them'}?`, true, cli.signal);
}
