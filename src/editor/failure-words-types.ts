/** How the editor words failures. */
import type * as vscode from 'vscode';
import type { ErrorCode, Facts } from '../errors.ts';

export interface Button {
  readonly title: string;
  readonly command: string;
  readonly argument?: unknown;
}

/** What the user reads: the sentence, the next step, and the buttons that do it. */
export interface ToldFailure {
  readonly message: string;
  readonly next?: string;
  readonly buttons?: readonly Button[];
}

/** `sentence`: the core's, in English, for what the editor never meets. */
export type FailureWords<C extends ErrorCode> = {
  readonly [K in C]: (facts: Facts[K], t: typeof vscode.l10n.t, sentence: string) => ToldFailure;
};
