/** Reads and writes the names of models. Pure. */
import { type Facts, TeamwrightError } from '../errors.ts';
import { type LocalServerName, localServerNames, type ModelReference } from './types.ts';

/** Who named a model. */
export type NamedBy = Facts['model-name-invalid']['from'];

/** `endpoints` are the names in the settings; they win over a server of the same name. Throws `model-name-invalid`. */
export function parseModelId(from: NamedBy, text: string, endpoints: readonly string[]): ModelReference {
  const id = text.trim();
  const invalid = (why: Facts['model-name-invalid']['why'], server?: string) =>
    new TeamwrightError('model-name-invalid', { name: id, why, server, from });
  if (id === '') throw invalid('empty');

  const at = id.search(/@https?:\/\//i);
  if (at >= 0) {
    const model = id.slice(0, at);
    if (model === '') throw invalid('no-model');
    const address = id.slice(at + 1);
    if (!URL.canParse(address)) throw invalid('address');
    const { username, password } = new URL(address);
    // Keys belong into the environment.
    if (username !== '' || password !== '') throw invalid('login');
    return { kind: 'url', model, baseUrl: address.replace(/(?<!\/)\/+$/, '') };
  }
  if (/^https?:\/\//i.test(id)) throw invalid('no-model', id);

  const colon = id.indexOf(':');
  const prefix = colon < 0 ? id : id.slice(0, colon);
  const rest = colon < 0 ? '' : id.slice(colon + 1);
  if (colon >= 0 && endpoints.includes(prefix)) {
    if (rest === '') throw invalid('no-model', prefix);
    return { kind: 'endpoint', endpoint: prefix, model: rest };
  }
  if (prefix === 'embedded') {
    if (colon >= 0 && rest === '') throw invalid('no-size');
    return rest === '' ? { kind: 'embedded' } : { kind: 'embedded', size: rest };
  }
  if (prefix === 'vscode' && colon >= 0) {
    if (!/^[^/]+\/./.test(rest)) throw invalid('vscode');
    return { kind: 'vscode', model: rest };
  }
  if (isLocalServer(prefix)) {
    if (rest === '') throw invalid('no-model', prefix);
    return { kind: 'local', server: prefix, model: rest };
  }
  if (endpoints.includes(id)) throw invalid('no-model', id);
  return { kind: 'environment', model: id };
}

/** The id that `parseModelId` reads as this reference. */
export function idOf(reference: ModelReference): string {
  switch (reference.kind) {
    case 'embedded':
      return reference.size === undefined ? 'embedded' : `embedded:${reference.size}`;
    case 'local':
      return `${reference.server}:${reference.model}`;
    case 'url':
      return `${reference.model}@${reference.baseUrl}`;
    case 'endpoint':
      return `${reference.endpoint}:${reference.model}`;
    case 'vscode':
      return `vscode:${reference.model}`;
    case 'environment':
      return reference.model;
  }
}

const isLocalServer = (name: string): name is LocalServerName => (localServerNames as readonly string[]).includes(name);
