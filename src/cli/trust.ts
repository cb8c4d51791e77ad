/** Nothing of a folder is started before the user trusts it: asked once at a terminal, with what would be started. */
import { findSuites } from '../feedback/index.ts';
import { giveConsent, hasConsent } from '../run/index.ts';
import { badArgument } from './bad-argument.ts';
import type { Cli } from './context.ts';
import { confirm } from './output/question.ts';
import { oneLine } from './output/text.ts';
import { dataDirOf } from './past.ts';

export interface TrustOptions {
  readonly trust?: boolean;
}

interface Untrusted {
  /** Absolute real path. */
  readonly workspace: string;
  readonly testCommand?: string;
}

/** Whether the user trusts the folder: said now, said earlier, or of a folder around it. What is said now is remembered. Asks nobody. */
export async function isTrusted(cli: Cli, { workspace }: Untrusted, { trust }: TrustOptions): Promise<boolean> {
  const dataDir = dataDirOf(cli);
  if (await hasConsent(dataDir, 'trust', workspace)) return true;
  if (!trust && cli.env.TEAMWRIGHT_TRUST !== '1') return false;
  await giveConsent(dataDir, 'trust', workspace, cli.clock());
  return true;
}

/** Throws `bad-argument` when the user does not trust the folder, or nobody is there to say so: `--yes` is about plans. */
export async function requireTrust(cli: Cli, place: Untrusted, options: TrustOptions): Promise<void> {
  if (await isTrusted(cli, place, options)) return;
  const { workspace } = place;
  const { terminal } = cli;
  const starts = await whatStarts(place, cli.signal);
  const refused = badArgument(
    `${workspace} was not trusted yet, so nothing of it is started. A run starts ${starts}.`,
    'Add --trust if you trust this folder; it is remembered. To look first: teamwright plan "…".',
  );
  if (!terminal.interactive) throw refused;
  const { err } = terminal;
  err.line(`${err.paint('yellow', '!')} ${oneLine(`Nothing of ${workspace} was started so far. A run starts ${starts}.`)}`);
  if (!(await confirm(terminal, 'Do you trust this folder, now and later?', false, cli.signal))) throw refused;
  await giveConsent(dataDirOf(cli), 'trust', workspace, cli.clock());
}

/** Test commands that are told. */
const mostNamed = 8;

/** Read from files alone. */
async function whatStarts({ workspace, testCommand }: Untrusted, signal: AbortSignal): Promise<string> {
  const suites = await findSuites(workspace, { testCommand, startNothing: true }, signal);
  const tests = [...new Set(suites.map(({ display }) => display))].slice(0, mostNamed).join('; ');
  return `${tests === '' ? 'its tests, when it has some' : `its tests (${tests})`}, its type checker and linter, and what these start: programs and scripts of that folder`;
}
