/** What VS Code in a browser has put on record of its window: it does so every few seconds, and a reload finds no more than that. */
import { expect } from 'vitest';
import { patience, type Workbench } from './workbench.ts';

/** Waits until the record of open editors names this kind of tab, and in its state the run: a tab is on record before its state is. */
export function remembersTab(workbench: Workbench, viewType: string, runId: string): Promise<void> {
  return remembers(workbench, new RegExp(`mainThreadWebview-${RegExp.escape(viewType)}\\b.{0,3000}${RegExp.escape(runId)}`, 's'));
}

/** Waits until the record of open editors holds this text: a title, an address. */
export async function remembers({ page }: Workbench, text: string | RegExp): Promise<void> {
  const { source, flags } = typeof text === 'string' ? new RegExp(RegExp.escape(text)) : text;
  // A string, because it runs in the page, where other types hold.
  const look = `(async () => {
    for (const { name } of await indexedDB.databases()) {
      if (!name.startsWith('vscode-web-state-db')) continue;
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      try {
        if (!database.objectStoreNames.contains('ItemTable')) continue;
        const record = await new Promise((resolve, reject) => {
          const request = database.transaction('ItemTable').objectStore('ItemTable').get('memento/workbench.parts.editor');
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
        if (new RegExp(${JSON.stringify(source)}, ${JSON.stringify(flags)}).test(String(record))) return true;
      } finally {
        database.close();
      }
    }
    return false;
  })()`;
  await expect.poll(() => page.evaluate<boolean>(look), { timeout: patience, interval: 250 }).toBe(true);
}
