/**
 * How a tab hears of its run. What this window runs is always heard; the run of another process, or one that is over, is known by looking at
 * its trace file again and again, and nobody looks for a tab that cannot be seen.
 */
import type * as vscode from 'vscode';
import type { TraceEvent } from '../../trace/events.ts';
import type { RunHandle } from '../flow-types.ts';

/** `listener` is told `undefined` when the tab can be seen again: anything may have happened meanwhile. */
export function followRun(
  panel: vscode.WebviewPanel,
  handle: RunHandle,
  listener: (event: TraceEvent | undefined) => void,
): { dispose(): void } {
  let subscription: vscode.Disposable | undefined;
  const settle = (): void => {
    if (panel.visible || handle.live) {
      subscription ??= handle.onDidChange((event) => {
        listener(event);
        settle();
      });
      return;
    }
    subscription?.dispose();
    subscription = undefined;
  };
  const onView = panel.onDidChangeViewState(() => {
    const missed = subscription === undefined;
    settle();
    if (missed && subscription !== undefined) listener(undefined);
  });
  settle();
  return {
    dispose: () => {
      onView.dispose();
      subscription?.dispose();
    },
  };
}
