/** What redaction must know of this machine and its user. */
import os from 'node:os';
import { knownSecrets, type Privacy, secretsInKeyFile } from '../lessons/index.ts';
import type { Cli } from './context.ts';
import { dataDirOf } from './past.ts';
import type { Settings } from './settings.ts';

export async function privacyOf(cli: Cli, settings: Settings): Promise<Privacy> {
  const keys = Object.values(settings.endpoints).flatMap(({ keyVariable }) => (keyVariable && cli.env[keyVariable]) || []);
  return {
    known: [...new Set([...knownSecrets(cli.env), ...keys, ...(await secretsInKeyFile(settings.keyFile))])],
    user: loginName(),
    host: os.hostname(),
    home: cli.home,
    dataDir: dataDirOf(cli),
  };
}

/** A user id without a name (some containers) has none to hide. */
function loginName(): string | undefined {
  try {
    return os.userInfo().username;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as { syscall?: string }).syscall === 'uv_os_get_passwd')
      return undefined;
    throw error;
  }
}
