/** What people reported of comparable tools: replies whose files hold the marks of the reply itself, odd paths, files to delete and rename. */
import { expect, test } from 'vitest';
import { applyRun } from '../../src/run/index.ts';
import type { RunResult } from '../../src/run/types.ts';
import { start } from '../support/run-scene.ts';
import { git } from '../support/workspaces.ts';

const F = '```';
const long = Array.from({ length: 300 }, (_, n) => `Line ${n} of a long guide that makes whole files too long.\n`).join('');
const guide = `Guide\n*****\n\nSetup\n=====\n\nRun the old installer.\n\n${long}`;
const readme = (usage: string) =>
  `# Tool\n\nInstall:\n\n${F}\nnpm install tool\n${F}\n\nUsage:\n\n${F}\n${usage}\n${F}\n\n## Licence\n\nMIT\n`;

interface Case {
  readonly request: string;
  readonly files: Readonly<Record<string, string>>;
  readonly replies: readonly string[];
  /** Files afterwards that differ; undefined: gone. Nothing: no change, and the model was asked once more. */
  readonly right: Readonly<Record<string, string | undefined>> | 'asked again';
}

const block = (path: string, search: string, replace: string, marks = 7) =>
  `${path}\n${'<'.repeat(marks)} SEARCH\n${search}${'='.repeat(marks)}\n${replace}${'>'.repeat(marks)} REPLACE\n`;
const conflict = '<<<<<<< HEAD\nexport const port = 80;\n=======\nexport const port = 8080;\n>>>>>>> feature\n';
const shapes = `def area(w, h):\n    return w + h\n\n\nUSAGE = """\n${F}\narea(2, 3)\n${F}\n"""\n\n\ndef volume(w, h, d):\n    return w * h * d\n`;

const cases: Readonly<Record<string, Case>> = {
  'a heading underlined with = in a block': {
    request: 'In docs/guide.rst rewrite the Setup section',
    files: { 'docs/guide.rst': guide },
    replies: [block('docs/guide.rst', 'Setup\n=====\n\nRun the old installer.\n', 'Setup\n=====\n\nRun ``npm install``.\n')],
    right: { 'docs/guide.rst': guide.replace('Run the old installer.', 'Run ``npm install``.') },
  },
  'a conflict to be resolved, with marks of the length asked for': {
    request: 'Resolve the merge conflict in conf.js',
    files: { 'conf.js': conflict, 'docs/long.txt': long },
    replies: [block('conf.js', conflict, 'export const port = 8080;\n', 8)],
    right: { 'conf.js': 'export const port = 8080;\n' },
  },
  'a conflict to be resolved, with marks like its own': {
    request: 'Resolve the merge conflict in conf.js',
    files: { 'conf.js': conflict },
    replies: [block('conf.js', conflict, 'export const port = 8080;\n')],
    right: 'asked again',
  },
  'a heading underlined with seven =, clear at the second try': {
    request: 'In docs/notes.md say Be right',
    files: { 'docs/notes.md': 'Goals\n=======\nBe quick.\n\nMore\n====\nEnd.\n' },
    replies: [
      block('docs/notes.md', 'Goals\n=======\nBe quick.\n', 'Goals\n=======\nBe right.\n'),
      block('docs/notes.md', 'Goals\n=======\nBe quick.\n', 'Goals\n=======\nBe right.\n', 8),
    ],
    right: { 'docs/notes.md': 'Goals\n=======\nBe right.\n\nMore\n====\nEnd.\n' },
  },
  'a whole README with bare fences inside': {
    request: 'In README.md show the --quiet option',
    files: { 'README.md': readme('tool run') },
    replies: [`### README.md\n${F}markdown\n${readme('tool run --quiet')}${F}\n`],
    right: { 'README.md': readme('tool run --quiet') },
  },
  'a README with a further example, fenced as asked': {
    request: 'In README.md add an example',
    files: { 'README.md': readme('tool run') },
    replies: [`${F}\`markdown\n${readme(`tool run\n${F}\nor\n${F}\ntool`)}${F}\`\n`],
    right: { 'README.md': readme(`tool run\n${F}\nor\n${F}\ntool`) },
  },
  'a README with a further example and fences like its own': {
    request: 'In README.md add an example',
    files: { 'README.md': readme('tool run') },
    replies: [`${F}markdown\n${readme(`tool run\n${F}\nor\n${F}\ntool`)}${F}\n`],
    right: 'asked again',
  },
  'a Python module with fences in a string': {
    request: 'area in shapes.py is wrong',
    files: { 'shapes.py': shapes },
    replies: [`${F}python\n${shapes.replace('w + h', 'w * h')}${F}\n`],
    right: { 'shapes.py': shapes.replace('w + h', 'w * h') },
  },
  '_config.yml': {
    request: 'Set the title in _config.yml to New title',
    files: { '_config.yml': 'title: Old title\n', 'index.md': 'hello\n' },
    replies: [`### _config.yml\n${F}yaml\ntitle: New title\n${F}\n`],
    right: { '_config.yml': 'title: New title\n' },
  },
  '_config.yml in a block': {
    request: 'Set the title in _config.yml to New title',
    files: { '_config.yml': 'title: Old title\n', 'index.md': 'hello\n' },
    replies: [block('_config.yml', 'title: Old title\n', 'title: New title\n')],
    right: { '_config.yml': 'title: New title\n' },
  },
  '__main__.py': {
    request: '__main__.py should print new',
    files: { '__main__.py': 'print("old")\n', 'util.py': 'x = 1\n' },
    replies: [`### __main__.py\n${F}python\nprint("new")\n${F}\n`],
    right: { '__main__.py': 'print("new")\n' },
  },
  'a new file below a route group': {
    request: 'Add app/(auth)/login/page.tsx and link it in app/layout.tsx',
    files: { 'app/layout.tsx': "export const links = ['/'];\n" },
    replies: [
      `### app/(auth)/login/page.tsx\n${F}tsx\nexport default () => null;\n${F}\n\n### app/layout.tsx\n${F}tsx\nexport const links = ['/', '/login'];\n${F}\n`,
    ],
    right: { 'app/(auth)/login/page.tsx': 'export default () => null;\n', 'app/layout.tsx': "export const links = ['/', '/login'];\n" },
  },
  'an order to delete': {
    request: 'Delete the unused file legacy.js',
    files: { 'legacy.js': 'export const old = 1;\n', 'b.js': 'b;\n' },
    replies: ['DELETE: legacy.js\n'],
    right: { 'legacy.js': undefined },
  },
  'an order to rename': {
    request: 'Rename legacy.js to modern.js',
    files: { 'legacy.js': 'export const old = 1;\n', 'b.js': 'b;\n' },
    replies: ['RENAME: legacy.js -> modern.js\n'],
    right: { 'legacy.js': undefined, 'modern.js': 'export const old = 1;\n' },
  },
  'the rename of a git diff, with a change': {
    request: 'Rename legacy.js to modern.js',
    files: { 'legacy.js': 'export const old = 1;\nlast\n', 'b.js': 'b;\n' },
    replies: [
      'diff --git a/legacy.js b/modern.js\nsimilarity index 90%\nrename from legacy.js\nrename to modern.js\n--- a/legacy.js\n+++ b/modern.js\n@@ -1,2 +1,2 @@\n-export const old = 1;\n+export const now = 1;\n last\n',
    ],
    right: { 'legacy.js': undefined, 'modern.js': 'export const now = 1;\nlast\n' },
  },
  'a document that is full of orders': {
    request: 'In docs/how.md say how files go',
    files: { 'docs/how.md': '# How\n', 'legacy.js': 'old;\n' },
    replies: [`### docs/how.md\n${F}md\n# How\n\nDELETE: legacy.js\n*** Delete File: legacy.js\nRENAME: legacy.js -> x.js\n${F}\n`],
    right: { 'docs/how.md': '# How\n\nDELETE: legacy.js\n*** Delete File: legacy.js\nRENAME: legacy.js -> x.js\n' },
  },
};

