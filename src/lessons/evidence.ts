/**
 * What came of the teams that are saved with a workspace, for everybody who works in it: each writes one file of their own beside the teams, named by a
 * random word that nobody can tie to them, so that git never has to merge two. What others wrote is a file of strangers: it is checked, counts little, and
 * is heard only of teams that ran here already.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { requestKinds, savedTeams, teamIdOf, teamsFolder } from '../design/index.ts';
import { errorText, isTeamwrightError } from '../errors.ts';
import type { TeamUse } from '../learning/index.ts';
import { parsePlan } from '../plan/index.ts';
import { ifThere, namesAt, readRecord } from '../process/index.ts';
import { readInside, replaceInside } from '../workspace/index.ts';
import { writeDurably } from './derived.ts';
import { workspaceName } from './ended-runs.ts';

/** Below the workspace, with `/` on every system. */
export const evidenceFolder = `${teamsFolder}/evidence`;

/** Runs of others that count for a team in a situation, all files together: strangers never outweigh what one sees oneself. */
export const mostOfOthers = 10;
const limits = { files: 200, bytes: 200_000, rows: 1_000 };

const count = z.number().int().nonnegative().max(1_000_000);
const rowSchema = z
  .strictObject({
    /** What the team is known by. */
    team: z.string().regex(/^[0-9a-f]{64}$/),
    kind: z.enum(requestKinds),
    language: z.string().max(40),
    model: z.string().max(200),
    runs: count.min(1),
    solved: count,
    /** Means over the runs. */
    calls: z.number().nonnegative().max(10_000),
    tokens: z.number().nonnegative().max(1e9),
  })
  .refine(({ runs, solved }) => solved <= runs, 'more solved than run');
const fileSchema = z.strictObject({
  version: z.literal(1),
  contributor: z.string().regex(/^[0-9a-f]{16}$/),
  rows: z.array(rowSchema).max(limits.rows),
});
export type Evidence = z.infer<typeof rowSchema>;

export const contributorFile = (dataDir: string): string => path.join(dataDir, 'contributor.json');
const contributorSchema = z.object({ version: z.literal(1), secret: z.string().regex(/^[0-9a-f]{64}$/) });

/** Another one in each workspace, so that two of them cannot be tied together. Undefined: nothing was written by this user yet. */
async function contributorIn(dataDir: string, workspace: string): Promise<string | undefined> {
  const known = await readRecord(contributorFile(dataDir), contributorSchema);
  return known && nameOf(known.secret, workspace);
}

const nameOf = (secret: string, workspace: string): string =>
  createHash('sha256')
    .update(`${secret} ${workspaceName(workspace)}`)
    .digest('hex')
    .slice(0, 16);

async function newContributorIn(dataDir: string, workspace: string): Promise<string> {
  const known = await contributorIn(dataDir, workspace);
  if (known !== undefined) return known;
  const secret = randomBytes(32).toString('hex');
  await writeDurably(contributorFile(dataDir), { version: 1, secret });
  return nameOf(secret, workspace);
}

/** The saved teams of a workspace by what uses call them; a file that is no plan is none. */
async function savedIn(workspace: string): Promise<ReadonlyMap<string, string>> {
  const teams = new Map<string, string>();
  for (const { name, path: file } of await savedTeams(workspace)) {
    const { plan } = parsePlan(await readFile(file, 'utf8'));
    if (plan !== undefined) teams.set(teamIdOf({ plan }), name);
  }
  return teams;
}

export interface NamedEvidence extends Evidence {
  /** Of its file. */
  readonly name: string;
}

/** What own runs in this workspace say of its saved teams: counts and situations, no words of requests or changes. */
export async function ownEvidence(
  { runs }: { readonly runs: readonly { readonly uses: readonly TeamUse[] }[] },
  workspace: string,
): Promise<readonly NamedEvidence[]> {
  const saved = await savedIn(workspace);
  const here = workspaceName(workspace);
  const uses = runs.flatMap((run) => run.uses).filter((use) => use.workspace === here && saved.has(use.team));
  const groups = Map.groupBy(uses, ({ team, kind, language, model }) => JSON.stringify([team, kind, language, model]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const row = rowSchema.safeParse({
      ...{ team: first?.team, kind: first?.kind, language: first?.language, model: first?.model },
      ...{ runs: group.length, solved: group.filter(({ solved }) => solved).length },
      ...{ calls: meanOf(group.map(({ calls }) => calls)), tokens: meanOf(group.map(({ tokens }) => tokens)) },
    });
    return row.success ? [{ ...row.data, name: saved.get(row.data.team) ?? '' }] : [];
  });
}

