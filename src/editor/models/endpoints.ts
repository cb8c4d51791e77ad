/** The named endpoints: add one, set its key, remove it. Keys go into VS Code's secret storage, addresses into the settings. */
import type * as vscode from 'vscode';
import { type EndpointPreset, endpointName, endpointPresets, endpointSchema } from '../../model-choice/index.ts';
import { isLocal } from '../../models/index.ts';
import { pick } from '../pick.ts';
import { readSettings } from '../settings/settings.ts';
import { endpointKeys, keyProblem } from './keys.ts';
import type { ModelsHost } from './ports.ts';
import { writeEntry } from './settings-writer.ts';

/** Gives the name of the new endpoint; undefined when the user gave up. `address` is where to begin. */
export async function addEndpoint(models: ModelsHost, address?: unknown): Promise<string | undefined> {
  const { window, l10n } = models.host.vscode;
  const { endpoints } = readSettings(models.host.vscode);
  const title = l10n.t('Add Endpoint');
  const begun = typeof address === 'string' ? { baseUrl: address } : await choosePreset(models, title);
  if (begun === undefined) return undefined;
  const baseUrl = await window.showInputBox({
    title: l10n.t('{0} (1 of 3)', title),
    prompt: l10n.t('Address of an OpenAI-compatible server; it often ends in /v1.'),
    placeHolder: 'https://host/v1',
    value: begun.baseUrl,
    ignoreFocusOut: true,
    validateInput: (text) =>
      begun.fillIn !== undefined && text.includes(begun.fillIn)
        ? l10n.t('Put your own name in the place of {0}.', begun.fillIn)
        : firstIssue(endpointSchema.safeParse({ baseUrl: text.trim() })),
  });
  if (baseUrl === undefined) return undefined;
  const given = await window.showInputBox({
    title: l10n.t('{0} (2 of 3)', title),
    prompt: l10n.t('A short name of your own: models are then called NAME:MODEL.'),
    value: begun.name === undefined ? suggestedName(baseUrl.trim(), Object.keys(endpoints)) : free(begun.name, Object.keys(endpoints)),
    ignoreFocusOut: true,
    validateInput: (text) =>
      Object.hasOwn(endpoints, text.trim())
        ? l10n.t('There is an endpoint of this name.')
        : firstIssue(endpointName.safeParse(text.trim())),
  });
  if (given === undefined) return undefined;
  const name = given.trim();
  const key = await askForKey(models.host.vscode, l10n.t('{0} (3 of 3)', title), name, baseUrl.trim(), true);
  if (key === undefined) return undefined;
  await writeEntry(models.host.vscode, 'endpoints', name, { baseUrl: baseUrl.trim() });
  if (key !== '') await endpointKeys(models.host.context.secrets).set(name, baseUrl.trim(), key);
  return name;
}

/** Undefined when the user gives up; without an address for another server. */
async function choosePreset(
  models: ModelsHost,
  title: string,
): Promise<(Partial<EndpointPreset> & { readonly baseUrl: string }) | undefined> {
  const { l10n } = models.host.vscode;
  const picked = await pick<Partial<EndpointPreset> & { readonly baseUrl: string }>(models.host.vscode, {
    title,
    placeholder: l10n.t('Which server? Its address can be changed next'),
    items: [
      ...endpointPresets.map((preset) => ({ label: preset.title, description: preset.baseUrl, value: preset })),
      { label: l10n.t('Another server…'), description: l10n.t('any OpenAI-compatible server'), value: { baseUrl: '' } },
    ],
  });
  return picked.kind === 'chosen' ? picked.value : undefined;
}

/** `wanted` names the endpoint; without it the user is asked. True when a key was set. */
export async function setKey(models: ModelsHost, wanted?: unknown): Promise<boolean> {
  const api = models.host.vscode;
  const name = await whichEndpoint(models, api.l10n.t('Set Key'), wanted);
  const endpoint = name === undefined ? undefined : readSettings(api).endpoints[name];
  if (name === undefined || endpoint === undefined) return false;
  const key = await askForKey(api, api.l10n.t('Set Key'), name, endpoint.baseUrl, false);
  if (key === undefined) return false;
  await endpointKeys(models.host.context.secrets).set(name, endpoint.baseUrl, key);
  api.window.setStatusBarMessage(`$(check) ${api.l10n.t('The key of {0} is set.', name)}`, 5_000);
  return true;
}

