/** The opt-in of one workspace folder: what, where to, and a word that means it. */
import type * as vscode from 'vscode';
import { isTeamwrightError } from '../../errors.ts';
import { defaultHub, parseTarget, type Sharing, type SharingLevel, type SharingTarget, targetText } from '../../lessons/index.ts';
import { realOrGiven } from '../../process/index.ts';
import { tellAll } from '../failure-table.ts';
import type { EditorHost } from '../flow-types.ts';
import { chooseFolder } from '../folders.ts';
import { EditorFailure } from '../own-failures.ts';
import { telemetrySaysNo, tokenId } from './ports.ts';

export async function turnOn(host: EditorHost, sharing: Sharing, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { vscode: api } = host;
  const { l10n, window } = api;
  const against = telemetrySaysNo(api);
  if (against !== undefined) {
    void window.showWarningMessage(against);
    return;
  }
  const folder = await chooseFolder(api);
  if (folder === undefined) return;
  const level = await chooseLevel(api);
  if (level === undefined) return;
  const target = await chooseTarget(api, env);
  if (target === undefined || !(await keepToken(host, target))) return;
  const yes = l10n.t('Turn On');
  const detail = [
    levelTitles(l10n)[level],
    l10n.t('Nothing is sent by itself: each run is shown exactly as it would go, and goes after your yes. You can take it back.'),
  ].join('\n\n');
  const question = l10n.t('Share runs of {0} with {1}?', folder.name, targetText(target));
  if ((await window.showInformationMessage(question, { modal: true, detail }, yes)) !== yes) return;
  await sharing.turnOn(await realOrGiven(folder.uri.fsPath), level, target);
  void window.showInformationMessage(l10n.t('Sharing is on for {0}. “Share Run…” shows what would go.', folder.name));
}

export async function turnOff({ vscode: api }: EditorHost, sharing: Sharing): Promise<void> {
  const folder = await chooseFolder(api);
  if (folder === undefined) return;
  await sharing.turnOff(await realOrGiven(folder.uri.fsPath));
  void api.window.showInformationMessage(api.l10n.t('Sharing is off for {0}.', folder.name));
}

function levelTitles(l10n: typeof vscode.l10n): Readonly<Record<SharingLevel, string>> {
  return {
    plans: l10n.t('Plans, models, test counts and rewards. No code, no request.'),
    diffs: l10n.t('Plans, models, test counts and rewards, with the request, the change and your reasons.'),
    everything: l10n.t(
      'Plans, models, test counts and rewards, with the request, the change, your reasons, the briefing, every prompt and every reply.',
    ),
  };
}

async function chooseLevel(api: typeof vscode): Promise<SharingLevel | undefined> {
  const { l10n, window } = api;
  const titles = levelTitles(l10n);
  const items: (vscode.QuickPickItem & { level: SharingLevel })[] = [
    { label: l10n.t('Plans and rewards only'), detail: titles.plans, level: 'plans' },
    { label: l10n.t('With the change'), detail: titles.diffs, level: 'diffs' },
    { label: l10n.t('Everything'), detail: titles.everything, level: 'everything' },
  ];
  return (await window.showQuickPick(items, { placeHolder: l10n.t('What may be shared of a run?') }))?.level;
}

async function chooseTarget(api: typeof vscode, env: Readonly<Record<string, string | undefined>>): Promise<SharingTarget | undefined> {
  const { l10n, window } = api;
  const hub = env.HF_ENDPOINT || defaultHub;
  const text = await window.showInputBox({
    prompt: l10n.t('Where to? A Hugging Face data set of your own (hf:USER/NAME), or an https address that takes files.'),
    placeHolder: 'hf:user/teamwright-runs',
    validateInput: (value) => problemOf(api, value, hub),
  });
  return text === undefined ? undefined : parseTarget(text.trim(), hub);
}

function problemOf(api: typeof vscode, text: string, hub: string): string | undefined {
  try {
    parseTarget(text.trim(), hub);
    return undefined;
  } catch (error) {
    if (isTeamwrightError(error, 'address-invalid')) return tellAll(api, error);
    throw error;
  }
}

/** False when the user went back. An endpoint may need no token. */
async function keepToken({ vscode: api, context }: EditorHost, target: SharingTarget): Promise<boolean> {
  const { l10n, window } = api;
  if ((await context.secrets.get(tokenId(target))) !== undefined) return true;
  const token = await window.showInputBox({
    prompt:
      target.kind === 'hugging-face'
        ? l10n.t('Your Hugging Face token with the right to write there. It is kept in VS Code’s secret storage.')
        : l10n.t('A token for this address, if it needs one. It is kept in VS Code’s secret storage.'),
    password: true,
    ignoreFocusOut: true,
  });
  if (token === undefined) return false;
  if (token.trim() === '') return true;
  if (!/^[\x21-\x7e]+$/.test(token.trim())) {
    throw new EditorFailure({ message: l10n.t('The token holds characters that no token has.'), next: l10n.t('Copy it again.') });
  }
  await context.secrets.store(tokenId(target), token.trim());
  return true;
}
