/**
 * How long runs stay, workspace by workspace. The settings' limits hold for all; here are the user's own words for one workspace: other limits, or
 * "never record". A run needs its record while it goes on and while its change is looked at; of an excluded workspace it goes after that.
 */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { badSettings, errorText, isTeamwrightError } from '../errors.ts';
import { isWithin, replaceFile } from '../process/index.ts';
import { deleteRun, listRuns, type RunListing } from '../trace/index.ts';
import { forgetRun, forgetStore } from '../workspace/index.ts';

const ruleSchema = z.strictObject({
  /** Runs of this workspace are deleted as soon as they are over. */
  never: z.boolean().optional(),
  days: z.number().positive().optional(),
  megabytes: z.number().positive().optional(),
});
export type RetentionRule = z.infer<typeof ruleSchema>;

const fileSchema = z.strictObject({ version: z.literal(1), workspaces: z.record(z.string(), ruleSchema) });

export const retentionFile = (dataDir: string): string => path.join(dataDir, 'retention.json');

/**
 * By absolute path of the workspace. A rule holds for the folders below it too. Rejects with `bad-settings` when the file is damaged: taking that for
 * "no rules" would record what must not be recorded.
 */
export async function readRetention(dataDir: string): Promise<Readonly<Record<string, RetentionRule>>> {
  const file = retentionFile(dataDir);
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, 'utf8'))).workspaces;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw badSettings([{ message: `cannot be read: ${errorText(error)}` }], file, error);
  }
}

/** Undefined where they cannot be read: then nobody knows which runs may teach. */
export async function knownRetention(dataDir: string): Promise<Readonly<Record<string, RetentionRule>> | undefined> {
  try {
    return await readRetention(dataDir);
  } catch (error) {
    if (isTeamwrightError(error, 'bad-settings')) return undefined;
    throw error;
  }
}

/** An empty rule is none. */
export async function writeRetention(dataDir: string, workspace: string, rule: RetentionRule): Promise<void> {
  const { [workspace]: _before, ...others } = await readRetention(dataDir);
  const workspaces = Object.values(rule).some((value) => value !== undefined && value !== false)
    ? { ...others, [workspace]: rule }
    : others;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await replaceFile(retentionFile(dataDir), `${JSON.stringify({ version: 1, workspaces }, undefined, 2)}\n`);
}

/** The rule of the nearest folder at or above the workspace. */
export function ruleFor(rules: Readonly<Record<string, RetentionRule>>, workspace: string): RetentionRule {
  let nearest: string | undefined;
  for (const folder of Object.keys(rules)) {
    if (isWithin(folder, workspace) && folder.length > (nearest?.length ?? -1)) nearest = folder;
  }
  return nearest === undefined ? {} : (rules[nearest] as RetentionRule);
}

export interface RetentionSweep {
  readonly deleted: readonly { readonly runId: string; readonly bytes: number; readonly reason: 'never' | 'age' | 'quota' }[];
}

const dayMs = 24 * 3600 * 1000;

/**
 * Deletes what the rules of workspaces do not let stay, with copies and snapshots. `inUse`: runs somebody still looks at. A run that is being
 * written always stays until the next sweep.
 */
export async function sweepByWorkspace(dataDir: string, clock: () => number, inUse: readonly string[] = []): Promise<RetentionSweep> {
  const rules = await readRetention(dataDir);
  if (Object.keys(rules).length === 0) return { deleted: [] };
  const deleted: { runId: string; bytes: number; reason: 'never' | 'age' | 'quota' }[] = [];
  const kept = new Map<RetentionRule, number>();
  const excluded = new Set<string>();
  const needed = new Set<string>();
  for (const run of await listRuns(dataDir)) {
    const { workspace } = run.summary;
    const rule = workspace === '' ? {} : ruleFor(rules, workspace);
    if (rule.never) excluded.add(workspace);
    const reason = reasonAgainst(run, rule, kept.get(rule) ?? 0, clock());
    const stays = reason === undefined || inUse.includes(run.runId) || ['running', 'waiting-for-review'].includes(run.status);
    if (!stays && (await deleteIdle(dataDir, run))) deleted.push({ runId: run.runId, bytes: run.bytes, reason });
    else {
      kept.set(rule, (kept.get(rule) ?? 0) + run.bytes);
      needed.add(workspace);
    }
  }
  // The snapshots of what was never to be recorded go at once, not with the next collection of garbage; but not from under a run that stays: its
  // change is shown and its candidates are made from them.
  for (const workspace of excluded) if (!needed.has(workspace)) await forgetStore(dataDir, workspace);
  return { deleted };
}

/** `bytes`: of the newer runs under the same rule. */
function reasonAgainst(run: RunListing, rule: RetentionRule, bytes: number, now: number): 'never' | 'age' | 'quota' | undefined {
  if (rule.never) return 'never';
  if (rule.days !== undefined && now - run.lastWriteAt > rule.days * dayMs) return 'age';
  return rule.megabytes !== undefined && bytes + run.bytes > rule.megabytes * 1_000_000 ? 'quota' : undefined;
}

/** False when somebody writes it after all. */
async function deleteIdle(dataDir: string, { runId }: RunListing): Promise<boolean> {
  try {
    await deleteRun(dataDir, runId);
  } catch (error) {
    if (isTeamwrightError(error, 'run-busy') || isTeamwrightError(error, 'run-unknown')) return false;
    throw error;
  }
  await forgetRun(dataDir, runId);
  return true;
}