/** Takes the endpoint out of the settings and its key out of the storage. */
export async function removeEndpoint(models: ModelsHost, wanted?: unknown): Promise<boolean> {
  const api = models.host.vscode;
  const { l10n } = api;
  const name = await whichEndpoint(models, l10n.t('Remove Endpoint'), wanted);
  if (name === undefined) return false;
  const remove = l10n.t('Remove');
  const detail = l10n.t('Its address goes out of the settings, and its key out of the secret storage.');
  const answer = await api.window.showWarningMessage(l10n.t('Remove the endpoint {0}?', name), { modal: true, detail }, remove);
  if (answer !== remove) return false;
  await writeEntry(api, 'endpoints', name, undefined);
  await endpointKeys(models.host.context.secrets).remove(name);
  return true;
}

async function whichEndpoint(models: ModelsHost, title: string, wanted: unknown): Promise<string | undefined> {
  const api = models.host.vscode;
  const { endpoints } = readSettings(api);
  if (typeof wanted === 'string' && Object.hasOwn(endpoints, wanted)) return wanted;
  const keys = endpointKeys(models.host.context.secrets);
  const items = await Promise.all(
    Object.entries(endpoints).map(async ([name, { baseUrl }]) => ({
      label: name,
      description: baseUrl,
      detail: (await keys.has(name, baseUrl)) ? api.l10n.t('has a key') : api.l10n.t('has no key here'),
      value: name,
    })),
  );
  if (items.length === 0) {
    const add = api.l10n.t('Add Endpoint…');
    const answer = await api.window.showInformationMessage(api.l10n.t('There are no endpoints yet.'), add);
    if (answer === add) await addEndpoint(models);
    return undefined;
  }
  const picked = await pick(api, { title, placeholder: api.l10n.t('Which endpoint?'), items });
  return picked.kind === 'chosen' ? picked.value : undefined;
}

/** '' stands for "no key" where there may be none; undefined: the user gave up. */
async function askForKey(
  api: Pick<typeof vscode, 'window' | 'l10n'>,
  title: string,
  name: string,
  baseUrl: string,
  mayBeEmpty: boolean,
): Promise<string | undefined> {
  const { l10n } = api;
  const { protocol, host } = new URL(baseUrl);
  const key = await api.window.showInputBox({
    title,
    prompt: mayBeEmpty
      ? l10n.t(
          'API key for {0}, kept in the secret storage of VS Code and sent to no other host. Leave it empty if the server needs none.',
          host,
        )
      : l10n.t('API key of {0} for {1}, kept in the secret storage of VS Code and sent to no other host.', name, host),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => {
      const problem = keyProblem(text);
      if (problem === 'empty') return mayBeEmpty ? undefined : l10n.t('The key is empty.');
      return problem === undefined ? undefined : l10n.t('A key has no spaces and only ASCII characters.');
    },
  });
  if (key === undefined || key.trim() === '') return key?.trim();
  if (protocol === 'http:' && !isLocal(baseUrl)) {
    const anyway = l10n.t('Use It All the Same');
    const detail = l10n.t('The address begins with http: everybody on the way to {0} can read the key.', host);
    const answer = await api.window.showWarningMessage(l10n.t('This key would travel unencrypted.'), { modal: true, detail }, anyway);
    if (answer !== anyway) return undefined;
  }
  return key.trim();
}

const firstIssue = (parsed: { readonly error?: { readonly issues: readonly { readonly message: string }[] } }): string | undefined =>
  parsed.error?.issues[0]?.message;

/** `https://api.mistral.ai/v1` → `mistral`, with a number when it is taken. */
export function suggestedName(baseUrl: string, taken: readonly string[]): string {
  const parts = new URL(baseUrl).hostname.split('.').filter((part) => !/^(api|www|com|org|net|io|ai|dev|v\d|\d+)$/i.test(part));
  const name =
    (parts.at(-1) ?? '')
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '')
      .replace(/^[^a-z]+/, '') || 'server';
  return free(name, taken);
}

/** With a number when it is taken. */
function free(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let number = 2; ; number++) if (!taken.includes(`${name}-${number}`)) return `${name}-${number}`;
}
