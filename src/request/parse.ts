/** User text in, a checked request out. */
import * as z from 'zod';
import { requestInvalid } from '../errors.ts';
import { longestRequest, type Request, requestSchema } from './types.ts';

export type RequestInput = string | z.input<typeof requestSchema>;

/**
 * Checks what the user asked. Line ends become `\n`, a byte order mark and outer white space go, paths get forward slashes.
 * Throws `request-invalid` naming what is wrong: empty, too long, a control character, a path that leaves the workspace, a wrong field.
 */
export function parseRequest(input: RequestInput): Request {
  const raw = typeof input === 'string' ? { text: input } : input;
  if (raw === null || typeof raw !== 'object' || typeof raw.text !== 'string') {
    throw requestInvalid({ why: 'not-text' });
  }
  const text = raw.text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .trim();
  if (text === '') throw requestInvalid({ why: 'empty' });
  if (text.length > longestRequest) throw requestInvalid({ why: 'too-long', characters: text.length, most: longestRequest });
  refuseControlCharacters(text);
  const parsed = requestSchema.safeParse({ ...raw, text });
  if (!parsed.success) throw requestInvalid({ why: 'shape', problem: z.prettifyError(parsed.error) });
  return withWorkspacePaths(parsed.data);
}

/** Control characters (tab and line feed apart), direction overrides and half characters could hide or forge text on a screen. */
function refuseControlCharacters(text: string): void {
  let position = 0;
  for (const character of text) {
    position += 1;
    const code = character.codePointAt(0) ?? 0;
    const control = (code < 0x20 && code !== 0x09 && code !== 0x0a) || (code >= 0x7f && code <= 0x9f);
    const direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    const half = code >= 0xd800 && code <= 0xdfff;
    if (!control && !direction && !half) continue;
    const named = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    throw requestInvalid({ why: 'control-character', character: named, position });
  }
}

function withWorkspacePaths(request: Request): Request {
  return {
    ...request,
    files: [...new Set(request.files.map(workspacePath))],
    ...(request.selection && { selection: { ...request.selection, path: workspacePath(request.selection.path) } }),
    ...(request.diagnostic && { diagnostic: { ...request.diagnostic, path: workspacePath(request.diagnostic.path) } }),
    ...(request.failingTest?.path !== undefined && {
      failingTest: { ...request.failingTest, path: workspacePath(request.failingTest.path) },
    }),
  };
}

/** Forward slashes, no `.` segments; absolute paths and `..` are refused, for nothing outside the workspace is read. */
function workspacePath(path: string): string {
  const slashed = path.replace(/\\/g, '/');
  const parts = slashed.split('/').filter((part) => part !== '' && part !== '.');
  if (slashed.startsWith('/') || /^[A-Za-z]:/.test(slashed) || parts.includes('..') || parts.length === 0 || slashed.includes('\0')) {
    throw requestInvalid({ why: 'outside', path });
  }
  return parts.join('/');
}
