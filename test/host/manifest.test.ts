/** The manifest and the texts: everything it names is there, in every language. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findTexts, placeholders, readBundle } from '../../scripts/l10n.ts';
import { renderSettings, settingsPage } from '../../scripts/settings-docs.ts';
import { partPrefixes } from '../../src/editor/flow-types.ts';
import { createHost } from '../../src/editor/host.ts';
import { createParts } from '../../src/editor/parts.ts';
import { editorSettingsSchema, readSettings } from '../../src/editor/settings/settings.ts';
import { openEditorCore } from '../support/editor.ts';
import { fakeVscode } from '../support/fake-vscode.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const manifest = read('package.json');
const { contributes, capabilities } = manifest;
const commands: string[] = contributes.commands.map(({ command }: { command: string }) => command);
const settings: Record<string, { scope?: string; markdownDescription?: string; default?: unknown }> = contributes.configuration.properties;

/** `%key%` anywhere in the manifest. */
function keysIn(value: unknown): string[] {
  if (typeof value === 'string') return /^%[^%\s]+%$/.test(value) ? [value.slice(1, -1)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(keysIn);
}

describe('texts', () => {
  test.each(['package.nls.json', 'package.nls.de.json'])('%s has every text of the manifest and no other', (file) => {
    expect(Object.keys(read(file)).sort()).toEqual([...new Set(keysIn(manifest))].sort());
  });

  test('every text of the sources is a literal, so that it can be translated', () => {
    expect(findTexts().unreadable).toEqual([]);
  });

  test.each(['en', 'de'])('the bundle of "%s" has every text of the sources and no other', (language) => {
    expect(Object.keys(readBundle(language)).sort()).toEqual(findTexts().texts);
  });

  test('translations keep the places, icons and buttons of the original', () => {
    const german = readBundle('de');
    const differing = Object.keys(german).filter((text) => placeholders(text).join() !== placeholders(german[text] ?? '').join());
    expect(differing).toEqual([]);
    const [english, translated] = [read('package.nls.json'), read('package.nls.de.json')];
    const links = (text: string): string[] => (text.match(/\(command:[^)]+\)/g) ?? []).sort();
    expect(Object.keys(english).filter((key) => links(english[key]).join() !== links(translated[key]).join())).toEqual([]);
  });

  test('no translation is empty, and the German is German', () => {
    const german = { ...readBundle('de'), ...read('package.nls.de.json') } as Record<string, string>;
    expect(Object.entries(german).filter(([, text]) => text.trim() === '')).toEqual([]);
    // Longer sentences are never the same in both languages.
    const english = { ...readBundle('en'), ...read('package.nls.json') } as Record<string, string>;
    expect(Object.keys(german).filter((key) => english[key] === german[key] && (german[key] ?? '').split(' ').length > 4)).toEqual([]);
  });
});

describe('commands', () => {
  test('each has a title and an answer', async () => {
    for (const { title, category } of contributes.commands) {
      expect(title).toMatch(/^%.+%$/);
      expect(category).toBe('Teamwright');
    }
    await using editor = await openEditorCore();
    const fake = fakeVscode();
    const ports = { env: {}, clock: Date.now, random: Math.random };
    const parts = createParts(createHost(fake.vscode, fake.context), ports, async () => editor.core.runs);
    for (const command of commands) {
      const prefix = Object.keys(partPrefixes).find((start) => command.startsWith(start)) as keyof typeof partPrefixes | undefined;
      const answers = prefix === undefined ? editor.core.commands : (await parts[partPrefixes[prefix]]()).commands;
      expect(Object.keys(answers), command).toContain(command);
    }
  });

  test('menus, keys, welcome texts and the walkthrough name only commands that exist', () => {
    const menus = Object.values(contributes.menus).flat() as { command?: string }[];
    const named = [
      ...menus.flatMap(({ command }) => command ?? []),
      ...contributes.keybindings.map(({ command }: { command: string }) => command),
      ...[...JSON.stringify(read('package.nls.json')).matchAll(/\(command:(teamwright\.[\w.]+)/g)].map(([, command = '']) => command),
      ...contributes.walkthroughs.flatMap(({ steps }: { steps: { completionEvents: string[] }[] }) =>
        steps.flatMap(({ completionEvents }) => completionEvents.map((event) => event.replace(/^onCommand:/, ''))),
      ),
    ].filter((command) => command.startsWith('teamwright.') && command !== 'teamwright.runs.focus');
    expect(named.filter((command) => !commands.includes(command))).toEqual([]);
  });

  test('what needs an argument is not in the palette', () => {
    const hidden = contributes.menus.commandPalette.filter(({ when }: { when: string }) => when === 'false');
    const names = hidden.map(({ command }: { command: string }) => command);
    for (const command of ['newRequestOnSelection', 'newRequestOnFiles', 'fixDiagnostic', 'fixTest', 'sendRequest']) {
      expect(names).toContain(`teamwright.${command}`);
    }
  });
});

describe('settings', () => {
  test('each says what it is, where it can be set and what it is without the user', () => {
    for (const [name, setting] of Object.entries(settings)) {
      expect(setting.markdownDescription, name).toMatch(/^%setting\..+%$/);
      expect(setting.scope, name).toMatch(/^(application|machine|machine-overridable|window|resource)$/);
      expect(setting, name).toHaveProperty('default');
    }
  });

  test('the defaults are valid, and the same as those of the schema', () => {
    const fake = fakeVscode();
    expect(readSettings(fake.vscode)).toEqual({ ...editorSettingsSchema.parse({}), parallel: 2, replans: 2, testSeconds: 120 });
  });

  test('what starts a program or says where code goes cannot be set by a folder that is not trusted', () => {
    expect(capabilities.untrustedWorkspaces.supported).toBe('limited');
    const restricted: string[] = capabilities.untrustedWorkspaces.restrictedConfigurations;
    expect(restricted).toEqual(
      expect.arrayContaining(['models.worker', 'models.strong', 'discover', 'test.command'].map((name) => `teamwright.${name}`)),
    );
    expect(restricted.filter((name) => !(name in settings))).toEqual([]);
    // Which key goes to which server no folder can say, trusted or not.
    expect(settings['teamwright.endpoints']?.scope).toBe('machine');
  });

  test('docs/settings.md is the page of this manifest', () => {
    expect(readFileSync(settingsPage, 'utf8')).toBe(renderSettings());
  });
});

describe('the rest of the manifest', () => {
  test('the walkthrough has at most five steps, each with a picture that is there', () => {
    const [walkthrough] = contributes.walkthroughs;
    expect(walkthrough.steps.length).toBeLessThanOrEqual(5);
    for (const { media } of walkthrough.steps) expect(existsSync(path.join(root, media.svg)), media.svg).toBe(true);
  });

  test('icons and files it names are there', () => {
    const files = [manifest.icon, contributes.viewsContainers.activitybar[0].icon, contributes.languages[0].configuration];
    for (const file of files) expect(existsSync(path.join(root, file)), file).toBe(true);
  });

  test('it runs where the folder is, and says what it cannot do', () => {
    expect(manifest.extensionKind).toEqual(['workspace']);
    expect(capabilities.virtualWorkspaces).toEqual({ supported: false, description: '%capabilities.virtual%' });
  });
});
