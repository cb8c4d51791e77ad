/** What sharing and privacy in the editor are made of. */
import { homedir, hostname, userInfo } from 'node:os';
import type * as vscode from 'vscode';
import { knownSecrets, openSharing, type Sharing, type SharingTarget, secretsInKeyFile, sharingGate } from '../../lessons/index.ts';
import type { EditorHost, RunBook } from '../flow-types.ts';
import { readSettings } from '../settings/settings.ts';

export interface SharingPartPorts {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly runs: Pick<RunBook, 'list' | 'live'>;
}

/** Sharing with VS Code's telemetry switch in its gate, and tokens from VS Code's secret storage. */
export async function sharingIn({ vscode: api, context }: EditorHost, ports: SharingPartPorts): Promise<Sharing> {
  const { dataDir, env, clock, random } = ports;
  return openSharing({
    dataDir,
    gate: sharingGate(dataDir, env, () => telemetrySaysNo(api)),
    tokenOf: async (target) => (await context.secrets.get(tokenId(target))) ?? tokenInEnvironment(env, target),
    clock,
    random,
    privacy: {
      known: [...knownSecrets(env), ...(await secretsInKeyFile(readSettings(api).keyFile))],
      user: userInfo().username,
      host: hostname(),
      home: homedir(),
      dataDir,
    },
  });
}

/** VS Code's own switch (`telemetry.telemetryLevel`), as it stands at this moment. */
export const telemetrySaysNo = ({ env, l10n }: Pick<typeof vscode, 'env' | 'l10n'>): string | undefined =>
  env.isTelemetryEnabled ? undefined : l10n.t('Telemetry is off in VS Code (setting telemetry.telemetryLevel), so nothing is shared.');

/** A token is kept for one target and goes to no other. */
export const tokenId = (target: SharingTarget): string =>
  `teamwright.share.${target.kind === 'endpoint' ? new URL(target.url).origin : target.hubUrl}`;

const tokenInEnvironment = (env: SharingPartPorts['env'], target: SharingTarget): string | undefined =>
  (target.kind === 'hugging-face' ? env.HF_TOKEN : env.TEAMWRIGHT_SHARE_TOKEN)?.trim() || undefined;