const seen = (result: RunResult) => result.diff?.files.map(({ path, change }) => `${change} ${path}`);

test.each(Object.entries(cases))('%s', async (_name, { request, files, replies, right }) => {
  const { workspace, server, log, before, run } = await start({
    files,
    request,
    script: [...replies, ...Array(6).fill(replies.at(-1))],
    settings: { replans: 0 },
  });
  const result = await run();
  if (right === 'asked again') {
    expect(seen(result)).toBeUndefined();
    expect(log.of('candidate.refused')[0]?.reason).toMatch(/not clear, so nothing of it was taken\..*(two ways|several places)/);
    expect(JSON.stringify(server.requests[1]?.body.messages)).toMatch(
      /Nothing was changed, because your answer is not clear.*Answer once more/,
    );
    return;
  }
  expect(server.requests).toHaveLength(replies.length);
  await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
  const expected: Record<string, string | undefined> = { ...before, ...right };
  expect(workspace.contents()).toEqual(Object.fromEntries(Object.entries(expected).filter(([, text]) => text !== undefined)));
  expect(git(workspace.root, 'status', '--porcelain')).not.toBe('');
});

test('a strong model deletes and renames by tools, and an empty edit brings nothing back', async () => {
  const { workspace, log, run } = await start({
    files: { 'legacy.js': 'export const old = 1;\n', 'a.js': 'a;\n' },
    request: 'Delete the unused file legacy.js and call a.js b.js',
    capabilities: { strength: 'strong', tools: true },
    script: [
      { toolCalls: [{ id: '1', name: 'delete', arguments: '{"path":"legacy.js"}' }] },
      { toolCalls: [{ id: '2', name: 'edit', arguments: '{"path":"legacy.js","search":"","replace":""}' }] },
      { toolCalls: [{ id: '3', name: 'rename', arguments: '{"path":"a.js","to":"b.js"}' }] },
      'Done.',
    ],
  });
  const result = await run();
  expect(log.of('tool.used').map(({ tool, ok }) => `${tool} ${ok}`)).toEqual(['delete true', 'edit false', 'rename true']);
  await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
  expect(workspace.contents()).toEqual({ 'b.js': 'a;\n' });
});
