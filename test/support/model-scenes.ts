/** A client with a scripted server of its own, for the tests of the models room. */
import { isTeamwrightError, type TeamwrightError } from '../../src/errors.ts';
import { openAiClient } from '../../src/models/index.ts';
import type { OpenAiSettings } from '../../src/models/openai-client.ts';
import type { ChatReply } from '../../src/models/types.ts';
import { type Script, type ScriptedServer, type ServerOptions, startScriptedServer } from './scripted-server.ts';

export function modelScenes() {
  const open: ScriptedServer[] = [];
  return {
    setUp: async (script: Script, settings: Partial<OpenAiSettings> = {}, options: ServerOptions = {}) => {
      const server = await startScriptedServer(script, options);
      open.push(server);
      return { server, client: openAiClient({ endpoint: 'scripted', baseUrl: server.url, ...settings }) };
    },
    closeAll: async (): Promise<void> => {
      await Promise.all(open.splice(0).map((server) => server.close()));
    },
  };
}

export const never = (): AbortSignal => new AbortController().signal;

/** The failure that a call must end in. */
export async function failureOfCall(promise: Promise<ChatReply | readonly string[]>): Promise<TeamwrightError> {
  try {
    await promise;
  } catch (error) {
    if (isTeamwrightError(error)) return error;
    throw error;
  }
  throw new Error('the call should have failed');
}
