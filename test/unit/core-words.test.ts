/** The core speaks no program's language: no text of its sources names a flag or a command of ours. Programs have their own words. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import type { Cli } from '../../src/cli/context.ts';
import { buildProgram } from '../../src/cli/program.ts';

const source = path.resolve(import.meta.dirname, '../../src');
const programs = /^(cli|editor|webviews)[/.]|^extension\.ts$/;

const screen = {
  write: () => true,
  line: () => undefined,
  isTerminal: false,
  columns: 100,
  rows: 24,
  paint: (_: unknown, text: string) => text,
};
const program = buildProgram({ terminal: { out: screen, err: screen, interactive: false } } as unknown as Cli, () => undefined);
const below = (command: typeof program): (typeof program)[] => [
  command,
  ...command.commands.flatMap((one) => below(one as typeof program)),
];
const flags = new Set(below(program).flatMap((command) => command.options.flatMap(({ long }) => long ?? [])));

/** Texts that look like it and are something else. */
const allowed: Readonly<Record<string, string>> = {
  'node --test': "the test runner of Node, whose flag has our flag's name",
  'cargo test --workspace': "Cargo's own flag has our flag's name",
  '--workspace[= ]': "npm's own flag has our flag's name",
  '--format=': 'git, which is told how to list what it has',
};

/** A program of its own, in Python, that trainers get: it calls our command line. */
const otherPrograms = ['lessons/exports/grpo.ts'];

/** Literals and the fixed parts of templates, without those that are one word: arguments of other programs, names. */
function textsOf(file: string): { readonly text: string; readonly line: number }[] {
  const found: { text: string; line: number }[] = [];
  const tree = ts.createSourceFile(file, readFileSync(path.join(source, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
    if (isText && /\S\s+\S/.test(node.text))
      found.push({ text: node.text, line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
    if (!ts.isImportDeclaration(node)) ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function ourWords(text: string): string[] {
  const plain = Object.keys(allowed).reduce((rest, phrase) => rest.replaceAll(phrase, ''), text);
  const named = plain.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
  const commands = program.commands.map((command) => command.name()).join('|');
  return [
    ...named.filter((flag) => flags.has(flag)),
    ...(plain.match(new RegExp(`\\bteamwright (${commands})\\b`, 'g')) ?? []),
    ...(plain.match(/\b(command line|settings file|Teamwright: [A-Z]\w+)/g) ?? []),
  ];
}

test('the check sees what it looks for', () => {
  expect(ourWords('Choose another place, or go on with --resume.')).toEqual(['--resume']);
  expect(ourWords('`teamwright runs list` shows the runs.')).toEqual(['teamwright runs']);
  expect(ourWords('Run git with --porcelain, or node --test.')).toEqual([]);
});

test('no text of the core names a flag or a command of ours', () => {
  const files = globSync('**/*.ts', { cwd: source })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => !programs.test(file) && !otherPrograms.includes(file));
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((file) => textsOf(file).flatMap(({ text, line }) => ourWords(text).map((word) => `${file}:${line} ${word}`)));
  expect(found).toEqual([]);
});
