/** Small real workspaces for tests, and what a run on them needs. Everything lives below one temporary folder that `dispose` removes. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { openAiClient } from '../../src/models/index.ts';
import type { Capabilities, ModelSet } from '../../src/models/types.ts';
import type { TraceEvent } from '../../src/trace/events.ts';

export interface TemporaryWorkspace {
  /** The user's project. */
  readonly root: string;
  /** A data folder of its own. */
  readonly dataDir: string;
  read(path: string): string;
  write(path: string, text: string): void;
  /** Every file with its text, to show that nothing changed. `.git` is left out. */
  contents(): Readonly<Record<string, string>>;
  dispose(): void;
}

export interface WorkspaceOptions {
  readonly git?: boolean;
  /** Name of the project's folder. */
  readonly name?: string;
}

export function temporaryWorkspace(files: Readonly<Record<string, string>>, options: WorkspaceOptions = {}): TemporaryWorkspace {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-test-')));
  const root = join(top, options.name ?? 'project');
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  mkdirSync(root);
  for (const [path, text] of Object.entries(files)) write(path, text);
  if (options.git ?? true) {
    git(root, 'init', '-q', '-b', 'main');
    git(root, 'add', '-A');
    git(root, 'commit', '-q', '-m', 'start');
  }
  return {
    root,
    dataDir: join(top, 'data'),
    read: (path) => readFileSync(join(root, path), 'utf8'),
    write,
    contents: () => Object.fromEntries(filesBelow(root).map((path) => [relative(root, path), readFileSync(path, 'utf8')])),
    dispose: () => rmSync(top, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export function git(root: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name !== '.git')
    .sort()
    .flatMap((name) => (statSync(join(folder, name)).isDirectory() ? filesBelow(join(folder, name)) : [join(folder, name)]));
}

/** A project whose `sum` subtracts: one of its two tests fails. */
export const brokenSum = {
  'package.json': `${JSON.stringify({ name: 'sum', private: true, scripts: { test: 'node --test' } }, null, 2)}\n`,
  'sum.js': 'function sum(a, b) {\n  return a - b;\n}\n\nmodule.exports = { sum };\n',
  'sum.test.js': [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const { sum } = require('./sum.js');",
    '',
    "test('adds nothing', () => assert.strictEqual(sum(2, 0), 2));",
    "test('adds two numbers', () => assert.strictEqual(sum(2, 3), 5));",
    '',
  ].join('\n'),
};

/**
 * Half of the work of a run of tests: Node starts a process for each test file otherwise, as users have it. For what is about something else than how
 * Node runs tests.
 */
export const quickNodeTest = 'node --test --test-isolation=none';

/** The same project, whose tests run in one process. */
export const quickSum = { ...brokenSum, 'package.json': brokenSum['package.json'].replace('node --test', quickNodeTest) };

/** A whole-file reply for `sum.js` with the given expression. */
export const sumReply = (expression: string): string =>
  `sum.js\n\`\`\`js\nfunction sum(a, b) {\n  return ${expression};\n}\n\nmodule.exports = { sum };\n\`\`\`\n`;

const free = { input: 0, cachedInput: 0, output: 0, known: true } as const;

/** Both tiers on one scripted server. */
export function modelsAt(
  url: string,
  capabilities: Partial<Capabilities> = {},
  price = free as { input: number; cachedInput: number; output: number; known: boolean },
): ModelSet {
  const choice = {
    client: openAiClient({ endpoint: 'scripted', baseUrl: url }),
    model: 'scripted',
    capabilities: { format: 'json-object', tools: false, usage: true, seed: true, strength: 'weak', ...capabilities } as Capabilities,
    price,
  };
  return { worker: choice, strong: choice };
}

/** Collects events and picks them by type. */
export function eventLog() {
  const events: TraceEvent[] = [];
  return {
    events,
    onEvent: (event: TraceEvent): void => {
      events.push(event);
    },
    of: <T extends TraceEvent['type']>(type: T) => events.filter((event): event is Extract<TraceEvent, { type: T }> => event.type === type),
  };
}
