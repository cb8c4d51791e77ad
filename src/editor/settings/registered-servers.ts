/**
 * Servers of the Model Context Protocol that the user registered in VS Code (*MCP: Open User Configuration*), as far as Teamwright can start them: by a
 * command, with nothing left to ask for. Those of a folder or workspace are none: what comes with a project starts nothing on its word.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { nameSchema } from '../../plan/index.ts';
import { type ServerSettings, serversSchema } from '../../run/index.ts';

const registeredSchema = z.object({ servers: z.record(z.string(), z.unknown()).default({}) });

/** What VS Code fills in or reads from elsewhere when it starts a server itself. */
const serverSchema = z.object({
  type: z.literal('stdio').optional(),
  command: z.string(),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  cwd: z.undefined().optional(),
  envFile: z.undefined().optional(),
});
const isFilledIn = (value: string): boolean => value.includes('${');

/** By the names that plans grant: in small letters, other signs as dashes. A file that is not there, or cannot be read, names none. `storage`: where VS Code keeps what is the extension's. */
export async function registeredServers(storage: string | undefined): Promise<ServerSettings> {
  if (storage === undefined) return {};
  try {
    return serversIn(await readFile(join(dirname(dirname(storage)), 'mcp.json'), 'utf8'));
  } catch {
    // The user's own file is theirs: VS Code tells them what is wrong in it.
    return {};
  }
}

/** Throws for what is no JSON with comments. Pure. */
export function serversIn(text: string): ServerSettings {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(registeredSchema.parse(JSON.parse(withoutComments(text))).servers)) {
    const known = nameSchema.safeParse(name.toLowerCase().replace(/[^a-z0-9]/g, '-'));
    const server = serverSchema.safeParse(value);
    if (!known.success || !server.success || Object.hasOwn(found, known.data)) continue;
    const { command, args, env } = server.data;
    if ([command, ...args, ...Object.values(env)].some(isFilledIn)) continue;
    found[known.data] = { command, args, env };
  }
  return serversSchema.parse(found);
}

/** Comments and commas behind the last of several go; what stands in quotes stays. */
function withoutComments(text: string): string {
  const bare = text
    .replace(/^\uFEFF/, '')
    .replace(/("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (_, quoted?: string) => quoted ?? ' ');
  return bare.replace(/("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? '');
}
