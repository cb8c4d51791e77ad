/** Restricted Mode: whatever is asked of the extension in a workspace that is not trusted, it starts no process. */
import assert from 'node:assert';
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import * as vscode from 'vscode';
import { facts, type HostTest } from './suite.ts';

const starters = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'] as const;
/** Every start of a process in this host, by whomever: program and the stack it was started from. */
const started: { readonly what: string; readonly stack: string }[] = [];

/** Every later start passes here, however the code that starts it has imported these functions. */
function watch(): void {
  for (const name of starters) {
    const original = childProcess[name] as (...args: unknown[]) => unknown;
    Object.defineProperty(childProcess, name, {
      value: (...args: unknown[]) => {
        started.push({ what: `${name} ${String(args[0])}`, stack: new Error().stack ?? '' });
        return original(...args);
      },
    });
  }
  syncBuiltinESMExports();
}

/** Those that came from code of this extension. */
function ofExtension(): string[] {
  const home = vscode.extensions.getExtension('teamwright.teamwright')?.extensionPath;
  assert.ok(home);
  return started.filter((each) => each.stack.includes(`${home}/dist/`)).map((each) => `${each.what}\n${each.stack}`);
}

/** Asks for something and answers every box that opens with text and Enter, as a person would who goes on regardless. */
async function insist(command: string, ...args: unknown[]): Promise<void> {
  const asked = Promise.resolve(vscode.commands.executeCommand(command, ...args)).catch((error: unknown) => {
    facts[`refused ${command}`] = String(error);
  });
  for (let round = 0; round < 4; round++) {
    await wait(150);
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  }
  // A box may still be open; closing it must end the command.
  await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  await Promise.race([asked, wait(2000)]);
}

export const restricted: readonly HostTest[] = [
  {
    name: 'the workspace is not trusted, and the extension is there all the same',
    run: async () => {
      watch();
      assert.strictEqual(vscode.workspace.isTrusted, false);
      await vscode.extensions.getExtension('teamwright.teamwright')?.activate();
    },
  },
  {
    name: 'the watch sees a process that is started in this host',
    run: async () => {
      const before = started.length;
      const { spawn } = await import('node:child_process');
      const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
      await new Promise((resolve) => child.on('close', resolve));
      assert.strictEqual(started.length, before + 1);
    },
  },
  {
    name: 'no command of the manifest starts a process',
    run: async () => {
      const extension = vscode.extensions.getExtension('teamwright.teamwright');
      assert.ok(extension);
      const { commands } = (extension.packageJSON as { contributes: { commands: { command: string }[] } }).contributes;
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      for (const { command } of commands) {
        // Opens another window, whose trust is its own.
        if (command === 'teamwright.openExample') continue;
        await insist(command, folder === undefined ? undefined : vscode.Uri.joinPath(folder, 'sum.js'));
        assert.deepStrictEqual(ofExtension(), [], command);
      }
    },
  },
];
