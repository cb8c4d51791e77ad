/** Who and where: e-mail addresses, user, host and other names, folders and absolute paths. Pure. */
import type { PlaceholderKind, RedactionOptions, Span } from './types.ts';

/** Finds the names in one text. */
export type NameFinder = (text: string) => Span[];

interface Rule {
  readonly placeholder: PlaceholderKind;
  readonly pattern: RegExp;
  readonly accept?: (found: string, text: string, at: number) => boolean;
  /** What the placeholder stands for; the found text otherwise. */
  readonly value?: string;
}

export function nameFinder(options: RedactionOptions): NameFinder {
  const folders = folderRules(options);
  const rules: Rule[] = [
    ...pathRules,
    { placeholder: 'email', pattern: emailPattern, accept: isPersonal },
    ...(options.names ?? []).flatMap((name) => wordRule('name', name, 3)),
    ...(options.host === undefined ? [] : hostRules(options.host)),
    ...userRules(options.user?.toLowerCase()),
  ];
  return (text) => {
    const known = find(folders, text);
    const starts = new Set(known.map((span) => span.start));
    // A path that begins with a folder known by name is that folder and what follows.
    return [...known, ...find(rules, text).filter((span) => span.placeholder !== 'path' || !starts.has(span.start))];
  };
}

function find(rules: readonly Rule[], text: string): Span[] {
  return rules.flatMap(({ placeholder, pattern, accept, value }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const found = match[0];
      if (found === '' || (accept !== undefined && !accept(found, text, match.index))) return [];
      return [{ start: match.index, end: match.index + found.length, placeholder, kind: placeholder, value: value ?? found }];
    }),
  );
}

/** Accounts that every machine has: they name nobody, and are words of programs. */
const commonUsers = [
  'root',
  'user',
  'users',
  'admin',
  'administrator',
  'node',
  'runner',
  'ubuntu',
  'debian',
  'ec2-user',
  'vscode',
  'codespace',
  'coder',
  'dev',
  'developer',
  'test',
  'guest',
  'www-data',
  'nobody',
  'git',
  'build',
  'ci',
  'docker',
  'app',
  'home',
  'default',
];
/** Names of people that are words of programs too: `Math.max` names nobody. They go only where a name stands. */
const wordsOfPrograms = [
  'al',
  'art',
  'bill',
  'case',
  'chase',
  'dean',
  'dom',
  'dot',
  'ed',
  'eve',
  'field',
  'frank',
  'grant',
  'hash',
  'jade',
  'lane',
  'mark',
  'max',
  'may',
  'min',
  'page',
  'pat',
  'ray',
  'rich',
  'rob',
  'ruby',
  'sky',
  'tag',
  'val',
  'will',
];

const commonHosts = [
  'localhost',
  'localhost.localdomain',
  'host',
  'ubuntu',
  'debian',
  'server',
  'docker',
  'codespace',
  'runner',
  'container',
  'api',
  'app',
  'build',
  'db',
  'desktop',
  'dev',
  'laptop',
  'linux',
  'local',
  'main',
  'node',
  'test',
  'vscode',
  'web',
];

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

function userRules(user: string | undefined): Rule[] {
  if (user === undefined || commonUsers.includes(user)) return [];
  if (!wordsOfPrograms.includes(user)) return wordRule('user', user, 2);
  const where = `(?<=[/\\\\~]|\\b(?:user|username|login|author|owner|logname)["']?[ \\t]{0,3}[:=][ \\t]{0,3}["']?)`;
  const name = escapeRegExp(user);
  return [{ placeholder: 'user', pattern: new RegExp(`${where}${name}(?![A-Za-z0-9])|(?<![A-Za-z0-9.])${name}(?=@)`, 'gi'), value: user }];
}

function wordRule(placeholder: PlaceholderKind, word: string, shortest: number): Rule[] {
  if (word.length < shortest) return [];
  return [{ placeholder, pattern: new RegExp(`(?<![A-Za-z0-9])${escapeRegExp(word)}(?![A-Za-z0-9])`, 'gi'), value: word.toLowerCase() }];
}

function hostRules(host: string): Rule[] {
  const [short = ''] = host.split('.');
  return [...new Set([host, short])]
    .filter((name) => !commonHosts.includes(name.toLowerCase()) && !/^\d+$/.test(name))
    .sort((a, b) => b.length - a.length)
    .flatMap((name) => wordRule('host', name, 3).map((rule) => ({ ...rule, value: host.toLowerCase() })));
}

