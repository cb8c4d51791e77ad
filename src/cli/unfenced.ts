/** Where no fence works: a person is told why, and asked once for each workspace. */
import { giveConsent, hasConsent, type WorkspaceRun } from '../run/index.ts';
import type { Cli } from './context.ts';
import { confirm } from './output/question.ts';
import { oneLine } from './output/text.ts';
import { dataDirOf } from './past.ts';

/** `yes` of a script is no answer to it: `--no-fence` is, and `TEAMWRIGHT_FENCE` that says `off` or `if-possible`. */
export function askUnfenced(cli: Cli): NonNullable<WorkspaceRun['mayRunUnfenced']> {
  return async (reason, workspace) => {
    if (['off', 'if-possible'].includes(cli.env.TEAMWRIGHT_FENCE ?? '')) return true;
    const dataDir = dataDirOf(cli);
    if (await hasConsent(dataDir, 'unfenced', workspace)) return true;
    const { terminal } = cli;
    if (!terminal.interactive) return false;
    const { err } = terminal;
    err.line(`${err.paint('yellow', '!')} ${oneLine(`No fence works here: ${reason}.`)}`);
    err.line(
      'Tests and checks, with what a model wrote in them, would run as you: they could read and change your files and use the network.',
    );
    if (!(await confirm(terminal, 'Run them like that in this workspace, now and later?', false, cli.signal))) return false;
    await giveConsent(dataDir, 'unfenced', workspace, cli.clock());
    return true;
  };
}
