/** What every part of the editor gets: VS Code's objects, the log, and the one way to tell of a failure. */
import type * as vscode from 'vscode';
import { showFailure } from './failures.ts';
import type { EditorHost } from './flow-types.ts';
import { visibly } from './visible.ts';

/** The log's channel is made at its first use. */
export function createHost(bare: typeof vscode, context: vscode.ExtensionContext): EditorHost {
  const api = visibly(bare);
  let channel: vscode.LogOutputChannel | undefined;
  const log = (): vscode.LogOutputChannel => {
    if (channel === undefined) {
      channel = api.window.createOutputChannel('Teamwright', { log: true });
      context.subscriptions.push(channel);
    }
    return channel;
  };
  return {
    vscode: api,
    context,
    get log() {
      return log();
    },
    showFailure: (error) => showFailure(api, log, error),
  };
}