/** What a path can hold without quotes around it. */
const segment = '[^\\s"\'`<>|*?:;,(){}\\[\\]\\\\/]+';
const tail = `(?:/${segment})*/?`;

/** The folders that are known by name. The longest first, so that a workspace in the home folder is a workspace. */
function folderRules({ workspace, dataDir, home }: RedactionOptions): Rule[] {
  const rules: Rule[] = [];
  const folder = (path: string | undefined): string | undefined =>
    path === undefined || /^[/\\]*$/.test(path) ? undefined : spelling(path);
  const ends = '(?![A-Za-z0-9_.-])';
  const data = folder(dataDir);
  if (data !== undefined) {
    rules.push({
      placeholder: 'workspace',
      pattern: new RegExp(`${data}[/\\\\]copies[/\\\\][\\w.-]+[/\\\\][\\w.-]+`, 'gi'),
      value: 'workspace',
    });
    rules.push({ placeholder: 'data', pattern: new RegExp(`${data}${ends}`, 'gi'), value: 'data' });
  }
  const place = folder(workspace);
  if (place !== undefined) rules.push({ placeholder: 'workspace', pattern: new RegExp(`${place}${ends}`, 'gi'), value: 'workspace' });
  const own = folder(home);
  if (own !== undefined) {
    const inside = [workspace, dataDir].map(folder).filter((each) => each !== undefined);
    const apart = inside.length === 0 ? '' : `(?!(?:${inside.join('|')})${ends})`;
    rules.push({
      placeholder: 'home',
      pattern: new RegExp(`${apart}${own}(?=[/\\\\]?(?:$|[\\s"'\`<>|*?:;,(){}\\[\\]]))`, 'gi'),
      value: 'home',
    });
    rules.push({ placeholder: 'path', pattern: new RegExp(`${apart}${own}(?:[/\\\\]${segment})+`, 'gi') });
  }
  return rules;
}

/** Both slashes, and drive letters in either case. */
const spelling = (path: string): string =>
  path
    .replace(/(?<![/\\])[/\\]+$/, '')
    .split(/[/\\]+/)
    .map(escapeRegExp)
    .join('[/\\\\]');

/** Folders in which people keep what is theirs. A path elsewhere (`/usr/lib`, a route such as `/api/users`) names nobody. */
const roots = '(?:home|Users|root|tmp|private/(?:tmp|var|home)|var/folders|var/tmp|var/home|mnt|Volumes|workspaces|export/home)';
const begins = '(?:(?<=file://)|(?<![A-Za-z0-9._~/<>\\\\-]))';

const pathRules: readonly Rule[] = [
  // In quotes a path may hold blanks.
  { placeholder: 'path', pattern: new RegExp(`(?<=(["'\`]))/${roots}/[^"'\`\\n<>|*?:;\\\\]{1,300}(?=\\1)`, 'g') },
  { placeholder: 'path', pattern: new RegExp(`${begins}/${roots}/${segment}${tail}`, 'g') },
  { placeholder: 'path', pattern: /(?<![A-Za-z0-9])[A-Za-z]:[\\/]Users[\\/][^\s"'`<>|*?:;,(){}[\]]+/g },
  {
    placeholder: 'path',
    pattern: /(?<![A-Za-z0-9])[A-Z]:\\(?:[A-Za-z0-9_.~$-]{2,100}\\)+[A-Za-z0-9_.~$-]{2,100}/g,
    accept: (found) => !/^[A-Z]:\\(?:Windows|Program Files)/i.test(found),
  },
];

const emailPattern =
  /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,5}[A-Za-z]{2,24}(?![A-Za-z0-9-])/g;

/** Addresses of nobody: reserved names (RFC 2606), the account of every git server, and files that look like addresses (`icon@2x.png`). */
function isPersonal(found: string): boolean {
  const [local = '', domain = ''] = found.toLowerCase().split('@');
  if (/(?:^|\.)(?:example\.(?:com|org|net|edu)|test|example|invalid|localhost|local)$/.test(domain)) return false;
  if (local === 'git' || /^(?:no-?reply)$/.test(local)) return false;
  return !/\.(?:png|jpe?g|gif|svg|webp|ico|js|mjs|cjs|ts|tsx|jsx|css|json|md|html?|map|py|rs|go|rb|java)$/.test(domain);
}
