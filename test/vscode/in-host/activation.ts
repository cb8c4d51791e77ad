import assert from 'node:assert';
import process from 'node:process';
import * as vscode from 'vscode';
import { facts, type HostTest } from './suite.ts';

const id = 'teamwright.teamwright';

/** VS Code's own marks in the extension host, milliseconds since the epoch. */
interface Marks {
  getMarks(): readonly { readonly name: string; readonly startTime: number }[];
}

function markOf(name: string): number {
  const marks = (globalThis as { MonacoPerformanceMarks?: Marks }).MonacoPerformanceMarks;
  const found = marks?.getMarks().find((each) => each.name === `code/extHost/${name}/${id}`);
  assert.ok(found, `VS Code set no mark ${name}`);
  return found.startTime;
}

export const activation: readonly HostTest[] = [
  {
    name: 'the extension is active once VS Code has started',
    run: async () => {
      const extension = vscode.extensions.getExtension(id);
      assert.ok(extension, `${id} is not installed`);
      await extension.activate();
      assert.strictEqual(extension.isActive, true);
    },
  },
  {
    name: 'loading and activating it takes no time that anyone would notice',
    run: () => {
      facts.loadMs = markOf('didLoadExtensionCode') - markOf('willLoadExtensionCode');
      facts.activateMs = markOf('didActivateExtension') - markOf('willActivateExtension');
      facts.vscode = vscode.version;
      facts.node = process.version;
      // The goal is 30 ms; on a machine that does much else at once a single reading may be several times that. `npm run bench -- activation`
      // takes the median of many.
      assert.ok(Number(facts.loadMs) + Number(facts.activateMs) < 500, `load ${facts.loadMs} ms, activate ${facts.activateMs} ms`);
    },
  },
];
