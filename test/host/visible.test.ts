/** Hidden characters in the words of others, wherever VS Code shows them: they are named in their place, and what is chosen stays what it was. */
import { expect, test } from 'vitest';
import { createHost } from '../../src/editor/host.ts';
import { shown } from '../../src/editor/visible.ts';
import { fakeVscode } from '../support/fake-vscode.ts';

const hostile = 'a\u202eb\u200bc\u{e0041}\u001b[8md\re\bf';
const visible = 'a<U+202E>b<U+200B>c<U+E0041><U+001B>[8md<U+000D>e<U+0008>f';
const open = () => {
  const fake = fakeVscode({});
  return { fake, host: createHost(fake.vscode, fake.context) };
};

test.each(['showInformationMessage', 'showWarningMessage', 'showErrorMessage'] as const)(
  '%s names them, in the detail too',
  async (show) => {
    const { fake, host } = open();
    void host.vscode.window[show](hostile, { modal: true, detail: hostile }, 'Yes');
    const message = await fake.prompts.messages.next();
    expect([message.text, message.detail]).toEqual([visible, visible]);
    void host.vscode.window[show](hostile, 'Yes');
    expect((await fake.prompts.messages.next()).text).toBe(visible);
  },
);

test('a failure names them', async () => {
  const { fake, host } = open();
  void host.showFailure(new Error(hostile));
  expect((await fake.prompts.messages.next()).text).toContain(visible);
});

test('a list names them, and gives what was in it', async () => {
  const { fake, host } = open();
  const items = [
    { label: hostile, detail: hostile, path: hostile },
    { label: 'plain', path: 'p' },
  ];
  const chosen = host.vscode.window.showQuickPick(items);
  const list = await fake.prompts.picks.next();
  expect(list.labels).toEqual([visible, 'plain']);
  list.choose(visible);
  expect(await chosen).toBe(items[0]);
});

test('a list that lives names them, and knows its entries', async () => {
  const { fake, host } = open();
  const list = host.vscode.window.createQuickPick<{ label: string; path: string }>();
  const item = { label: hostile, path: hostile };
  list.title = hostile;
  list.items = [item];
  list.activeItems = [item];
  const held = await fake.prompts.quickPicks.next();
  expect([held.title, held.items[0]?.label]).toEqual([visible, visible]);
  expect(held.activeItems[0]).toBe(held.items[0]);
  expect(list.activeItems[0]?.path).toBe(hostile);
});

test('a page gets its texts so, and its numbers and names of fields as they are', () => {
  expect(shown({ list: [hostile, 1], none: null, deep: { text: hostile } })).toEqual({
    list: [visible, 1],
    none: null,
    deep: { text: visible },
  });
});
