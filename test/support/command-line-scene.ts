/** A command line with a workspace to work on and a scripted model that it knows. */
import { type CommandLine, commandLine } from './command-line.ts';
import { type Script, type ScriptedServer, type ServerOptions, startScriptedServer } from './scripted-server.ts';
import { quickSum, type TemporaryWorkspace, temporaryWorkspace } from './workspaces.ts';

export interface CommandLineScene {
  readonly cli: CommandLine;
  readonly workspace: TemporaryWorkspace;
  readonly server: ScriptedServer;
}

/** Puts into `cleanUps` what ends each part; to be called in the opposite order. */
export async function commandLineScene(
  cleanUps: (() => unknown)[],
  script: Script,
  options: ServerOptions & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<CommandLineScene> {
  const cli = commandLine();
  cleanUps.push(cli.dispose);
  const workspace = temporaryWorkspace(options.files ?? quickSum);
  cleanUps.push(workspace.dispose);
  const server = await startScriptedServer(script, options);
  cleanUps.push(server.close);
  await cli.knows(server.url);
  return { cli, workspace, server };
}
