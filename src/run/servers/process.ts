/** A server of the Model Context Protocol as a child process: messages are lines of JSON, in its input and its output. */

import { rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { findProgram, pickEnvironment, runCommand, takeScratch } from '../../process/index.ts';
import type { ServerSettings } from './settings.ts';

/** One message may not be longer, characters. */
const longestMessage = 10_000_000;
/** No run lasts longer. */
const wallMs = 7 * 24 * 3600 * 1000;

export interface ServerProcess extends Transport {
  /** Why it is not there any more; undefined while it runs. */
  why(): string | undefined;
}

/**
 * It runs as the user, in an empty folder of its own: in the workspace its program could be found among the workspace's files. `close` ends it
 * with all it started. `around`: what starts it, where it is not to have all that the user has.
 */
export function serverProcess({ command, args, env }: ServerSettings[string], around: readonly string[]): ServerProcess {
  const stop = new AbortController();
  let input: Writable | undefined;
  let ended: Promise<void> | undefined;
  let reason: string | undefined;
  let unread = '';
  const transport: ServerProcess = {
    why: () => reason,
    start: async () => {
      const cwd = takeScratch('disk');
      const begun = Promise.withResolvers<void>();
      const read = (chunk: string, stream: 'stdout' | 'stderr'): void => {
        if (stream === 'stderr') return;
        unread += chunk;
        for (let end = unread.indexOf('\n'); end !== -1; end = unread.indexOf('\n')) {
          const line = unread.slice(0, end).trim();
          unread = unread.slice(end + 1);
          if (line !== '') take(line);
        }
        if (unread.length > longestMessage) {
          reason ??= 'a message of it has no end';
          stop.abort();
        }
      };
      const take = (line: string): void => {
        let message: JSONRPCMessage;
        try {
          message = JSON.parse(line) as JSONRPCMessage;
        } catch {
          // Some print words of their own beside the messages.
          return;
        }
        transport.onmessage?.(message);
      };
      const onInput = (opened: Writable): void => {
        input = opened;
        begun.resolve();
      };
      // What starts it would only say that something it started was not there.
      const isThere = findProgram(command, cwd, pickEnvironment(process.env, env)) !== undefined;
      ended = runCommand(
        { argv: [...(isThere ? around : []), command, ...args], cwd, env, wallMs, outputBytes: 4000, onOutput: read, onInput },
        {},
        stop.signal,
      ).then((result) => {
        const said = result.stderr.trim().split('\n').slice(-3).join(' ').slice(-500);
        reason ??= result.ending === 'exited' ? `it ended with code ${result.exitCode}. ${said}`.trim() : said || result.ending;
        rmSync(cwd, { recursive: true, force: true, maxRetries: 3 });
        begun.resolve();
        transport.onclose?.();
      });
      await begun.promise;
      if (reason !== undefined) throw new Error(reason);
    },
    send: async (message) => {
      if (input === undefined || reason !== undefined) throw new Error(reason ?? 'it was not started');
      input.write(`${JSON.stringify(message)}\n`);
    },
    close: async () => {
      stop.abort();
      await ended;
    },
  };
  return transport;
}
