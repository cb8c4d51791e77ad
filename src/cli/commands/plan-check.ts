import path from 'node:path';
import { type AnalysisFacts, isError, pricePlan, problemText, renderPlanText } from '../../plan/index.ts';
import { counted, printable } from '../../text/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { oneLine } from '../output/text.ts';
import { checkPlanText, isRunnable, readPlanText } from '../plan-file.ts';

const free = { input: 0, cachedInput: 0, output: 0, known: true };
const twoCores = { read: 35, write: 12 };

/** A file says nothing of the workspace it will meet; the price is for this middling one, with the embedded model on two cores. */
const referenceFacts: AnalysisFacts = {
  promptTokens: 1500,
  replyTokens: 600,
  noteTokens: 150,
  tokensPerSecond: { worker: twoCores, strong: twoCores },
  prices: { worker: free, strong: free },
  testSeconds: 2,
  parallel: 2,
};
const reference =
  'priced for a prompt of 1,500 tokens, replies of 600 and tests of 2 s, with the embedded model on two cores; `teamwright plan` prices for a workspace';

export const planCheckCommand: CommandAction<{ json?: boolean }> = async (cli, [file = ''], options) => {
  const { out, err } = cli.terminal;
  const checked = checkPlanText(await readPlanText(path.resolve(cli.cwd, file)));
  const runnable = isRunnable(checked);
  const analysis = runnable && checked.plan !== undefined ? pricePlan(checked.plan, referenceFacts) : undefined;
  const exit = runnable ? exitCodes.done : exitCodes.badUse;
  if (options.json) {
    printDocument(cli, 'plan-check', {
      exit,
      valid: runnable,
      hash: checked.hash,
      problems: checked.problems,
      estimate: analysis?.estimate,
      complexity: analysis?.complexity,
    });
    return exit;
  }
  for (const problem of checked.problems)
    err.line(`${oneLine(file)}:${err.paint(isError(problem) ? 'red' : 'yellow', printable(problemText(problem)))}`);
  if (checked.plan === undefined || analysis === undefined) {
    const errors = checked.problems.filter(isError).length;
    err.line(`${err.paint('red', '✗')} ${oneLine(file)} cannot run: ${counted(errors, 'error')}`);
    return exit;
  }
  out.write(printable(renderPlanText(checked.plan, analysis, { width: Math.min(100, out.columns) })));
  err.line(err.paint('dim', reference));
  err.line(`${err.paint('green', '✓')} valid, ${checked.hash?.slice(0, 12)}`);
  return exit;
};