const meanOf = (values: readonly number[]): number =>
  Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));

/** Writes the user's own file, in an order that changes as little as the counts do; gives its path below the workspace. Rejects with `path-escapes`, or as writing does. */
export async function writeEvidence(dataDir: string, workspace: string, own: readonly NamedEvidence[]): Promise<string> {
  const contributor = await newContributorIn(dataDir, workspace);
  const rows = own.map(({ name: _, ...row }) => row).toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const file = `${evidenceFolder}/${contributor}.json`;
  const content = fileSchema.parse({ version: 1, contributor, rows });
  await replaceInside(workspace, file, Buffer.from(`${JSON.stringify(content, undefined, 2)}\n`), 0o644);
  return file;
}

const orderOf = ({ team, kind, language, model }: Evidence): string => JSON.stringify([team, kind, language, model]);

export interface OthersEvidence {
  readonly rows: readonly Evidence[];
  /** Files that were read. */
  readonly files: number;
  /** Files that are no evidence, one sentence each; they count for nothing. */
  readonly problems: readonly string[];
}

/** What others wrote. A file that is damaged, too large, or named otherwise than it says counts for nothing; nothing is followed out of the workspace. */
export async function othersEvidence(dataDir: string, workspace: string): Promise<OthersEvidence> {
  const own = await contributorIn(dataDir, workspace);
  const all = (await namesAt(path.join(workspace, evidenceFolder))).filter((name) => name.endsWith('.json')).sort();
  const rows: Evidence[] = [];
  const problems: string[] = [];
  let files = 0;
  if (all.length > limits.files) problems.push(`${evidenceFolder}: only the first ${limits.files} of ${all.length} files are read.`);
  for (const name of all.slice(0, limits.files)) {
    if (name === `${own}.json`) continue;
    const read = await readEvidence(workspace, name);
    if (typeof read === 'string') problems.push(`${evidenceFolder}/${name}: ${read}`);
    else {
      files += 1;
      rows.push(...read);
    }
  }
  return { rows, files, problems };
}

/** Or why it is none. */
async function readEvidence(workspace: string, name: string): Promise<readonly Evidence[] | string> {
  const file = `${evidenceFolder}/${name}`;
  const stats = await ifThere(lstat(path.join(workspace, file)));
  if (stats === undefined) return [];
  if (stats.size > limits.bytes) return 'it is too large to be evidence';
  try {
    const found = await readInside(workspace, file);
    const parsed = fileSchema.safeParse(JSON.parse(found?.bytes.toString('utf8') ?? ''));
    if (!parsed.success) return `it is no evidence (${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message})`;
    if (`${parsed.data.contributor}.json` !== name) return 'it is named otherwise than it says';
    const seen = new Set(parsed.data.rows.map(orderOf));
    return seen.size === parsed.data.rows.length ? parsed.data.rows : 'it says several things of one team in one situation';
  } catch (error) {
    if (error instanceof SyntaxError || isTeamwrightError(error, 'path-escapes')) return errorText(error);
    throw error;
  }
}

/** As uses in this workspace, of teams that ran here, each team in each situation for at most so many runs. */
export function usesOfOthers(rows: readonly Evidence[], workspace: string, known: (team: string) => boolean): readonly TeamUse[] {
  const groups = Map.groupBy(
    rows.filter(({ team }) => known(team)),
    orderOf,
  );
  return [...groups.values()].flatMap((group) => {
    const all = group.reduce((sum, { runs }) => sum + runs, 0);
    const weight = Math.min(1, mostOfOthers / all);
    return group.flatMap(({ runs, solved, ...row }) =>
      [
        { ...row, solved: true, counts: weight * solved },
        { ...row, solved: false, counts: weight * (runs - solved) },
      ].flatMap((use) => (use.counts > 0 ? [{ ...use, workspace: workspaceName(workspace), others: true as const }] : [])),
    );
  });
}
