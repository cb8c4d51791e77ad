/** Settings for git folders that are ours: a store, and the repositories of copies. */
import type { Source } from './source.ts';

/** What decides how files look is taken over from the user's repository; `core` are lines of our own. */
export function configText({ repository }: Source, core: readonly string[]): string {
  const sha256 = repository !== undefined && repository.objectFormat !== 'sha1';
  const taken = (repository?.config ?? []).map(([key, value]) => `${key.slice('core.'.length)} = ${quoted(value)}`);
  return ['[core]', `\trepositoryformatversion = ${sha256 ? 1 : 0}`, ...[...taken, ...core].map((line) => `\t${line}`)]
    .concat(sha256 ? ['[extensions]', `\tobjectFormat = ${repository.objectFormat}`] : [])
    .concat('[gc]', '\tauto = 0', '')
    .join('\n');
}

/** The user's remotes and what branches follow, for a copy: addresses in the network only, and without logins. */
export function remotesText({ repository }: Source): string {
  const lines = (repository?.remotes ?? []).flatMap(([key, value]) => {
    const [, section = '', name = '', setting = ''] = /^(remote|branch)\.(.+)\.(\w+)$/s.exec(key) ?? [];
    const isAddress = setting === 'url' || (setting === 'remote' && /[/:]/.test(value));
    const shown = isAddress ? withoutLogin(value) : value;
    return shown === undefined || (section === 'remote' && /[/:]{2}/.test(name))
      ? []
      : [`[${section} ${quoted(name)}]\n\t${setting} = ${quoted(shown)}\n`];
  });
  return lines.join('');
}

/** An address without user, password, query and fragment (`git@host:path` and `ssh://git@host/path` keep their user); undefined for what is none in the network. */
export function withoutLogin(address: string): string | undefined {
  const [, scheme = '', login, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?([^/?#@]+[^?#]*)/i.exec(address) ?? [];
  if (/^(?:https?|git)$/i.test(scheme)) return `${scheme}://${rest}`;
  if (/^(?:ssh|git\+ssh|ssh\+git)$/i.test(scheme)) return `${scheme}://${login === undefined ? '' : `${login.split(':')[0]}@`}${rest}`;
  return /^(?:[\w.-]+@)?[\w.-]{2,}:[^:\\/][^:\\]*$/.test(address) ? address : undefined;
}

const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
