/** `@teamwright` in the chat, where there is one: the same request, the same review. Nothing of the flow happens in the chat itself. */
import type * as vscode from 'vscode';
import type { Requests } from './requests.ts';

/** Id of the participant in the manifest. */
const participant = 'teamwright.team';

export function registerChat(api: typeof vscode, requests: () => Promise<Requests>, failed: (error: unknown) => void): vscode.Disposable[] {
  // An editor built without chat has no such function.
  if (typeof api.chat?.createChatParticipant !== 'function') return [];
  return [
    api.chat.createChatParticipant(participant, async (request, _context, stream) => {
      try {
        const { answer } = await import('./chat-answer.ts');
        await answer(api, await requests(), request, stream);
      } catch (error) {
        stream.markdown(api.l10n.t('The run could not be started: {0}', error instanceof Error ? error.message : String(error)));
        failed(error);
      }
    }),
  ];
}
