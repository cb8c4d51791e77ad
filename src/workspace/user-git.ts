/** What the user's own git is set to and tests notice, where the user's settings are not shown to them. */
import { askGit } from './git.ts';

/** Names, addresses, logins and programs are not among them. */
const harmless =
  /^(?:init\.defaultbranch|core\.(?:autocrlf|eol|safecrlf|quotepath)|protocol\.file\.allow|pull\.(?:rebase|ff)|push\.(?:default|autosetupremote)|merge\.(?:ff|conflictstyle)|rebase\.autostash|fetch\.prune|(?:tag|branch)\.sort|diff\.(?:renames|noprefix|mnemonicprefix|algorithm))$/;
const plain = /^[\w./:*-]{1,100}$/;

const limits = { ms: 2_000, bytes: 1_000_000 };

/**
 * The text of a settings file for the home of tests. Who commits has a name that is nobody's where the user has one, and none otherwise; of the rest it
 * says what the user's own file says.
 */
export async function gitSettingsForTests(workspace: string, signal: AbortSignal): Promise<string> {
  const ask = async (...args: string[]): Promise<string> => (await askGit({ cwd: workspace }, ['config', ...args], limits, signal)).stdout;
  const [who, listed] = await Promise.all([
    ask('--name-only', '--get-regexp', '^user\\.(name|email)$'),
    ask('--global', '--includes', '--list', '-z'),
  ]);
  const settings = listed.split('\0').flatMap((entry) => {
    const [key = '', value = ''] = entry.split('\n');
    const [section, ...names] = key.split('.');
    const part = names.length > 1 ? ` "${names[0]}"` : '';
    return harmless.test(key) && plain.test(value) ? [`[${section}${part}]\n\t${names.at(-1)} = ${value}\n`] : [];
  });
  const identity =
    /^user\.name$/m.test(who) && /^user\.email$/m.test(who) ? ['[user]\n\tname = Teamwright\n\temail = teamwright@localhost\n'] : [];
  return [...identity, ...settings].join('');
}
