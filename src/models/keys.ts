/**
 * Where API keys come from: the environment, or a JSON file outside the workspace. A key belongs to a host: it is never sent to
 * another one, whatever address a workspace's settings name.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { errorText, type Facts, TeamwrightError } from '../errors.ts';
import { isWithin } from '../process/index.ts';
import { isLoopbackHost } from './prices.ts';

export interface KeySettings {
  /** The server that the key is for. */
  readonly baseUrl: string;
  /** A key file in here is refused: it would be committed, copied and read by agents. */
  readonly workspace?: string;
}

export interface FoundKey {
  readonly key: string | undefined;
  /** The variable or the file it came from, for people. */
  readonly from: string | undefined;
  readonly warnings: readonly string[];
}

/** Variables that are bound to a host by name. */
const hostVariables: Readonly<Record<string, readonly string[]>> = {
  'api.openai.com': ['OPENAI_API_KEY'],
  'api.anthropic.com': ['ANTHROPIC_API_KEY'],
  'generativelanguage.googleapis.com': ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  'api.mistral.ai': ['MISTRAL_API_KEY'],
  'api.deepseek.com': ['DEEPSEEK_API_KEY'],
  'api.groq.com': ['GROQ_API_KEY'],
  'api.together.xyz': ['TOGETHER_API_KEY'],
  'api.fireworks.ai': ['FIREWORKS_API_KEY'],
  'api.x.ai': ['XAI_API_KEY'],
  'api.cerebras.ai': ['CEREBRAS_API_KEY'],
  'openrouter.ai': ['OPENROUTER_API_KEY'],
};

/** `{"version": 1, "keys": {"host" or "host:port": "key"}}` */
const fileSchema = z.object({ version: z.literal(1).optional(), keys: z.record(z.string(), z.string()) });

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The key for a server, or none. First the variable of its host, then `TEAMWRIGHT_API_KEY` (which goes only to the
 * host of `TEAMWRIGHT_BASE_URL` or to `TEAMWRIGHT_API_KEY_HOST`; a warning says when it stays at home), then `keyFile`. Throws `key-file-unsafe` for a key file that others can read, that lies in the workspace, or that is no key file.
 */
export async function readKey(settings: KeySettings, env: Environment, keyFile?: string): Promise<FoundKey> {
  const url = new URL(settings.baseUrl);
  const warnings: string[] = [];
  const found =
    fromEnvironment(url, env, warnings) ?? (keyFile === undefined ? undefined : await fromFile(url, keyFile, settings, warnings));
  if (found === undefined) return { key: undefined, from: undefined, warnings };
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    warnings.push(`The key from ${found.from} travels to ${url.host} unencrypted (http).`);
  }
  return { ...found, warnings };
}

interface Found {
  readonly key: string;
  readonly from: string;
}

function fromEnvironment(url: URL, env: Environment, warnings: string[]): Found | undefined {
  for (const name of hostVariables[url.hostname] ?? []) {
    const key = usable(env[name], name, warnings);
    if (key !== undefined) return { key, from: name };
  }
  const own = 'TEAMWRIGHT_API_KEY';
  const key = usable(env[own], own, warnings);
  if (key === undefined) return undefined;
  const bound = [hostOf(env.TEAMWRIGHT_BASE_URL), env.TEAMWRIGHT_API_KEY_HOST?.trim()].filter(Boolean);
  if (bound.includes(url.host) || bound.includes(url.hostname)) return { key, from: own };
  warnings.push(
    bound.length > 0
      ? `${own} belongs to ${bound.join(', ')} and is not sent to ${url.host}.`
      : `${own} is not sent to ${url.host}: set TEAMWRIGHT_API_KEY_HOST=${url.host} to allow it.`,
  );
  return undefined;
}

const hostOf = (address: string | undefined): string | undefined =>
  address !== undefined && URL.canParse(address) ? new URL(address).host : undefined;

const unsafe = (path: string, why: Facts['key-file-unsafe']['why'], detail?: string) =>
  new TeamwrightError('key-file-unsafe', { path, why, detail });

async function fromFile(url: URL, keyFile: string, settings: KeySettings, warnings: string[]): Promise<Found | undefined> {
  const path = await realpath(resolve(keyFile)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unsafe(keyFile, 'unreadable', errorText(error));
  });
  if (path === undefined) return undefined;
  // The name and what it links to: neither may lie in the workspace.
  if (settings.workspace !== undefined && (await inside(settings.workspace, path, resolve(keyFile)))) {
    throw unsafe(keyFile, 'in-workspace');
  }
  await checkMode(path, keyFile, warnings);
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  const keys = parseKeys(text);
  // The parser's own words would quote the file, and with it a key.
  if (keys === undefined) throw unsafe(keyFile, 'not-json');
  for (const name of [url.host, url.hostname]) {
    if (!Object.hasOwn(keys, name)) continue;
    const key = usable(keys[name], `${keyFile} (${name})`, warnings);
    if (key !== undefined) return { key, from: keyFile };
  }
  return undefined;
}

async function checkMode(path: string, keyFile: string, warnings: string[]): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o006) !== 0) throw unsafe(keyFile, 'open-to-all');
  if ((mode & 0o060) !== 0) warnings.push(`The key file ${keyFile} is open to its group; chmod 600 closes it.`);
}

function parseKeys(text: string): Readonly<Record<string, string>> | undefined {
  try {
    return fileSchema.safeParse(JSON.parse(text)).data?.keys;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function inside(folder: string, ...paths: string[]): Promise<boolean> {
  const roots = [resolve(folder), await realpath(folder)];
  return roots.some((root) => paths.some((path) => isWithin(root, path)));
}

/** A key is one line of printable ASCII; anything else would break the header and might surface in an error. */
function usable(value: string | undefined, from: string, warnings: string[]): string | undefined {
  const key = value?.trim();
  if (!key) return undefined;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  warnings.push(`The key from ${from} holds characters that no key has, and is not used.`);
  return undefined;
}
