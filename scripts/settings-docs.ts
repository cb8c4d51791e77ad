/** Writes `docs/settings.md` from the manifest: `node scripts/settings-docs.ts`. A test sees to it that the page is the manifest's. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
export const settingsPage = path.join(root, 'docs', 'settings.md');

interface Setting {
  readonly type: string | readonly string[];
  readonly default: unknown;
  readonly scope: string;
  readonly markdownDescription: string;
  readonly enum?: readonly string[];
  readonly markdownEnumDescriptions?: readonly string[];
  readonly order?: number;
}

interface Manifest {
  readonly contributes: { readonly configuration: { readonly properties: Readonly<Record<string, Setting>> } };
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
}

const scopes: Readonly<Record<string, string>> = {
  window: 'user, workspace',
  resource: 'user, workspace, folder',
  machine: 'user, of this machine',
  'machine-overridable': 'user, of this machine; workspace',
  application: 'user',
};

/** The whole page. */
export function renderSettings(): string {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
  const texts = JSON.parse(readFileSync(path.join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
  const text = (key: string): string => texts[key.replaceAll('%', '')] ?? key;
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
  const settings = Object.entries(manifest.contributes.configuration.properties).sort(([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0));
  const rows = settings.map(([name, setting]) => {
    const choices = (setting.enum ?? []).map((value, index) => `\`${value}\`: ${text(setting.markdownEnumDescriptions?.[index] ?? '')}`);
    const described = [text(setting.markdownDescription), ...choices]
      .filter(Boolean)
      .join(' ')
      .replaceAll('|', '\\|')
      .replace(/#([\w.]+)#/g, '$1');
    const mark = restricted.includes(name) ? ' ¹' : '';
    return `| \`${name}\`${mark} | ${typeOf(setting)} | \`${JSON.stringify(setting.default)}\` | ${scopes[setting.scope] ?? setting.scope} | ${described} |`;
  });
  return `${[
    '# Settings of the extension',
    '',
    '<!-- Made from the manifest by `node scripts/settings-docs.ts`. -->',
    '',
    'Each is read when a run starts and checked by the same schema as the settings file of the command line. A broken setting stops the run before it starts, and the message names it. `null` and an empty text mean "not set".',
    '',
    '| setting | type | default | where it can be set | what it does |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    '¹ A folder that you do not trust cannot set it: it starts a program, or says where code goes.',
  ].join('\n')}\n`;
}

const typeOf = ({ type }: Setting): string => (typeof type === 'string' ? type : type.join(' or '));

if (import.meta.main) writeFileSync(settingsPage, renderSettings());
