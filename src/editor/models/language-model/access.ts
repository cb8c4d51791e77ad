/**
 * The user's permission to use the language models of a provider. VS Code asks for it at the first request of an extension, which must come
 * from an action of the user. A run asks its first question minutes after that action, or goes on after a reload without any: so before the
 * first use of a provider a dialog asks, and its button sends one very short message, at which VS Code asks in turn.
 */
import type * as vscode from 'vscode';
import { isTeamwrightError, stopped } from '../../../errors.ts';
import type { EditorHost } from '../../flow-types.ts';
import { orStopped } from '../waiting.ts';
import { nameOf } from './api.ts';
import { languageModelFailure, vscodeModelFailed } from './failures.ts';

/** Providers that answered once in this installation of VS Code. */
const answeredKey = 'teamwright.languageModels.answered';

const answered = ({ context }: EditorHost): readonly string[] => context.globalState.get<string[]>(answeredKey, []);

/** Shown where VS Code asks whether Teamwright may use its models. */
export const justification = ({ l10n }: Pick<typeof vscode, 'l10n'>): string =>
  l10n.t('Teamwright sends the request, and the parts of your code that its team works on, to the model you chose.');

/** Rejects with `model-unauthorized` when VS Code said no, with `stopped` when the user did. */
export async function requireAccess(host: EditorHost, chat: vscode.LanguageModelChat, signal: AbortSignal): Promise<void> {
  const api = host.vscode;
  const allowed = host.context.languageModelAccessInformation.canSendRequest(chat);
  if (allowed === false) throw vscodeModelFailed('not-allowed', nameOf(chat), '');
  // VS Code 1.139 says yes before anybody was asked, so only an answer counts.
  if (answered(host).includes(chat.vendor)) return;
  const ask = api.l10n.t('Ask for Access');
  const question = api.window.showInformationMessage(
    api.l10n.t('Use {0} ({1}) through VS Code?', chat.name, chat.vendor),
    {
      modal: true,
      detail: api.l10n.t(
        'Teamwright sends the request, and the parts of your code that its team works on, to this model. VS Code may ask for your permission: one very short message is sent now to find out. What a call takes from your quota, VS Code does not tell.',
      ),
    },
    ask,
  );
  if ((await orStopped(question, signal)) !== ask) throw stopped('the user');
  await askForAccess(host, chat, signal);
}

/** Sends one very short message; call it from an action of the user. Rejects with what the model or VS Code says (`model-…`). */
export async function askForAccess(host: EditorHost, chat: vscode.LanguageModelChat, signal: AbortSignal): Promise<void> {
  const api = host.vscode;
  const source = new api.CancellationTokenSource();
  const cancel = (): void => source.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const messages = [api.LanguageModelChatMessage.User('Reply with: OK')];
    const response = await orStopped(chat.sendRequest(messages, { justification: justification(api) }, source.token), signal);
    await orStopped(response.stream[Symbol.asyncIterator]().next(), signal);
  } catch (error) {
    if (isTeamwrightError(error)) throw error;
    throw languageModelFailure(error, nameOf(chat));
  } finally {
    signal.removeEventListener('abort', cancel);
    // What else the model says is not needed.
    source.cancel();
    source.dispose();
  }
  await host.context.globalState.update(answeredKey, [...new Set([...answered(host), chat.vendor])]);
}

/** After VS Code said no: the next run asks again before anything is paid for. */
export async function forgetAccess(host: EditorHost, vendor: string): Promise<void> {
  const others = answered(host).filter((known) => known !== vendor);
  if (others.length !== answered(host).length) await host.context.globalState.update(answeredKey, others);
}
