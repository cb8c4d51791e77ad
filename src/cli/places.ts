/** Where the user's settings are. Pure: environment, platform and home come in. (Where runs live is the trace room's `userDataDir`.) */
import path from 'node:path';
import { badArgument } from './bad-argument.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `TEAMWRIGHT_CONFIG` names the file and must be absolute. Otherwise Unix and macOS follow XDG (`~/.config/teamwright/settings.json`), as
 * command-line tools do there, and Windows has it in `%APPDATA%\teamwright`. The file may be absent.
 */
export function settingsFileFrom(env: Environment, platform: NodeJS.Platform, home: string): string {
  const paths = platform === 'win32' ? path.win32 : path.posix;
  const own = env.TEAMWRIGHT_CONFIG;
  if (own) {
    if (paths.isAbsolute(own)) return paths.normalize(own);
    throw badArgument(`TEAMWRIGHT_CONFIG is "${own}", which is not an absolute path.`, 'Set it to a full path, or unset it.');
  }
  const wanted = platform === 'win32' ? env.APPDATA : env.XDG_CONFIG_HOME;
  const usual = platform === 'win32' ? paths.join(home, 'AppData', 'Roaming') : paths.join(home, '.config');
  // The XDG rule: a relative folder is ignored.
  return paths.join(wanted && paths.isAbsolute(wanted) ? wanted : usual, 'teamwright', 'settings.json');
}
