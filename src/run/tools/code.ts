/** What stands in the code of the copy: from the syntax tree, and from the user's editor where there is one. */
import { lstat } from 'node:fs/promises';
import * as z from 'zod';
import { throwIfStopped } from '../../errors.ts';
import { ifThere } from '../../process/index.ts';
import { partsOf, placesOfName } from '../../syntax/index.ts';
import { resolveInside } from '../../workspace/index.ts';
import type { WorkspaceCopy } from '../../workspace/types.ts';
import { filesBelow, leaveOut, textOf } from './files.ts';
import { tool } from './tool.ts';

const readBytes = 512_000;

/** The files that are meant: the one at this path, or those below it. */
async function filesAt(copy: WorkspaceCopy, path: string | null | undefined, signal: AbortSignal): Promise<readonly string[]> {
  if (path != null && path !== '' && path !== '.') {
    const { absolute, relative } = await resolveInside(copy.root, path);
    if ((await ifThere(lstat(absolute)))?.isFile()) return [relative];
  }
  return filesBelow(copy, path, signal);
}

export const codeTools = {
  symbols: tool(
    'List the functions, methods and classes of a file, or of the files below a folder, with their lines.',
    z.strictObject({ path: z.string().nullish() }),
    async ({ path }, { copy }, signal) => {
      const found: string[] = [];
      for (const file of await filesAt(copy, path, signal)) {
        throwIfStopped(signal);
        const text = await textOf(copy, file, readBytes).catch(leaveOut);
        const parts = text === undefined ? [] : ((await partsOf(file, text))?.parts ?? []);
        if (parts.length > 0) found.push(file, ...parts.map(({ line, endLine, signature }) => `  ${line}-${endLine}: ${signature}`));
      }
      return (
        found.join('\n') ||
        'No functions or classes were found there; there is a grammar for Python, JavaScript, TypeScript, Go, Rust and Java.'
      );
    },
  ),
  references: tool(
    'Find where a name is defined and used, without comments and strings. By its letters: two things of one name are not told apart.',
    z.strictObject({
      name: z.string().regex(/^[\p{L}\p{Nl}_$][\p{L}\p{N}\p{M}_$]*$/u, 'one name, without dots'),
      path: z.string().nullish(),
    }),
    async ({ name, path }, { copy }, signal) => {
      const defined: string[] = [];
      const used: string[] = [];
      const unread: string[] = [];
      for (const file of await filesAt(copy, path, signal)) {
        throwIfStopped(signal);
        const text = await textOf(copy, file, readBytes).catch(leaveOut);
        if (text === undefined || !text.includes(name)) continue;
        const places = await placesOfName(file, text, name);
        if (places === undefined) unread.push(file);
        const lines = text.split('\n');
        for (const { line, as } of places ?? []) {
          const said = `${file}:${line}: ${(lines[line - 1] ?? '').trim().slice(0, 200)}`;
          if (as === 'use') used.push(said);
          else defined.push(`${said} (defines the ${as})`);
        }
      }
      const more = unread.length > 0 ? [`Without a grammar, so only searched for the letters, which are there: ${unread.join(', ')}.`] : [];
      return [...defined, ...used, ...more].join('\n') || 'The name stands nowhere.';
    },
  ),
  diagnostics: tool(
    "What the user's editor finds wrong in files as they were before your changes.",
    z.strictObject({ path: z.string().nullish() }),
    async ({ path }, { diagnose }, signal) => {
      if (diagnose === undefined)
        throw new Error('Not available: there is no editor here. Run the tests, or a command that you are allowed to run.');
      const found = await diagnose(path == null || path === '' ? [] : [path], signal);
      const lines = found.map(
        ({ path: file, line, column, severity, message, source }) =>
          `${file}:${line}:${column}: ${severity}: ${message.replace(/\s+/g, ' ')}${source === undefined ? '' : ` [${source}]`}`,
      );
      return lines.join('\n') || 'The editor finds nothing wrong there. It may not have looked at files that are not open.';
    },
  ),
};
