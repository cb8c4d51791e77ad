/** From options to what a run needs: what `run` and `plan` share. Nothing here calls a model. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { designerFor, savedTeams } from '../design/index.ts';
import type { Designer } from '../design/types.ts';
import { errorText, imageUnusable } from '../errors.ts';
import { checkTemporaryFolder } from '../process/index.ts';
import { type AttachedImage, attachedImage, attachedImages, type ImageTexts, parseRequest, type Request } from '../request/index.ts';
import { mostParallel, type RunSettings, runSettings } from '../run/index.ts';
import { checkDataFolder, workspaceFolder } from '../workspace/index.ts';
import { badArgument } from './bad-argument.ts';
import type { Cli } from './context.ts';
import type { ModelOptions } from './models.ts';
import { dataDirOf } from './past.ts';
import { loadSettings, type Settings, testCommandFor } from './settings.ts';
import { parseBudget, parseSelection, parseWhole } from './values.ts';

export interface RequestOptions extends ModelOptions {
  readonly workspace?: string;
  readonly selection?: string;
  readonly file?: readonly string[];
  /** Files of pictures, inside the workspace or not. */
  readonly image?: readonly string[];
  readonly designer?: string;
  /** Of a team that was saved with the workspace. */
  readonly team?: string;
  readonly budget?: string;
  readonly test?: string;
  readonly seed?: string;
  readonly parallel?: string;
  readonly testSeconds?: string;
  /** False for `--no-fence`. */
  readonly fence?: boolean;
  /** False for `--no-memory`. */
  readonly memory?: boolean;
  readonly json?: boolean;
}

export interface Prepared {
  readonly settings: Settings;
  readonly settingsFile: string;
  /** Absolute real path. */
  readonly workspace: string;
  readonly request: Request;
  /** What its pictures hold. */
  readonly imageTexts: ImageTexts;
  readonly designer: Designer;
  readonly runSettings: RunSettings;
}

/**
 * Rejects with `bad-argument`, `image-unusable`, `bad-settings`, `designer-unknown`, `plan-invalid` or `plan-unreadable`; with `workspace-unusable`, `git-missing` or
 * `data-folder-…` when no run could start here.
 */
export async function prepare(cli: Cli, text: string, options: RequestOptions): Promise<Prepared> {
  const { settings: written, settingsFile } = await loadSettings(cli);
  const settings = options.memory === false ? withoutMemory(written) : written;
  const workspace = await workspaceFolder(path.resolve(cli.cwd, options.workspace ?? '.'));
  const inWorkspace = (file: string): string => withinWorkspace(file, workspace, cli.cwd);
  const selection = options.selection === undefined ? undefined : parseSelection(options.selection);
  const named = options.team === undefined ? (options.designer ?? settings.designer) : await savedTeam(options.team, workspace);
  const { images, texts: imageTexts } = attachedImages(await Promise.all((options.image ?? []).map((file) => imageAt(file, cli.cwd))));
  const prepared: Prepared = {
    settings,
    settingsFile,
    workspace,
    request: parseRequest({
      text: text === '-' ? await readAll(cli.terminal.input) : text,
      files: (options.file ?? []).map(inWorkspace),
      ...(images.length > 0 && { images: [...images] }),
      ...(selection && { selection: { ...selection, path: inWorkspace(selection.path) } }),
    }),
    imageTexts,
    designer: await designerFor(named, (file) => readFile(path.resolve(cli.cwd, file), 'utf8')),
    runSettings: runSettings(settings, workspace, {
      budget: options.budget === undefined ? {} : parseBudget(options.budget),
      parallel: options.parallel === undefined ? undefined : parseWhole('--parallel', options.parallel, 1, mostParallel),
      testSeconds: options.testSeconds === undefined ? undefined : parseWhole('--test-seconds', options.testSeconds, 1, 86_400),
      seed: options.seed === undefined ? undefined : parseWhole('--seed', options.seed, 0, 2 ** 31 - 1),
      testCommand: testCommandOf(options.test) ?? testCommandFor(settings, workspace),
      fence: options.fence === false || cli.env.TEAMWRIGHT_FENCE === 'off' ? false : undefined,
    }),
  };
  // Before a model is asked or its answers are kept: nothing of ours may land in the project.
  await checkDataFolder(workspace, dataDirOf(cli), cli.signal);
  checkTemporaryFolder();
  return prepared;
}

async function imageAt(file: string, cwd: string): Promise<AttachedImage> {
  const name = path.basename(file);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path.resolve(cwd, file));
  } catch (error) {
    throw imageUnusable({ why: 'unreadable', name: file, detail: errorText(error) });
  }
  return attachedImage(name, bytes);
}

const withoutMemory = (settings: Settings): Settings => ({ ...settings, learning: { ...settings.learning, memory: false } });
/** The file of a team that was saved with the workspace. */
async function savedTeam(name: string, workspace: string): Promise<string> {
  const teams = await savedTeams(workspace);
  const team = teams.find((one) => one.name === name);
  if (team) return team.path;
  const known = teams.map((one) => one.name).join(', ');
  throw badArgument(
    `There is no saved team "${name}" in this workspace.`,
    known === ''
      ? 'None is saved: write one with teamwright plan "…" --out .teamwright/teams/NAME.team.yaml.'
      : `Choose one of ${known}, or name a plan: --designer FILE.team.yaml.`,
  );
}

/** A path as typed, relative to the workspace. Absolute ones and ones relative to the current folder are understood when they lie inside. */
function withinWorkspace(file: string, workspace: string, cwd: string): string {
  if (path.isAbsolute(file)) return path.relative(workspace, file) || file;
  const fromHere = path.relative(workspace, path.resolve(cwd, file));
  const hereIsInside =
    !path.isAbsolute(fromHere) && fromHere.split(path.sep)[0] !== '..' && !path.relative(workspace, cwd).startsWith('..');
  return hereIsInside ? fromHere : file;
}

function testCommandOf(given: string | undefined): string | undefined {
  if (given !== undefined && given.trim() === '') throw badArgument('--test is empty.', 'Write it like --test "npm test".');
  return given?.trim();
}
