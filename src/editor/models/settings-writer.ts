/** Writes settings where they hold now: a value of the workspace is changed there, all else goes to the user's own settings. */
import type * as vscode from 'vscode';

type Api = Pick<typeof vscode, 'workspace' | 'ConfigurationTarget'>;

/** From the nearest to the widest; the first that has a value is the one in force. */
const scopes = [
  ['workspaceFolderValue', 'WorkspaceFolder'],
  ['workspaceValue', 'Workspace'],
  ['globalValue', 'Global'],
] as const;

/** `undefined` takes the setting away. */
export async function writeSetting(api: Api, name: string, value: unknown): Promise<void> {
  const configuration = api.workspace.getConfiguration('teamwright');
  const found = configuration.inspect(name);
  const scope = scopes.find(([field]) => found?.[field] !== undefined)?.[1] ?? 'Global';
  await configuration.update(name, value, api.ConfigurationTarget[scope]);
}

/** One entry of a setting that is an object: VS Code merges the scopes, so each is changed by itself. `undefined` takes it away everywhere. */
export async function writeEntry(api: Api, name: string, key: string, value: unknown): Promise<void> {
  const configuration = api.workspace.getConfiguration('teamwright');
  const found = configuration.inspect<Readonly<Record<string, unknown>>>(name);
  const having = scopes.filter(([field]) => Object.hasOwn(found?.[field] ?? {}, key));
  const changed = value === undefined ? having : [having[0] ?? (['globalValue', 'Global'] as const)];
  for (const [field, scope] of changed) {
    const { [key]: _, ...others } = found?.[field] ?? {};
    const next = value === undefined ? others : { ...others, [key]: value };
    await configuration.update(name, Object.keys(next).length === 0 ? undefined : next, api.ConfigurationTarget[scope]);
  }
}
