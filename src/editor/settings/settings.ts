/**
 * The user's settings in VS Code, checked by the same schemas as the settings file of the command line. An empty text or null means "not
 * set". A broken setting stops what asked for it (`bad-settings`, naming the setting); running on with half of the settings could send code
 * to a server the user did not mean.
 */
import type * as vscode from 'vscode';
import * as z from 'zod';
import { badSettings } from '../../errors.ts';
import { modelSettingsShape } from '../../model-choice/index.ts';
import { runSettingsShape } from '../../run/index.ts';

export const editorSettingsSchema = z.strictObject({
  ...modelSettingsShape,
  ...runSettingsShape,
  test: z.strictObject({ command: z.string().min(1).optional() }).prefault({}),
  survival: z.strictObject({ minutes: z.number().min(1).max(1440).default(5) }).prefault({}),
});
export type EditorSettings = z.infer<typeof editorSettingsSchema>;

const names = Object.keys(editorSettingsSchema.shape);

/** Which key goes to which server, what tests may reach, and what runs unasked, is the user's to say: a folder's own settings are not read for it. */
const ofTheUser: readonly string[] = ['endpoints', 'fence', 'allow', 'approveBelow', 'mcp'];

/** `scope`: the workspace folder that the settings are for. Throws `bad-settings`. */
export function readSettings(api: Pick<typeof vscode, 'workspace'>, scope?: vscode.Uri): EditorSettings {
  const configuration = api.workspace.getConfiguration('teamwright', scope);
  const read = (name: string): unknown => (ofTheUser.includes(name) ? configuration.inspect(name)?.globalValue : configuration.get(name));
  const raw = Object.fromEntries(names.map((name) => [name, written(read(name))]).filter(([, value]) => value !== undefined));
  return checkSettings(raw);
}

export function checkSettings(raw: unknown): EditorSettings {
  const parsed = editorSettingsSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw badSettings(
    parsed.error.issues.flatMap((issue) => {
      const at = issue.path.map(String);
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((key) => ({ field: settingName([...at, key]), message: 'is not a setting' }));
      return [{ field: settingName(at), message: issue.message }];
    }),
  );
}

const settingName = (at: readonly string[]): string => ['teamwright', ...at].join('.');

/** What VS Code gives for a setting, without what only stands for "not set". */
function written(value: unknown): unknown {
  if (value === null || value === '') return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, entry]) => [name, written(entry)] as const)
      .filter(([, entry]) => entry !== undefined),
  );
}
