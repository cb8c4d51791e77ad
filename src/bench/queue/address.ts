/** Where a queue is: `redis://[user:password@]host[:port][/database]`, `rediss://…` by TLS. */
import { benchUnusable } from '../../errors.ts';

export interface QueueAddress {
  /** Without user and password: what may be printed. */
  readonly shown: string;
  readonly login: {
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: object;
  };
  /** Never to be printed or recorded. */
  readonly secrets: readonly string[];
}

const usualPort = 6379;

/** Throws `bench-unusable`, which does not repeat the text: a password may stand in it. */
export function parseQueueAddress(text: string): QueueAddress {
  const wrong = (problem: string) => benchUnusable({ why: 'queue-address', problem });
  if (!URL.canParse(text)) throw wrong('is no address');
  const { protocol, hostname, port, pathname, username, password, search, hash } = new URL(text);
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw wrong('does not begin with redis:// or rediss://');
  if (hostname === '') throw wrong('names no host');
  if (search !== '' || hash !== '') throw wrong('has something after the database');
  const database = /^\/?(\d{0,4})$/.exec(pathname)?.[1];
  if (database === undefined) throw wrong('names no database by its number after the /');
  const secret = decoded(password, wrong);
  const user = decoded(username, wrong);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    shown: `${protocol}//${hostname}${port === '' ? '' : `:${port}`}${database === '' ? '' : `/${database}`}`,
    login: {
      host,
      port: port === '' ? usualPort : Number(port),
      db: Number(database),
      ...(user === '' ? {} : { username: user }),
      ...(secret === '' ? {} : { password: secret }),
      ...(protocol === 'rediss:' ? { tls: { servername: host } } : {}),
    },
    secrets: [...new Set([secret, password])].filter((each) => each !== ''),
  };
}

function decoded(part: string, wrong: (problem: string) => Error): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw wrong('has a user or password with a % that stands for nothing');
  }
}
