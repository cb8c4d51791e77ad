/** Sharing as the command line has it: settings and environment in, the core's ports out. */
import path from 'node:path';
import { openSharing, type Sharing, type SharingTarget, sharingGate } from '../lessons/index.ts';
import { realOrGiven } from '../process/index.ts';
import type { Cli } from './context.ts';
import { dataDirOf } from './past.ts';
import { privacyOf } from './privacy.ts';
import { loadSettings } from './settings.ts';

export async function sharingOf(cli: Cli): Promise<Sharing> {
  const { settings } = await loadSettings(cli);
  const dataDir = dataDirOf(cli);
  return openSharing({
    dataDir,
    gate: sharingGate(dataDir, cli.env),
    tokenOf: async (target) => tokenIn(cli.env, target),
    clock: cli.clock,
    random: cli.random,
    privacy: await privacyOf(cli, settings),
  });
}

/** Each token goes to its own kind of target and to no other. */
function tokenIn(env: Cli['env'], target: SharingTarget): string | undefined {
  const token = target.kind === 'hugging-face' ? (env.HF_TOKEN ?? env.HUGGING_FACE_HUB_TOKEN) : env.TEAMWRIGHT_SHARE_TOKEN;
  return token?.trim() || undefined;
}

/** The workspace as runs name it. One that is gone can still be turned off. */
export const workspaceFolder = (cli: Cli, given: string | undefined): Promise<string> => realOrGiven(path.resolve(cli.cwd, given ?? '.'));
