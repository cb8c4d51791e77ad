/** Reads and writes the names of models. Pure. */
import { badArgument } from '../errors.ts';
import { type LocalServerName, localServerNames, type ModelReference, modelForms } from './types.ts';

/** `endpoints` are the names in the settings; they win over a server of the same name. */
export function parseModelId(option: string, text: string, endpoints: readonly string[]): ModelReference {
  const id = text.trim();
  const next = `The forms are: ${modelForms}.`;
  if (id === '') throw badArgument(`${option} is empty.`, next);

  const at = id.search(/@https?:\/\//i);
  if (at >= 0) {
    const model = id.slice(0, at);
    if (model === '') throw badArgument(`${option} names a server but no model: "${id}".`, next);
    return { kind: 'url', model, baseUrl: checkedUrl(option, id.slice(at + 1)) };
  }
  if (/^https?:\/\//i.test(id)) throw badArgument(`${option} names a server but no model: "${id}".`, `Write NAME@${id}.`);

  const colon = id.indexOf(':');
  const prefix = colon < 0 ? id : id.slice(0, colon);
  const rest = colon < 0 ? '' : id.slice(colon + 1);
  if (colon >= 0 && endpoints.includes(prefix)) {
    if (rest === '') throw badArgument(`${option} names the endpoint ${prefix} but no model.`, next);
    return { kind: 'endpoint', endpoint: prefix, model: rest };
  }
  if (prefix === 'embedded') {
    if (colon >= 0 && rest === '') throw badArgument(`${option} has no size after "embedded:".`, next);
    return rest === '' ? { kind: 'embedded' } : { kind: 'embedded', size: rest };
  }
  if (prefix === 'vscode' && colon >= 0) {
    if (!/^[^/]+\/./.test(rest)) throw badArgument(`${option} names no model of VS Code: "${id}".`, 'Write it like vscode:copilot/gpt-4o.');
    return { kind: 'vscode', model: rest };
  }
  if (isLocalServer(prefix)) {
    if (rest === '')
      throw badArgument(
        `${option} names the server ${prefix} but no model.`,
        `Write ${prefix}:NAME; \`teamwright model list\` shows what it has.`,
      );
    return { kind: 'local', server: prefix, model: rest };
  }
  if (endpoints.includes(id)) throw badArgument(`${option} names the endpoint ${id} but no model.`, `Write ${id}:NAME.`);
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

/** An http(s) address without user name and password (keys belong into the environment), without a slash at its end. */
function checkedUrl(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw badArgument(`${option} has an address that cannot be read: "${text}".`, 'Write it like NAME@http://127.0.0.1:8080/v1.');
  if (url.username !== '' || url.password !== '') {
    throw badArgument(
      `${option} has a user name or password in the address.`,
      'Put the key into an environment variable and name it in the settings.',
    );
  }
  return text.replace(/\/+$/, '');
}
