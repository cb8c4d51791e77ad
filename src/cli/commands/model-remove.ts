import { list, remove } from '../../local-model/index.ts';
import { embeddedId } from '../../model-choice/index.ts';
import { englishNumbers } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../output/question.ts';

export const modelRemoveCommand: CommandAction<{ yes?: boolean; json?: boolean }> = async (cli, [size], options) => {
  const { err } = cli.terminal;
  const wanted = size === undefined ? undefined : embeddedId(size);
  const there = (await list({}, cli.signal)).filter(
    (entry) => (wanted === undefined || entry.model.id === wanted) && (entry.installed || entry.partial),
  );
  if (there.length > 0 && !options.yes) {
    if (!cli.terminal.interactive) throw badArgument('Nobody can be asked whether to delete: this is not a terminal.', 'Add --yes.');
    for (const entry of there)
      err.line(`  ${entry.model.title}, ${entry.installed ? englishNumbers.bytes(entry.model.bytes) : 'partly downloaded'}`);
    if (!(await confirm(cli.terminal, 'Delete these weights?', false, cli.signal))) return exitCodes.stopped;
  }
  const removed: string[] = [];
  for (const { model } of there) if (await remove(model.id, {}, cli.signal)) removed.push(model.id);
  if (options.json) printDocument(cli, 'model-removed', { removed });
  else err.line(removed.length === 0 ? 'There was nothing to delete.' : `Deleted: ${removed.join(', ')}`);
  return exitCodes.done;
};
