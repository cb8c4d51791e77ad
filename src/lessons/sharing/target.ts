/** Addresses of targets: read, checked and shown. Pure. */
import { type Facts, TeamwrightError } from '../../errors.ts';
import type { SharingTarget } from './types.ts';

export const defaultHub = 'https://huggingface.co';

/**
 * `hf:user/name` (a data set of the user's own) or an address. Plain http only to this machine; no login in the address, because it would be
 * kept and shown. Throws `address-invalid`.
 */
export function parseTarget(text: string, hubUrl: string = defaultHub): SharingTarget {
  if (text.startsWith('hf:')) {
    const repository = text.slice(3);
    if (!/^[\w.-]{1,96}\/[\w.-]{1,96}$/.test(repository)) throw invalid(repository, 'sharing', 'data-set');
    return { kind: 'hugging-face', repository, hubUrl: checkedAddress(hubUrl, 'hub') };
  }
  return { kind: 'endpoint', url: checkedAddress(text, 'sharing') };
}

type Of = Facts['address-invalid']['of'];

const invalid = (address: string, of: Of, why: Facts['address-invalid']['why']) =>
  new TeamwrightError('address-invalid', { address, of, why });

function checkedAddress(text: string, of: Of): string {
  if (!URL.canParse(text)) throw invalid(text, of, 'no-address');
  const url = new URL(text);
  // Told without the address: it holds a password.
  if (url.username !== '' || url.password !== '') throw invalid(url.host, of, 'login');
  const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) throw invalid(url.origin, of, 'no-https');
  if (url.search !== '' || url.hash !== '') throw invalid(url.origin, of, 'query');
  return url.href.replace(/(?<!\/)\/+$/, '');
}

export const targetText = (target: SharingTarget): string =>
  target.kind === 'endpoint' ? target.url : `hf:${target.repository}${target.hubUrl === defaultHub ? '' : ` (${target.hubUrl})`}`;

/** Name of an item's file, at every target. */
export const fileNameOf = (id: string): string => `${id}.jsonl.gz`;
