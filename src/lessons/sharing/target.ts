/** Addresses of targets: read, checked and shown. Pure. */
import { badArgument } from '../../errors.ts';
import type { SharingTarget } from './types.ts';

export const defaultHub = 'https://huggingface.co';

/**
 * `hf:user/name` (a data set of the user's own) or an address. Plain http only to this machine; no login in the address, because it would be
 * kept and shown. Throws `bad-argument`.
 */
export function parseTarget(text: string, hubUrl: string = defaultHub): SharingTarget {
  const next = 'Write hf:USER/DATASET, or an https address.';
  if (text.startsWith('hf:')) {
    const repository = text.slice(3);
    if (!/^[\w.-]{1,96}\/[\w.-]{1,96}$/.test(repository)) throw badArgument(`"${repository}" is not the name of a data set.`, next);
    return { kind: 'hugging-face', repository, hubUrl: checkedAddress(hubUrl, 'Set HF_ENDPOINT to an https address, or unset it.') };
  }
  return { kind: 'endpoint', url: checkedAddress(text, next) };
}

function checkedAddress(text: string, next: string): string {
  if (!URL.canParse(text)) throw badArgument(`"${text}" is not an address.`, next);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw badArgument('The address holds a login.', 'Leave it out; TEAMWRIGHT_SHARE_TOKEN holds the token.');
  const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))
    throw badArgument(`${url.origin} is not reached by https.`, next);
  if (url.search !== '' || url.hash !== '') throw badArgument('The address holds a query.', next);
  return url.href.replace(/\/+$/, '');
}

export const targetText = (target: SharingTarget): string =>
  target.kind === 'endpoint' ? target.url : `hf:${target.repository}${target.hubUrl === defaultHub ? '' : ` (${target.hubUrl})`}`;

/** Name of an item's file, at every target. */
export const fileNameOf = (id: string): string => `${id}.jsonl.gz`;
