/**
 * Sharing and privacy in the editor. VS Code's telemetry switch is part of the gate that is asked before every upload, and stops one under way the
 * moment it is turned off. The core in `lessons/` does the work.
 */
import { isTeamwrightError } from '../../errors.ts';
import type { EditorHost, EditorPart } from '../flow-types.ts';
import type { RunArgument } from '../runs/commands.ts';
import { showItems, withdraw, withStop } from './items.ts';
import { type SharingPartPorts, sharingIn, telemetrySaysNo } from './ports.ts';
import { deleteAll, exclude } from './privacy.ts';
import { createSending } from './send.ts';
import { turnOff, turnOn } from './turn-on.ts';

export type { SharingPartPorts } from './ports.ts';

export async function createSharing(host: EditorHost, ports: SharingPartPorts): Promise<EditorPart> {
  const { vscode: api } = host;
  const { l10n, window } = api;
  const sharing = await sharingIn(host, ports);
  const ended = new AbortController();
  /** Several at once: one sends, the others find it busy. */
  const underWay = new Set<AbortController>();
  let timer: NodeJS.Timeout | undefined;

  /** Sends what is due; what waits for another try is tried again by itself while the window is open. */
  const drain = async (signal: AbortSignal): Promise<{ shared: number; why: string | undefined }> => {
    const switched = new AbortController();
    underWay.add(switched);
    try {
      const report = await sharing.drain(AbortSignal.any([signal, switched.signal, ended.signal]));
      later(Math.min(...report.waiting.flatMap(({ retryAt }) => retryAt ?? [])));
      return { shared: report.shared.length, why: report.waiting[0]?.why };
    } catch (error) {
      if (switched.signal.aborted && isTeamwrightError(error, 'stopped')) return { shared: 0, why: telemetrySaysNo(api) };
      throw error;
    } finally {
      underWay.delete(switched);
    }
  };
  const later = (at: number): void => {
    clearTimeout(timer);
    if (!Number.isFinite(at) || ended.signal.aborted) return;
    timer = setTimeout(() => void drain(ended.signal).catch((error) => host.log.warn(String(error))), Math.max(0, at - ports.clock()));
  };
  const drainAndTell = async (): Promise<void> => {
    const { shared, why } = await withStop(api, l10n.t('Sharing'), drain);
    if (shared > 0) void window.showInformationMessage(l10n.t('Shared: {0}. “Show What Was Shared” lists it and takes it back.', shared));
    if (why !== undefined)
      void window.showWarningMessage(l10n.t('Not sent yet: {0} It waits in the queue.', why.replace(/(?<![.\s])[.\s]*$/, '.')));
  };

  const sending = createSending(host, sharing, drainAndTell);
  const telemetry = api.env.onDidChangeTelemetryEnabled((enabled) => {
    if (!enabled) for (const each of underWay) each.abort();
  });

  const shareRun = async (argument: RunArgument): Promise<void> => {
    const runId = typeof argument === 'string' ? argument : argument && 'runId' in argument ? argument.runId : undefined;
    const listed =
      argument && typeof argument === 'object' && 'kind' in argument && argument.kind === 'run' ? argument.listing.runId : undefined;
    const chosen = runId ?? listed ?? (await chooseRun());
    if (chosen !== undefined) await sending.share(chosen);
  };
  const chooseRun = async (): Promise<string | undefined> => {
    const over = (await ports.runs.list()).filter(({ status }) => status !== 'running' && status !== 'waiting-for-review');
    const items = over.map(({ runId, summary }) => ({ label: summary.title || runId, description: runId }));
    return (await window.showQuickPick(items, { placeHolder: l10n.t('Which run?') }))?.description;
  };

  return {
    commands: {
      'teamwright.sharing.turnOn': () => turnOn(host, sharing, ports.env),
      'teamwright.sharing.turnOff': () => turnOff(host, sharing),
      'teamwright.sharing.shareRun': shareRun,
      'teamwright.sharing.send': () => sending.sendActive(),
      'teamwright.sharing.show': () => showItems(host, sharing, drainAndTell),
      'teamwright.sharing.withdraw': () => withdraw(host, sharing),
      'teamwright.privacy.exclude': () => exclude(host, ports, true),
      'teamwright.privacy.include': () => exclude(host, ports, false),
      'teamwright.privacy.deleteEverything': () => deleteAll(host, sharing, ports),
    },
    dispose: () => {
      ended.abort();
      clearTimeout(timer);
      telemetry.dispose();
      sending.dispose();
    },
  };
}
