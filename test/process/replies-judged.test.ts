/**
 * Replies about files that look like a reply, and about names that look like marks, through a whole run: read, tried in a copy by a test that compares
 * every byte, found to be solved, applied.
 */
import { describe, expect, test } from 'vitest';
import { applyRun } from '../../src/run/index.ts';
import { start } from '../support/run-scene.ts';
import { quickNodeTest } from '../support/workspaces.ts';

const F = '```';

interface Case {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** Of replies that are taken in turn; the last one must be right. */
  readonly replies: readonly string[];
  /** Further files of the workspace, or that the change makes. */
  readonly beside?: Readonly<Record<string, string>>;
  readonly makes?: Readonly<Record<string, string>>;
}

const block = (path: string, search: string, replace: string, marks = 7) =>
  `${path}\n${'<'.repeat(marks)} SEARCH\n${search}${'='.repeat(marks)}\n${replace}${'>'.repeat(marks)} REPLACE\n`;
const whole = (path: string, text: string, ticks = F, language = '') => `### ${path}\n${ticks}${language}\n${text}${ticks}\n`;

const release = (word: string) => `=======\nRelease\n=======\n\n${word}.\n\nNotes\n=======\n`;
const asciidoc = (word: string) => `= Tool\n\n====\n${word} it.\n====\n\n======\nNested\n======\n`;
const threeWay = '<<<<<<< HEAD\nport = 80\n||||||| base\nport = 1\n=======\nport = 8080\n>>>>>>> feature\n';
const about = (word: string) => `How blocks look:\n\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n\n${word}.\n`;
const list = (word: string) =>
  `# Tool\n\n1. Install:\n\n   ${F}sh\n   npm i tool\n   ${F}\n\n2. ${word}:\n\n   ${F}\n   tool run\n   ${F}\n\n## End\n`;
const tildes = (word: string) => `# Tool\n\n~~~\n${F}\n${word}\n${F}\n~~~\n\n~~~~sh\n~~~\n~~~~\n\nEnd.\n`;
const rust = (sign: string) =>
  `/// Adds.\n///\n/// ${F}\n/// assert_eq!(lib::sum(2, 2), 4);\n/// ${F}\npub fn sum(a: i32, b: i32) -> i32 {\n    a ${sign} b\n}\n`;
const usage = (word: string) => `exports.usage = \`\n${F}js\nrun();\n${F}\n${word}\n\`;\n\nexports.last = 1;\n`;
const title = (word: string) => `title = "${word}"\nrest = 1\n`;
const named = (path: string, form: 'whole' | 'block' | 'bold' | 'info'): Case => ({
  path,
  before: title('old'),
  after: title('new'),
  replies: [
    form === 'whole'
      ? whole(path, title('new'))
      : form === 'block'
        ? block(path, 'title = "old"\n', 'title = "new"\n')
        : form === 'bold'
          ? `Here is **${path}**:\n\n**${path}**\n${F}\n${title('new')}${F}\n`
          : `${F}toml ${path}\n${title('new')}${F}\n`,
  ],
});

