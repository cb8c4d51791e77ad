/**
 * The user's settings: a JSON file that people write and Teamwright only reads, so that a broken one is never overwritten.
 *
 * An absent file means defaults. A broken one ends the command (`bad-settings`) with every problem by line and field; running on with
 * half of the settings could send code to a server the user did not mean.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { badSettings, errorText, type Facts } from '../errors.ts';
import { type EndpointSettings, modelSettingsShape } from '../model-choice/index.ts';
import { isWithin } from '../process/index.ts';
import { runSettingsShape } from '../run/index.ts';
import type { Cli } from './context.ts';
import { settingsFileFrom } from './places.ts';

export const settingsSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1).default(1),
  ...modelSettingsShape,
  ...runSettingsShape,
  /** By absolute folder: what holds for that workspace and the folders below it. */
  workspaces: z
    .record(z.string().refine(path.isAbsolute, 'must be an absolute path'), z.strictObject({ test: z.string().min(1).optional() }))
    .default({}),
});
export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = settingsSchema.parse({});

export interface LoadedSettings {
  readonly settings: Settings;
  readonly settingsFile: string;
}

/** The settings of this user. Throws `bad-settings`, or `bad-argument` for a TEAMWRIGHT_CONFIG that names no file. */
export async function loadSettings(cli: Pick<Cli, 'env' | 'platform' | 'home'>): Promise<LoadedSettings> {
  const settingsFile = settingsFileFrom(cli.env, cli.platform, cli.home);
  return { settings: await readSettings(settingsFile), settingsFile };
}

/** Reads the file; absent: defaults. Throws `bad-settings`. */
export async function readSettings(file: string): Promise<Settings> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return defaultSettings;
    throw badSettings([{ message: `cannot be read: ${errorText(error)}` }], file, error);
  }
  return await parseSettings(text, file);
}

/** `field` like `endpoints.work.baseUrl`. */
type SettingsProblem = Facts['bad-settings']['problems'][number];

export async function parseSettings(text: string, file: string): Promise<Settings> {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '') throw badSettings([{ line: 1, message: 'is empty; the least it can hold is {}' }], file);
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch (error) {
    throw badSettings([await syntaxProblem(plain, error)], file, error);
  }
  const parsed = settingsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const lineOf = await lineFinder(plain);
  const problems = parsed.error.issues.flatMap((issue): SettingsProblem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        line: lineOf([...issue.path, key]),
        field: fieldName([...issue.path, key]),
        message: 'is not a setting',
      }));
    }
    const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return [{ line: lineOf(issue.path), field: fieldName(issue.path), message: lowerFirst(message) }];
  });
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  throw badSettings(problems, file);
}

/** JSON is YAML, so the YAML parser says where things stand; it is loaded only when something is wrong. */
async function lineFinder(text: string): Promise<(at: readonly PropertyKey[]) => number | undefined> {
  const { LineCounter, isMap, isNode, isPair, isScalar, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  return (at) => {
    for (let depth = at.length; depth >= 0; depth--) {
      const key = at[depth - 1];
      const parent = document.getIn(at.slice(0, Math.max(0, depth - 1)).map(String), true);
      const pair = isMap(parent)
        ? parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === String(key))
        : undefined;
      const node =
        depth === 0
          ? document.contents
          : (pair?.key ??
            (Array.isArray((parent as { items?: unknown })?.items) ? document.getIn([...at.slice(0, depth)], true) : undefined));
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
}

async function syntaxProblem(text: string, error: unknown): Promise<SettingsProblem> {
  const { LineCounter, parseDocument } = await import('yaml');
  const message = errorText(error);
  const position = /at position (\d+)/.exec(message)?.[1];
  const short = message.replace(/ in JSON.*$| \(line .*\)$|, .*is not valid JSON$/s, '');
  if (position !== undefined) {
    return { line: text.slice(0, Number(position)).split('\n').length, message: `is not JSON: ${lowerFirst(short)}` };
  }
  const lines = new LineCounter();
  const first = parseDocument(text, { lineCounter: lines, schema: 'json' }).errors[0];
  return { line: first ? lines.linePos(first.pos[0]).line : undefined, message: `is not JSON: ${lowerFirst(short)}` };
}

/** The user's test command for a workspace: the settings of the nearest folder at or above it. */
export function testCommandFor(settings: Settings, workspace: string): string | undefined {
  const candidates = Object.entries(settings.workspaces)
    .map(([folder, entry]) => ({ folder: path.resolve(folder), test: entry.test }))
    .filter(({ folder, test }) => test !== undefined && isWithin(folder, workspace))
    .sort((a, b) => b.folder.length - a.folder.length);
  return candidates[0]?.test;
}

/** The key that the endpoint's variable holds; undefined when it names none. Throws `bad-settings` when the variable is not set. */
export function keyOf(
  name: string,
  endpoint: EndpointSettings,
  env: Readonly<Record<string, string | undefined>>,
  settingsFile: string,
): string | undefined {
  if (endpoint.keyVariable === undefined) return undefined;
  const value = env[endpoint.keyVariable]?.trim();
  if (value) return value;
  const message = `names ${endpoint.keyVariable}, which is not set in the environment`;
  throw badSettings([{ field: `endpoints.${name}.keyVariable`, message }], settingsFile);
}

const fieldName = (at: readonly PropertyKey[]): string | undefined => (at.length === 0 ? undefined : at.map(String).join('.'));
const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
