/** The exact values this machine keeps secret, gathered where they are kept. */
import * as z from 'zod';
import { readRecord } from '../process/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const secretVariable =
  /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|AUTH|COOKIE|DSN|PAT)(?:_|$)|APIKEY|DATABASE_URL|CONNECTION_STRING/i;

/** Values of variables whose names say that they are secret. Addresses of files and switches (`1`, `true`) are none. */
export function knownSecrets(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && secretVariable.test(name) && value.length >= 6 && !/^(?:[/~]|[A-Za-z]:\\|true$|false$)/.test(value)
      ? [value]
      : [],
  );
}

const keyFileSchema = z.object({ keys: z.record(z.string(), z.string()) });

/** Every key of a key file (`keyFile` of the settings); none when it is absent or no key file, because then nobody uses it. */
export async function secretsInKeyFile(file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  return Object.values((await readRecord(file, keyFileSchema))?.keys ?? {});
}