const kinds: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  'headings and marks of conflicts': {
    'a heading with a line above and below, in marks of the length asked for': {
      path: 'docs/news.rst',
      before: release('Soon'),
      after: release('Today'),
      replies: [block('docs/news.rst', '=======\nRelease\n=======\n\nSoon.\n', '=======\nRelease\n=======\n\nToday.\n', 8)],
    },
    'the same in marks like its own is asked for once more': {
      path: 'docs/news.rst',
      before: release('Soon'),
      after: release('Today'),
      replies: [
        block('docs/news.rst', '=======\nRelease\n=======\n\nSoon.\n', '=======\nRelease\n=======\n\nToday.\n'),
        block('docs/news.rst', '=======\nRelease\n=======\n\nSoon.\n', '=======\nRelease\n=======\n\nToday.\n', 8),
      ],
    },
    'the delimiters of AsciiDoc': {
      path: 'README.adoc',
      before: asciidoc('Read'),
      after: asciidoc('Run'),
      replies: [block('README.adoc', '====\nRead it.\n====\n', '====\nRun it.\n====\n')],
    },
    'a conflict of three sides': {
      path: 'conf.ini',
      before: threeWay,
      after: 'port = 8080\n',
      replies: [block('conf.ini', threeWay, 'port = 8080\n', 8)],
    },
    'a document about such blocks, written whole': {
      path: 'docs/blocks.md',
      before: about('Old'),
      after: about('New'),
      replies: [whole('docs/blocks.md', about('New'), F, 'md')],
    },
    'a heading with blanks behind its line, as a diff': {
      path: 'notes.md',
      before: 'Goals\n=======  \nBe quick.\n',
      after: 'Goals\n=======  \nBe right.\n',
      replies: ['--- a/notes.md\n+++ b/notes.md\n@@ -1,3 +1,3 @@\n Goals\n =======  \n-Be quick.\n+Be right.\n'],
    },
  },
  'fences inside of files': {
    'in a list': { path: 'README.md', before: list('Use'), after: list('Run'), replies: [whole('README.md', list('Run'), F, 'markdown')] },
    'of tildes around backticks, and of both in more': {
      path: 'README.md',
      before: tildes('old'),
      after: tildes('new'),
      replies: [whole('README.md', tildes('new'), '````', 'markdown')],
    },
    'in the documentation of Rust': {
      path: 'lib.rs',
      before: rust('-'),
      after: rust('+'),
      replies: [whole('lib.rs', rust('+'), F, 'rust')],
    },
    'in a template of JavaScript': {
      path: 'usage.js',
      before: usage('old'),
      after: usage('new'),
      replies: [whole('usage.js', usage('new'), F, 'js')],
    },
    'of a README beside a source file': {
      path: 'README.md',
      before: list('Use'),
      after: list('Run'),
      beside: { 'lib.rs': rust('-') },
      makes: { 'lib.rs': rust('+') },
      replies: [`${whole('README.md', list('Run'), F, 'markdown')}\n${whole('lib.rs', rust('+'), F, 'rust')}`],
    },
    'of a README, with a new page that has some as well': {
      path: 'README.md',
      before: list('Use'),
      after: list('Run'),
      makes: { 'docs/more.md': tildes('more') },
      replies: [`${whole('README.md', list('Run'), '````', 'markdown')}\n${whole('docs/more.md', tildes('more'), '````', 'markdown')}`],
    },
  },
  'names of files that look like marks': {
    'a bracket at the beginning': named('[slug].toml', 'whole'),
    'a route group at the beginning': named('(shop)/[...all]/page.toml', 'block'),
    'a leading dot and no ending': named('.toolrc', 'whole'),
    'a leading dash, plus, at and dollar': {
      ...named('+layout.toml', 'whole'),
      beside: { '@types/-x.toml': title('old'), '$lib/~y.toml': title('old') },
      makes: { '@types/-x.toml': title('new'), '$lib/~y.toml': title('new') },
      replies: [['+layout.toml', '@types/-x.toml', '$lib/~y.toml'].map((path) => whole(path, title('new'))).join('\n')],
    },
    'blanks and a letter with an accent': named('my notes/naïve file.toml', 'block'),
    'written in Japanese': named('設定/日本.toml', 'bold'),
    'underscores around, as bold text has them': named('__init__.toml', 'bold'),
    'stars that are none': named('_a_/__b__.toml', 'info'),
    'a number with a stop, as items of lists have it': named('1. first.toml', 'whole'),
    'a hash, as headings have it': named('#1.toml', 'block'),
  },
};

/** Compares every file with what it is to be; its own text has none of the marks. */
const comparing = (right: Readonly<Record<string, string>>) =>
  `const test = require('node:test');
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const right = JSON.parse(Buffer.from('${Buffer.from(JSON.stringify(right)).toString('base64')}', 'base64'));
for (const [path, text] of Object.entries(right))
  test(JSON.stringify(path), () => assert.ok(readFileSync(path, 'utf8') === text, 'it is otherwise'));
`;

describe.each(Object.entries(kinds))('%s', (_kind, cases) => {
  test.each(Object.entries(cases))('%s', async (_name, { path, before, after, replies, beside, makes }) => {
    const files = {
      [path]: before,
      ...beside,
      'package.json': `{"scripts":{"test":"${quickNodeTest}"}}`,
      'right.test.js': comparing({ [path]: after, ...makes }),
    };
    const { workspace, server, run } = await start({
      files,
      request: `In ${path} say what right.test.js expects`,
      script: [...replies, ...Array(4).fill(replies.at(-1))],
      settings: { replans: 0 },
    });
    const result = await run();
    expect([result.outcome, result.judgement?.reasons]).toEqual(['solved', []]);
    expect(server.requests).toHaveLength(replies.length);
    await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
    expect(workspace.contents()).toEqual({ ...files, [path]: after, ...makes });
  });
});
