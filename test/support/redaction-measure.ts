/** How well redaction does: recall on planted secrets, precision in clean code, and what it costs. */
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createRedaction } from '../../src/redaction/index.ts';
import { secretlintMatches } from '../../src/redaction/secretlint.ts';
import { elsewhereSecrets, hardSecrets, type Planted, plantedSecrets, seeded, tells } from './planted-secrets.ts';

const root = path.resolve(import.meta.dirname, '../..');

export interface KindRecall {
  readonly kind: string;
  readonly planted: number;
  readonly found: number;
}

export interface RecallReport {
  readonly planted: number;
  readonly found: number;
  readonly kinds: readonly KindRecall[];
  readonly missed: readonly Planted[];
}

const withAllLayers = (text: string): Promise<string> => createRedaction({ known: [] }).text(text);

/** What the second layer finds by itself. */
async function withSecretlint(text: string): Promise<string> {
  const matches = (await secretlintMatches(text)).toSorted((a, b) => b.start - a.start);
  return matches.reduce((left, { start, end }) => left.slice(0, start) + left.slice(end), text);
}

async function recallOf(samples: readonly Planted[], redact = withAllLayers): Promise<RecallReport> {
  const kinds = new Map<string, { planted: number; found: number }>();
  const missed: Planted[] = [];
  for (const sample of samples) {
    const line = kinds.get(sample.kind) ?? { planted: 0, found: 0 };
    kinds.set(sample.kind, line);
    line.planted += 1;
    if (tells(await redact(sample.text), sample)) missed.push(sample);
    else line.found += 1;
  }
  return {
    planted: samples.length,
    found: samples.length - missed.length,
    kinds: [...kinds].map(([kind, counts]) => ({ kind, ...counts })),
    missed,
  };
}

export const measureRecall = (seed: number, perKind: number): Promise<RecallReport> => recallOf(plantedSecrets(seed, perKind));
export const measureSecretlint = (seed: number, perKind: number): Promise<RecallReport> =>
  recallOf(plantedSecrets(seed, perKind), withSecretlint);
export const measureElsewhere = (seed: number, perKind: number): Promise<RecallReport> => recallOf(elsewhereSecrets(seed, perKind));
export const measureHard = (seed: number, perKind: number): Promise<RecallReport> => recallOf(hardSecrets(seed, perKind));

/** Code without secrets: our own sources and pages, and installed packages (not those of secret scanners: they quote example tokens). */
export function cleanFiles(): string[] {
  const own = ['src/**/*.ts', 'docs/*.md', 'scripts/*.{ts,mjs}'];
  const packages =
    '{@azure/identity,@dagrejs/dagre,@huggingface/hub,@opentelemetry/*,@vscode/test-electron,axe-core,chai,commander,execa,fast-check,http-proxy-agent,jsonc-parser,jsonrepair,marked,minimatch,minisearch,node-diff3,openai,p-limit,parse5,picomatch,postcss,preact,qs,sax,semver,simple-git,tinyglobby,typed-rest-client,undici-types,vite,vitest,yaml,zod}';
  const installed = globSync(`node_modules/${packages}/**/*.{js,mjs,cjs,ts,json,md}`, { cwd: root }).sort();
  return [...own.flatMap((pattern) => globSync(pattern, { cwd: root }).sort()), ...installed.filter((_, at) => at % 8 === 0)].filter(
    (file) => {
      const { size } = statSync(path.join(root, file));
      return size > 300 && size < 200_000 && !/redaction|planted/.test(file);
    },
  );
}

export interface FalseFinding {
  readonly file: string;
  readonly kinds: readonly string[];
}

export interface PrecisionReport {
  readonly files: number;
  readonly characters: number;
  /** Places taken for secrets in code that has none. */
  readonly falseSecrets: number;
  readonly falsePer100kB: number;
  readonly findings: readonly FalseFinding[];
  /** Addresses and paths replaced: most are the authors' in the packages. */
  readonly names: number;
  /** Share of true secrets among all that was taken for one, when every planted secret stands in a piece of clean code. */
  readonly precision: number;
  readonly milliseconds: number;
}

const pieceCharacters = 2000;

export async function measurePrecision(seed: number, perKind: number): Promise<PrecisionReport> {
  const files = cleanFiles();
  const findings: FalseFinding[] = [];
  const pieces: string[] = [];
  const random = seeded(seed);
  let characters = 0;
  let names = 0;
  const began = performance.now();
  for (const file of files) {
    const text = readFileSync(path.join(root, file), 'utf8');
    characters += text.length;
    const redaction = createRedaction({ known: [] });
    await redaction.text(text);
    const { secrets, replaced } = redaction.report();
    const kinds = Object.entries(secrets).flatMap(([kind, count]) => Array.from({ length: count }, () => kind));
    if (kinds.length > 0) findings.push({ file, kinds });
    names += (replaced.email ?? 0) + (replaced.path ?? 0);
    if (text.length > pieceCharacters) pieces.push(text.slice(0, pieceCharacters));
  }
  const milliseconds = performance.now() - began;
  const falseSecrets = findings.reduce((sum, { kinds }) => sum + kinds.length, 0);

  let trueFindings = 0;
  let others = 0;
  for (const sample of plantedSecrets(seed, perKind)) {
    const piece = pieces[Math.floor(random() * pieces.length)] as string;
    const cut = piece.indexOf('\n', Math.floor(random() * piece.length)) + 1;
    const redaction = createRedaction({ known: [] });
    const output = await redaction.text(`${piece.slice(0, cut)}\n${sample.text}\n${piece.slice(cut)}`);
    const all = Object.values(redaction.report().secrets).reduce((sum, count) => sum + count, 0);
    const alone = createRedaction({ known: [] });
    await alone.text(sample.text);
    const own = Math.min(
      all,
      Object.values(alone.report().secrets).reduce((sum, count) => sum + count, 0),
    );
    if (!tells(output, sample)) trueFindings += own;
    others += all - own;
  }
  return {
    files: files.length,
    characters,
    falseSecrets,
    falsePer100kB: (falseSecrets / characters) * 100_000,
    findings,
    names,
    precision: trueFindings / (trueFindings + others),
    milliseconds,
  };
}
