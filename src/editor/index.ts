/** The editor's front door: the extension as one thing that is opened with VS Code and closed with it. */
export { type Editor, openEditor } from './shell.ts';
