/**
 * The way to the Redis that benches and workers meet at. BullMQ and ioredis are loaded when they are asked for: they are no part of the program,
 * who wants a queue installs them beside it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { errorText, stopOf, TeamwrightError } from '../../errors.ts';
import type { QueueAddress } from './address.ts';

/** All keys begin with it. */
export const prefix = 'teamwright';

/** Ms that the first connection may take. */
const connectMs = 5000;
/** Ms between two tries to reach a Redis that fell silent. */
const retryMs = 1000;
/** Ms that parting may take; a Redis that does not answer is left without a word. */
const partingMs = 400;

export interface Link {
  readonly redis: Redis;
  /** How BullMQ's own connections are made. */
  readonly connection: object;
  readonly bullmq: typeof import('bullmq');
  /** For the `error` of everything that uses the connection: each trouble is told once, without a password. */
  readonly trouble: (error: Error) => void;
  /** Resolves when all of it is closed, or nothing answers. */
  readonly part: (...closings: (() => Promise<unknown>)[]) => Promise<void>;
}

/** Rejects with `queue-unusable` when the packages are missing, nobody answers, or the login is refused; `tell` hears later outages. */
export async function openLink(address: QueueAddress, tell: (text: string) => void, signal: AbortSignal): Promise<Link> {
  const [bullmq, { Redis }] = await packages();
  await firstContact(address, Redis, signal);
  const connection = { ...address.login, maxRetriesPerRequest: null, retryStrategy: () => retryMs };
  const redis = new Redis(connection);
  const told = new Set<string>();
  let silent = false;
  const trouble = (error: Error): void => {
    const text = withoutSecrets(errorText(error), address);
    if (isOutage(error)) {
      if (!silent) tell(`${address.shown} does not answer (${text}); trying again …`);
      silent = true;
    } else if (!told.has(text)) {
      told.add(text);
      tell(`${address.shown}: ${text}`);
    }
  };
  redis.on('error', trouble);
  redis.on('ready', () => {
    if (silent) tell(`${address.shown} answers again.`);
    silent = false;
  });
  return {
    redis,
    connection,
    bullmq,
    trouble,
    part: async (...closings) => {
      // What is closed while nothing answers fails, which is no news.
      await Promise.race([Promise.allSettled(closings.map((close) => close())), wait(partingMs, undefined, { ref: false })]);
      redis.disconnect();
    },
  };
}

async function packages() {
  try {
    return await Promise.all([import('bullmq'), import('ioredis')]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new TeamwrightError('queue-unusable', { why: 'packages-missing' });
  }
}

/** One try: a command at a terminal must not wait for a Redis that is not there. */
async function firstContact({ login, shown, secrets }: QueueAddress, Client: typeof Redis, signal: AbortSignal): Promise<void> {
  const probe = new Client({ ...login, lazyConnect: true, connectTimeout: connectMs, maxRetriesPerRequest: 0, retryStrategy: () => null });
  let last: unknown;
  probe.on('error', (error) => {
    last = error;
  });
  const stop = (): void => probe.disconnect();
  signal.addEventListener('abort', stop);
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    if (signal.aborted) throw stopOf(signal);
    const detail = withoutSecrets(errorText(last ?? error), { secrets });
    throw new TeamwrightError('queue-unusable', {
      why: /\b(NOAUTH|WRONGPASS|NOPERM|AUTH)\b/.test(detail) ? 'refused' : 'unreachable',
      address: shown,
      detail,
    });
  } finally {
    signal.removeEventListener('abort', stop);
    probe.disconnect();
  }
}

const isOutage = (error: Error): boolean =>
  (error as NodeJS.ErrnoException).syscall !== undefined ||
  /^(Connection is closed|connect ETIMEDOUT|Socket closed|LOADING|READONLY|Command timed out)/i.test(error.message) ||
  error.name === 'MaxRetriesPerRequestError';

const withoutSecrets = (text: string, { secrets }: Pick<QueueAddress, 'secrets'>): string =>
  secrets.reduce((clean, secret) => clean.replaceAll(secret, '[password]'), text);
