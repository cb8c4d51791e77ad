import { embeddedId } from '../../model-choice/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { setupWithProgress } from '../embedded.ts';
import { exitCodes } from '../exit-codes.ts';

export const modelSetupCommand: CommandAction<{ json?: boolean }> = async (cli, [size], options) => {
  const model = embeddedId(size);
  const changed = await setupWithProgress(cli, model, cli.signal);
  if (options.json) printDocument(cli, 'model-setup', { model, changed });
  return exitCodes.done;
};
