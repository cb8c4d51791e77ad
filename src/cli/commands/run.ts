import { type CarryOutOptions, carryOut, requireReviewer } from '../carry-out.ts';
import type { CommandAction } from '../context.ts';
import { chooseModels } from '../models.ts';
import { findRunId } from '../past.ts';
import { prepare, type RequestOptions } from '../prepare.ts';
import { requireTrust, type TrustOptions } from '../trust.ts';

export interface RunOptions extends RequestOptions, CarryOutOptions, TrustOptions {
  /** The run this one follows up. */
  readonly after?: string;
}

export const runCommand: CommandAction<RunOptions> = async (cli, [text = ''], options) => {
  requireReviewer(cli, options);
  const prepared = await prepare(cli, text, options);
  await requireTrust(cli, { workspace: prepared.workspace, testCommand: prepared.runSettings.testCommand }, options);
  const continues = options.after === undefined ? undefined : ({ runId: await findRunId(cli, options.after), how: 'follow-up' } as const);
  const models = await chooseModels({ cli, ...prepared, images: prepared.imageTexts.size > 0 }, options, cli.signal);
  const { workspace, request, imageTexts, designer, runSettings: settings } = prepared;
  return carryOut(cli, { workspace, request, imageTexts, designer, settings, continues }, models, prepared.settings, options);
};
