/** "Copy diagnostics": what someone who helps needs to know, without a secret and without a line of the user's code. */
import { release } from 'node:os';
import { describeDamage, fold, openRun, type RunListing } from '../trace/index.ts';
import type { EditorHost, Models, RunBook } from './flow-types.ts';
import { readSettings } from './settings/settings.ts';

export interface DiagnosticsPorts {
  readonly host: EditorHost;
  readonly runs: RunBook;
  readonly models: () => Promise<Models>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs whose failures are told when no run is named. */
const lastRuns = 5;

/** `runId`: the run it is about. The text names no file of the workspace; its folder's name stands for it. */
export async function diagnosticsText({ host, runs, models, env }: DiagnosticsPorts, runId: string | undefined): Promise<string> {
  const { vscode: api, context } = host;
  const folders = api.workspace.workspaceFolders ?? [];
  const listings = (await runs.list()).filter((listing) => runId === undefined || listing.runId === runId).slice(0, lastRuns);
  const sections = [
    [
      `Teamwright ${context.extension.packageJSON.version}`,
      `VS Code ${api.version} (${api.env.appName}, ${api.env.uiKind === api.UIKind.Web ? 'browser' : 'desktop'}, remote: ${api.env.remoteName ?? 'none'})`,
      `Node ${process.versions.node}, ${process.platform} ${process.arch} ${release()}`,
      `Workspace: ${folders.length} folder(s), ${api.workspace.isTrusted ? 'trusted' : 'restricted'}`,
    ],
    ['Settings that are not the default:', ...indent(changedSettings(host))],
    ['Models:', ...indent(await modelLines(models, folders[0]?.uri.fsPath))],
    ...(await Promise.all(listings.map((listing) => runLines(runs.dataDir, listing)))),
  ];
  return `${withoutKeys(sections.map((lines) => lines.join('\n')).join('\n\n'), env)}\n`;
}

const indent = (lines: readonly string[]): string[] => (lines.length === 0 ? ['  none'] : lines.map((line) => `  ${line}`));

function changedSettings({ vscode: api, context }: EditorHost): string[] {
  const { configuration } = context.extension.packageJSON.contributes as { configuration: { properties: Record<string, unknown> } };
  const lines = Object.keys(configuration.properties).flatMap((name) => {
    const found = api.workspace.getConfiguration().inspect(name);
    const value = found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
    return value === undefined ? [] : [`${name}: ${JSON.stringify(value)}`];
  });
  try {
    readSettings(api);
    return lines;
  } catch (error) {
    return [...lines, `problem: ${(error as Error).message}`];
  }
}

async function modelLines(models: () => Promise<Models>, workspace: string | undefined): Promise<readonly string[]> {
  try {
    return await (await models()).describe(workspace);
  } catch (error) {
    return [`problem: ${(error as Error).message}`];
  }
}

async function runLines(dataDir: string, { runId, status, summary, bytes }: RunListing): Promise<string[]> {
  const { events, damage } = await (await openRun(dataDir, runId)).read();
  const state = fold(events);
  const { spend } = summary;
  const failure = state.result?.failure;
  const failedSteps = state.steps.flatMap(({ step, failure: why }) =>
    why === undefined ? [] : [`step ${step}: ${why.code}: ${why.message}`],
  );
  return [
    `Run ${runId}: ${status}${summary.outcome === undefined ? '' : `, ${summary.outcome}`}, ${events.length} events, ${bytes} bytes`,
    ...indent([
      `program ${state.start?.program ?? 'unknown'}, designer ${state.start?.designer ?? 'unknown'}`,
      ...Object.entries(state.start?.models ?? {}).map(([tier, { endpoint, model }]) => `${tier}: ${model} at ${endpoint}`),
      `${spend.calls} calls, ${spend.inputTokens} + ${spend.outputTokens} tokens, $${spend.usd}, ${Math.round(spend.seconds)} s`,
      ...(failure === undefined ? [] : [`${failure.code}: ${failure.message}`]),
      ...failedSteps,
      ...describeDamage(damage),
    ]),
  ];
}

/** Values of variables that look like keys, wherever they may have come in. */
function withoutKeys(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(env)
    .filter(([name, value]) => /KEY|TOKEN|SECRET|PASSWORD/i.test(name) && (value?.length ?? 0) >= 6)
    .reduce((clean, [name, value]) => clean.replaceAll(value as string, `[${name}]`), text);
}
