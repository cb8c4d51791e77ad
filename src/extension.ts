/** Composition root of the extension: `vscode` enters here, once. Activation registers and waits for nothing. */
import * as vscode from 'vscode';
import { createHost, type Editor, openEditor } from './editor/index.ts';

let editor: Editor | undefined;

export function activate(context: vscode.ExtensionContext): void {
  editor = openEditor(createHost(vscode, context), {
    env: process.env,
    clock: Date.now,
    random: Math.random,
  });
}

/** VS Code gives an extension a few seconds to end; ours is down in two, with every process it started. */
export async function deactivate(): Promise<void> {
  await editor?.close();
  editor = undefined;
}
