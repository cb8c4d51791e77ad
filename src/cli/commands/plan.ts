import path from 'node:path';
import { renderBriefing } from '../../briefing/index.ts';
import { taughtByRuns } from '../../lessons/index.ts';
import { renderPlanText } from '../../plan/index.ts';
import { isThere } from '../../process/index.ts';
import { proposeOnWorkspace } from '../../run/index.ts';
import { printable } from '../../text/index.ts';
import { newRunId } from '../../trace/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { chooseModels } from '../models.ts';
import { dataDirOf } from '../past.ts';
import { writePlanFile } from '../plan-file.ts';
import { prepare, type RequestOptions } from '../prepare.ts';
import { isTrusted, type TrustOptions } from '../trust.ts';
import { askUnfenced } from '../unfenced.ts';
import { watchRun } from '../watch.ts';

export interface PlanOptions extends RequestOptions, TrustOptions {
  readonly out?: string;
  readonly force?: boolean;
}

export const planCommand: CommandAction<PlanOptions> = async (cli, [text = ''], options) => {
  const { out, err } = cli.terminal;
  const file = options.out === undefined ? undefined : path.resolve(cli.cwd, options.out);
  // Said before the design costs anything; the write itself checks again.
  if (file !== undefined && !options.force && (await isThere(file)))
    throw badArgument(`${file} exists already.`, 'Name another file, or add --force.');
  const prepared = await prepare(cli, text, options);
  const trusted = await isTrusted(cli, prepared, options);
  const models = await chooseModels({ cli, ...prepared, images: prepared.imageTexts.size > 0 }, options, cli.signal);
  const watch = watchRun(cli);
  try {
    const proposal = await proposeOnWorkspace(
      {
        runId: newRunId(cli.clock, cli.random),
        workspace: prepared.workspace,
        request: prepared.request,
        imageTexts: prepared.imageTexts,
        dataDir: dataDirOf(cli),
        models: models.set,
        designer: prepared.designer,
        ...taughtByRuns(
          { dataDir: dataDirOf(cli), workspace: prepared.workspace, clock: cli.clock },
          prepared.settings.learning,
          cli.signal,
        ),
        settings: prepared.runSettings,
        trusted,
        mayRunUnfenced: (reason, workspace) => watch.still(() => askUnfenced(cli)(reason, workspace)),
        onDelta: watch.onDelta,
        // The trace calls a plan that was only looked at declined; that is no news here.
        onEvent: (event) => (event.type === 'plan.declined' ? undefined : watch.onEvent(event)),
        program: cli.program,
        secrets: models.secrets,
        clock: cli.clock,
      },
      cli.signal,
    );
    watch.stop();
    if (options.json) {
      const { plan, hash, origin, reason, estimate, expectation, recalled, analysis, briefing } = proposal;
      printDocument(cli, 'plan', {
        hash,
        origin,
        reason,
        plan,
        estimate,
        expectation,
        recalled,
        complexity: analysis.complexity,
        briefing,
        trusted,
        file,
      });
    } else {
      err.line(printable(renderBriefing(proposal.briefing, trusted)));
      if (!trusted) err.line(`${err.paint('yellow', '!')} ${untested}`);
      err.line();
      out.write(printable(renderPlanText(proposal.plan, proposal.analysis, { width: Math.min(100, out.columns), ...proposal })));
    }
    if (file !== undefined) {
      await writePlanFile(file, proposal.plan, options.force ?? false);
      err.line(`${err.paint('green', '✓')} written to ${file}; run it with: teamwright run "…" --designer ${path.relative(cli.cwd, file)}`);
    }
    return exitCodes.done;
  } finally {
    watch.stop();
    await models.close();
  }
};

const untested = 'This folder was not trusted yet: its tests were not run, and the plan was made without them. Add --trust to run them.';
