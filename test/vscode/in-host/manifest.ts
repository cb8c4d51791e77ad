/** What the manifest promises, asked of the host that read it. */
import assert from 'node:assert';
import * as vscode from 'vscode';
import type { HostTest } from './suite.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly configuration: Configuration | readonly Configuration[];
  };
}

interface Configuration {
  readonly properties: Readonly<Record<string, { readonly default?: unknown; readonly type?: unknown }>>;
}

function contributes(): Manifest['contributes'] {
  const extension = vscode.extensions.getExtension('teamwright.teamwright');
  assert.ok(extension);
  return (extension.packageJSON as Manifest).contributes;
}

/** Made by VS Code itself for every view and container. */
const ofViews = /^teamwright\.[\w-]+\.(focus|open|removeView|resetViewLocation|toggleVisibility)$|^workbench\./;

export const manifest: readonly HostTest[] = [
  {
    name: 'every command of the manifest is registered, and no other',
    run: async () => {
      const declared = contributes().commands.map((each) => each.command);
      const registered = (await vscode.commands.getCommands(true)).filter((each) => each.startsWith('teamwright.') && !ofViews.test(each));
      assert.deepStrictEqual(registered.sort(), [...declared].sort());
    },
  },
  {
    name: 'every setting has the default that the manifest names',
    run: () => {
      const sections = contributes().configuration;
      for (const { properties } of 'properties' in sections ? [sections] : sections) {
        for (const [key, { default: wanted }] of Object.entries(properties)) {
          const found = vscode.workspace.getConfiguration().inspect(key);
          assert.ok(found, `VS Code does not know ${key}`);
          assert.deepStrictEqual(found.defaultValue, wanted, key);
        }
      }
    },
  },
  {
    name: 'no string of the manifest is left untranslated',
    run: () => {
      const text = JSON.stringify(contributes());
      assert.deepStrictEqual(text.match(/"%[\w.-]+%"/g) ?? [], []);
    },
  },
];
