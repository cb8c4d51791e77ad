/** The editor's front door: the extension as one thing that is opened with VS Code and closed with it. */
export { createHost } from './host.ts';
export { type Editor, openEditor } from './shell.ts';
