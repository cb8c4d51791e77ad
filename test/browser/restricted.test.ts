/** Restricted Mode, watched from outside: a whole attempt to start a request starts no process and asks no server. */
import { expect, test } from 'vitest';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { patience } from '../support/vscode-pages/workbench.ts';

const open = scenesOfFile();

/** VS Code's own: its helpers, its npm extension's look for package.json, and its search for ports that could be forwarded. Empty, or the server's own words: just being started, and seen again in a moment. */
const ofVsCode =
  /server-main\.js|--type=(extensionHost|fileWatcher|ptyHost)|\/lib\/vscode\/extensions\/|ls -l \/proc\/|^grep (socket:|root)|ps -F -A -l|\/ripgrep-universal\/.* --files .*-g \*\*\/package\.json |^$/;

test('in a folder that is not trusted a request is refused with a sentence, and no process is started', async () => {
  const { workbench, workspace, server, model, runIds, window } = await open({ trusted: false });
  const before = workspace.contents();
  const seen = new Set<string>();
  const watch = setInterval(() => {
    for (const { command } of server.processes()) if (!ofVsCode.test(command)) seen.add(command);
  }, 15);
  try {
    await workbench.command('Teamwright: New Request');
    await workbench.notification('Restricted Mode').waitFor({ timeout: patience });
    await workbench.command('Teamwright: Choose Models');
    await workbench.command('Teamwright: Open Dashboard');
    await workbench.webview('dashboard');
  } finally {
    clearInterval(watch);
  }
  expect([...seen]).toEqual([]);
  expect(model.requests).toHaveLength(0);
  expect(await runIds()).toEqual([]);
  expect(workspace.contents()).toEqual(before);
  expect(window.ownErrors).toEqual([]);
});
