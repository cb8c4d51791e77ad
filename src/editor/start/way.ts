/** With whom a request is sent, where that is not what the settings say: a designer or a saved team, and a model. */
import path from 'node:path';
import type * as vscode from 'vscode';
import { type DesignerName, designerNames, whatDesignerDoes } from '../../design/designers.ts';
import { savedTeams, teamNameOf } from '../../design/index.ts';
import type { Models } from '../flow-types.ts';
import { pick } from '../pick.ts';
import { pathIn } from './target.ts';

/** What is absent, the settings say. */
export interface Way {
  /** A designer's name, or the absolute path of a saved team. */
  readonly designer?: string;
  /** As settings name it. */
  readonly model?: string;
}

type Api = Pick<typeof vscode, 'workspace' | 'window' | 'l10n' | 'Uri' | 'QuickPickItemKind' | 'QuickInputButtons'>;

/** The user's choice; undefined when it stays as it was. */
export async function chooseTeam(api: Api, folder: vscode.WorkspaceFolder): Promise<Pick<Way, 'designer'> | undefined> {
  const { l10n } = api;
  const saved = await savedTeams(folder.uri.fsPath);
  const picked = await pick<Pick<Way, 'designer'>>(api, {
    title: l10n.t('Who works on this request'),
    placeholder: l10n.t('A designer, or a team that you have saved'),
    items: [
      { label: l10n.t('As the settings say'), description: ofSettings(api, folder, 'designer'), value: {} },
      { label: l10n.t('designers'), kind: api.QuickPickItemKind.Separator },
      ...designerNames.map((name) => ({ label: name, description: designerText(api, name), value: { designer: name } })),
      ...(saved.length === 0 ? [] : [{ label: l10n.t('saved teams'), kind: api.QuickPickItemKind.Separator }]),
      ...saved.map((team) => ({ label: team.name, description: pathIn(folder, api.Uri.file(team.path)), value: { designer: team.path } })),
    ],
    back: true,
  });
  return picked.kind === 'chosen' ? picked.value : undefined;
}

/** The user's choice; undefined when it stays as it was. */
export async function chooseModel(models: Models): Promise<Pick<Way, 'model'> | undefined> {
  const picked = await models.pick();
  return picked === undefined ? undefined : picked === 'settings' ? {} : { model: picked.model };
}

export function teamText(api: Pick<typeof vscode, 'workspace' | 'l10n'>, folder: vscode.WorkspaceFolder, { designer }: Way): string {
  const { l10n } = api;
  if (designer === undefined) return l10n.t('Team: as the settings say ({0})', ofSettings(api, folder, 'designer'));
  return path.isAbsolute(designer) ? l10n.t('Team: {0}, saved in this folder', teamNameOf(designer)) : l10n.t('Team: {0}', designer);
}

export function modelText(api: Pick<typeof vscode, 'workspace' | 'l10n'>, folder: vscode.WorkspaceFolder, { model }: Way): string {
  const { l10n } = api;
  if (model !== undefined) return l10n.t('Model: {0}, and no other', model);
  const named = ofSettings(api, folder, 'models.worker');
  return named === '' ? l10n.t('Model: as the settings say') : l10n.t('Model: as the settings say ({0})', named);
}

/** As it is written: a broken one is told when the run starts. */
const ofSettings = ({ workspace }: Pick<typeof vscode, 'workspace'>, folder: vscode.WorkspaceFolder, name: string): string =>
  String(workspace.getConfiguration('teamwright', folder.uri).get(name) ?? '');

function designerText({ l10n }: Pick<typeof vscode, 'l10n'>, name: DesignerName): string {
  const texts: Readonly<Partial<Record<DesignerName, string>>> = {
    auto: l10n.t('one coder first; a team only when the tests still fail'),
    learned: l10n.t('what recorded attempts say is worth trying first'),
    debate: l10n.t('several coders who see, rate and improve on each other’s changes'),
    router: l10n.t('a small trained policy chooses topology, number of agents, roles and models'),
    solo: l10n.t('always one coder'),
    library: l10n.t('the team that the library has for this kind of request'),
    model: l10n.t('the strong model designs a team for this very request'),
  };
  // One that is not in the list yet has no translation.
  return texts[name] ?? whatDesignerDoes(name);
}
