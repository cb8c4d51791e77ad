/** What the user can do about a failure of a model, in the editor: the buttons that do it. */
import type * as vscode from 'vscode';
import type { ErrorCode } from '../../errors.ts';

export interface NextStepButton {
  readonly title: string;
  readonly command: string;
  readonly argument?: unknown;
}

export interface NextStep {
  /** In place of a next step that speaks of the command line. */
  readonly next?: string;
  readonly buttons: readonly NextStepButton[];
}

/** Endpoints that are no name of the user's settings. */
const ours = new Set(['embedded', 'ollama', 'lm-studio', 'llama-server', 'vllm', 'vscode', 'recorded']);

/** Undefined for failures that are not about models. `facts` may be missing: a run's result keeps only the code. */
export function modelStep(
  { l10n }: Pick<typeof vscode, 'l10n'>,
  failure: { readonly code: ErrorCode; readonly facts?: Readonly<Record<string, unknown>> },
): NextStep | undefined {
  const { code, facts } = failure;
  const choose = { title: l10n.t('Choose Models…'), command: 'teamwright.models.choose' };
  const endpoint = typeof facts?.endpoint === 'string' && !ours.has(facts.endpoint) ? facts.endpoint : undefined;
  const isAddress = endpoint !== undefined && /^https?:/.test(endpoint);
  const id = typeof facts?.id === 'string' ? facts.id : undefined;
  const setUp = { title: l10n.t('Set Up Embedded Model'), command: 'teamwright.models.setUpEmbedded', argument: id };
  switch (code) {
    case 'model-unauthorized':
      if (facts?.endpoint === 'vscode') return { buttons: [choose] };
      if (isAddress) {
        const add = { title: l10n.t('Add Endpoint…'), command: 'teamwright.models.addEndpoint', argument: endpoint };
        return { next: l10n.t('Add the server as an endpoint to give it a key, or choose another model.'), buttons: [add, choose] };
      }
      return {
        next: l10n.t('Check the key and whether the account has credit.'),
        buttons: [{ title: l10n.t('Set Key…'), command: 'teamwright.models.setKey', argument: endpoint }, choose],
      };
    case 'model-unreachable':
      return {
        next:
          facts?.endpoint === 'embedded'
            ? l10n.t('Run again: its server is started anew.')
            : l10n.t('Check that the server runs and that its address is right, or choose another model.'),
        buttons: [choose],
      };
    case 'model-not-found':
      return { next: l10n.t('Choose one of the models that are there.'), buttons: [choose] };
    case 'model-refused':
      return facts?.endpoint === 'vscode'
        ? { buttons: [choose] }
        : { next: l10n.t('Choose another model, or find out anew what this one can do.'), buttons: [choose] };
    case 'model-bad-reply':
    case 'model-context-full':
    case 'model-half-stream':
    case 'model-rate-limited':
    case 'model-server-error':
    case 'model-timeout':
      return { buttons: [choose] };
    case 'local-model-missing':
      return { next: l10n.t('Set it up, or choose another model.'), buttons: [setUp, choose] };
    case 'local-model-corrupt':
    case 'local-model-failed':
      return { next: l10n.t('Set it up again, or choose another model.'), buttons: [setUp, choose] };
    case 'download-failed':
      return { next: l10n.t('Check the network and try again: what arrived so far is kept.'), buttons: [setUp, choose] };
    default:
      return undefined;
  }
}
