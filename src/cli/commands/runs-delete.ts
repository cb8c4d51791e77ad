import { counted, englishNumbers } from '../../text/index.ts';
import { deleteRun } from '../../trace/index.ts';
import { forgetRun } from '../../workspace/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../output/question.ts';
import { dataDirOf, findRunId } from '../past.ts';

export const runsDeleteCommand: CommandAction<{ yes?: boolean; json?: boolean }> = async (cli, args, options) => {
  // All names are understood before the first run is deleted.
  const ids: string[] = [];
  for (const name of args) ids.push(await findRunId(cli, name));
  const unique = [...new Set(ids)];
  if (!options.yes) {
    if (!cli.terminal.interactive) throw badArgument('Nobody can be asked whether to delete: this is not a terminal.', 'Add --yes.');
    for (const id of unique) cli.terminal.err.line(`  ${id}`);
    if (!(await confirm(cli.terminal, `Delete ${counted(unique.length, 'run')} with everything recorded?`, false, cli.signal)))
      return exitCodes.stopped;
  }
  let freed = 0;
  for (const id of unique) {
    freed += await deleteRun(dataDirOf(cli), id);
    await forgetRun(dataDirOf(cli), id);
  }
  if (options.json) printDocument(cli, 'deleted', { runs: unique, bytes: freed });
  else cli.terminal.err.line(`Deleted ${counted(unique.length, 'run')} (${englishNumbers.bytes(freed)}).`);
  return exitCodes.done;
};
