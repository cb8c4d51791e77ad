import { describe, expect, test } from 'vitest';
import type * as vscode from 'vscode';
import type { RunHandle } from '../../src/editor/flow-types.ts';
import { followRun } from '../../src/editor/panels/follow-run.ts';
import type { TraceEvent } from '../../src/trace/events.ts';

/** A tab and a run whose followers are counted: following a run of another process means looking at its file. */
function scene(live: boolean) {
  const views = new Set<() => void>();
  const followers = new Set<(event: TraceEvent | undefined) => void>();
  const panel = {
    visible: true,
    onDidChangeViewState: (listener: () => void) => {
      views.add(listener);
      return { dispose: () => views.delete(listener) };
    },
  };
  const handle = {
    live,
    onDidChange: (listener: (event: TraceEvent | undefined) => void) => {
      followers.add(listener);
      return { dispose: () => followers.delete(listener) };
    },
  };
  const heard: unknown[] = [];
  const following = followRun(panel as unknown as vscode.WebviewPanel, handle as unknown as RunHandle, (event) => heard.push(event));
  return {
    heard,
    followers,
    views,
    handle,
    following,
    show: (visible: boolean) => {
      panel.visible = visible;
      for (const listener of views) listener();
    },
    tell: () => {
      for (const listener of [...followers]) listener(undefined);
    },
  };
}

describe('a tab that follows a run', () => {
  test('of another process looks at its file only while it can be seen, and catches up when it is seen again', () => {
    const { followers, show, heard } = scene(false);
    expect(followers.size).toBe(1);
    show(false);
    expect(followers.size).toBe(0);
    expect(heard).toEqual([]);
    show(true);
    expect(followers.size).toBe(1);
    expect(heard).toEqual([undefined]);
  });

  test('of this window hears it also when hidden, until it is over', () => {
    const { followers, show, tell, handle, heard } = scene(true);
    show(false);
    expect(followers.size).toBe(1);
    handle.live = false;
    tell();
    expect(heard).toHaveLength(1);
    expect(followers.size).toBe(0);
  });

  test('leaves nothing behind', () => {
    const { followers, views, following } = scene(true);
    following.dispose();
    expect([followers.size, views.size]).toEqual([0, 0]);
  });
});
