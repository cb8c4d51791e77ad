/**
 * The pattern check: texts are foreign (replies, files, output of tests), so no regular expression of `src/` may need time that grows faster
 * than the text. `node scripts/patterns.ts` lists those that may, by the analysis of scslre, and ends with 1 when there is one.
 */
import { analyse } from 'scslre';
import ts from 'typescript';
import { type SourceFile, sourceFiles } from './sources.ts';

/** Patterns that may be slow on long texts and never meet one. */
const bounded: readonly { readonly file: string; readonly holds: string; readonly reason: string }[] = [
  { file: 'briefing/lexical.ts', holds: String.raw`\p{Lu}?\p{Ll}+`, reason: 'held against names of at most 80 characters' },
  { file: 'feedback/named-lines.ts', holds: '::?', reason: 'held against lines of at most 2000 characters' },
  { file: 'feedback/named-lines.ts', holds: '#.*$', reason: 'held against lines of at most 2000 characters' },
  { file: 'feedback/python-projects.ts', holds: String.raw`^commands\s*=`, reason: 'held against manifests of at most 20,000 characters' },
  { file: 'feedback/python-projects.ts', holds: 'posargs', reason: 'held against manifests of at most 20,000 characters' },
  { file: 'feedback/python-projects.ts', holds: String.raw`session\.run`, reason: 'held against manifests of at most 20,000 characters' },
  { file: 'feedback/runners/tap.ts', holds: 'faucet', reason: 'held against lines of at most 2000 characters' },
  { file: 'feedback/runners/tap.ts', holds: 'TODO', reason: 'held against lines of at most 2000 characters' },
  { file: 'feedback/script-chain.ts', holds: 'lerna', reason: 'held against lines of at most 2000 characters' },
  { file: 'feedback/script-chain.ts', holds: String.raw`\w+=`, reason: 'held against lines of at most 2000 characters' },
  { file: 'workspace/apply-edits.ts', holds: 'rest|remaining', reason: 'held against lines below 200 characters' },
  { file: 'workspace/named-path.ts', holds: 'new|updated|modified', reason: 'held against lines of at most 400 characters' },
  { file: 'workspace/named-path.ts', holds: '_{1,2}|', reason: 'held against lines of at most 400 characters' },
  { file: 'workspace/named-path.ts', holds: '/[,:]+$/', reason: 'held against lines of at most 400 characters' },
  { file: 'workspace/named-path.ts', holds: '--|;|<!--', reason: 'held against lines of at most 400 characters' },
];

/** Files that put patterns together while they run: no analysis sees those, so each says why they are no trouble. */
const assembled: Readonly<Record<string, string>> = {
  'briefing/select.ts': 'plain words; a definition is tried from line starts and keywords alone, over bounded stretches',
  'editor/panels/plan-edits.ts': 'anchored, held against a place in a plan',
  'feedback/file-roles.ts': 'anchored, held against a path',
  'feedback/named-lines.ts': 'a plain name, held against manifests of at most 20,000 characters',
  'feedback/projects.ts': 'plain words at the beginning of a line',
  'feedback/script-chain.ts': 'anchored, held against lines of at most 2000 characters',
  'feedback/normalise.ts': 'anchored, one line at a time; test/unit/long-texts.test.ts',
  'feedback/second-look/bodies.ts': 'a plain word',
  'feedback/second-look/code-text.ts': 'every token ends somewhere, so that none is read twice; test/unit/second-look.test.ts',
  'feedback/second-look/counts-calls.ts': 'a name between bounded parts; test/unit/second-look.test.ts',
  'feedback/second-look/hard-coded.ts': 'a name between bounded parts; test/unit/second-look.test.ts',
  'feedback/second-look/trial-inputs.ts': 'a name between bounded parts; test/unit/other-inputs.test.ts',
  'feedback/steering-changes.ts': 'a plain word',
  'feedback/tampering.ts': 'patterns of the file itself, which are checked',
  'models/prices.ts': 'the price table of this package, held against names of models',
  'redaction/assignments.ts': 'parts of bounded length; test/unit/long-texts.test.ts',
  'redaction/names.ts': 'escaped names between bounded parts; test/unit/long-texts.test.ts',
  'redaction/patterns.ts': 'parts of bounded length; test/unit/long-texts.test.ts',
  'run/text-calls.ts': 'anchored, the marks of one fence',
  'text/hidden.ts': 'one character at a time',
  'workspace/dependencies.ts': 'a plain path',
  'workspace/secrets.ts': 'anchored at the end, held against a name',
};

export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly pattern: string;
  readonly reason: string;
}

interface Pattern {
  readonly line: number;
  readonly text: string;
  /** Absent for one that is put together. */
  readonly literal?: { readonly source: string; readonly flags: string };
}

function patternsOf({ path: name, text }: SourceFile): Pattern[] {
  const found: Pattern[] = [];
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    const line = (): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const literal = { source: node.text.slice(1, end), flags: node.text.slice(end + 1) };
      found.push({ line: line(), text: node.text, literal });
    } else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText(file) === 'RegExp') {
      found.push({ line: line(), text: node.getText(file) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** What makes a pattern slow on a long text; undefined for one that is quick on every text. */
function slowness({ literal }: Pattern): string | undefined {
  if (literal === undefined) return 'a pattern that is put together is not analysed';
  const [report] = analyse(literal).reports;
  if (report === undefined) return undefined;
  const growth = report.exponential ? 'exponentially' : 'faster than the text';
  return `its time grows ${growth} with many of ${JSON.stringify(report.character.pick)}`;
}

const allows = (file: string, { text, literal }: Pattern): boolean =>
  literal === undefined ? file in assembled : bounded.some((each) => each.file === file && text.includes(each.holds));

/** Every pattern that may be slow and is not allowed, in the order of the files. */
export function findSlowPatterns(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) =>
    patternsOf(file).flatMap((pattern) => {
      const reason = allows(file.path, pattern) ? undefined : slowness(pattern);
      return reason === undefined ? [] : [{ file: file.path, line: pattern.line, pattern: pattern.text, reason }];
    }),
  );
}

/** What is allowed and needs it no longer. */
export function findIdleAllowances(files: readonly SourceFile[]): string[] {
  const patterns = files.flatMap((file) => patternsOf(file).map((pattern) => ({ file: file.path, ...pattern })));
  const slow = ({ file, holds }: (typeof bounded)[number]): boolean =>
    patterns.some((each) => each.file === file && each.literal !== undefined && each.text.includes(holds) && slowness(each) !== undefined);
  return [
    ...bounded.filter((each) => !slow(each)).map(({ file, holds }) => `${file}: ${holds}`),
    ...Object.keys(assembled).filter((file) => !patterns.some((each) => each.file === file && each.literal === undefined)),
  ];
}

if (import.meta.main) {
  const files = sourceFiles();
  const slow = findSlowPatterns(files);
  const idle = findIdleAllowances(files);
  for (const { file, line, pattern, reason } of slow) console.log(`src/${file}:${line} ${pattern}\n  ${reason}`);
  for (const each of idle) console.log(`src/${each} is allowed in scripts/patterns.ts and needs it no longer`);
  const count = slow.length + idle.length;
  console.log(count === 0 ? `Patterns are quick on long texts in ${files.length} files.` : `${count} patterns to look at.`);
  process.exitCode = count === 0 ? 0 : 1;
}
