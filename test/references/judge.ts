/** Takes a reference through a whole run of Teamwright, in its fence, with a scripted model that hands the right change over. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { soloDesigner } from '../../src/design/index.ts';
import type { RunnerName } from '../../src/feedback/types.ts';
import { parseRequest } from '../../src/request/index.ts';
import { defaultRunSettings, runOnWorkspace } from '../../src/run/index.ts';
import { oracle } from '../real-projects/oracle.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { eventLog, modelsAt, temporaryWorkspace } from '../support/workspaces.ts';
import type { Reference } from './reference.ts';

export interface Judged {
  readonly outcome: string;
  /** What the change is said to do to its exam, and what of it looks made for its tests. */
  readonly flags: readonly string[];
  /** Signs that it took a hand in its own judging. */
  readonly tampered: readonly string[];
  /** Why it does not count as solved. */
  readonly reasons: readonly string[];
  /** Why no guard saw its tests. */
  readonly unseen?: string;
  readonly passed: number;
  readonly seconds: number;
  /** In words, where it is not as it should be. */
  readonly why?: string;
}

/** Of a program that is built anew; a loop without an end in the broken state costs other runners the whole. */
const wallMs = { built: 120_000, other: 30_000 };

const isBuilt = (runner: RunnerName): boolean => runner === 'go-test' || runner === 'cargo-test';

/** `modules`: a folder of installed packages that the project gets as its own. */
export async function judge(reference: Reference, modules: string | undefined): Promise<Judged> {
  const { signal } = new AbortController();
  const workspace = temporaryWorkspace({ ...reference.files, '.gitignore': 'node_modules\n/target\n__pycache__\n' });
  if (modules !== undefined) symlinkSync(modules, join(workspace.root, 'node_modules'));
  const changed = Object.entries(reference.reference).map(([path, after]) => {
    const before = reference.files[path] ?? '';
    return { path, before, after, hunks: [{ path, search: before, replace: after, seen: before, line: 1 }] };
  });
  const server = await startScriptedServer(oracle(changed).answer);
  const log = eventLog();
  const limit = isBuilt(reference.runner) ? wallMs.built : wallMs.other;
  const startedAt = performance.now();
  try {
    const run = await runOnWorkspace(
      {
        workspace: workspace.root,
        dataDir: workspace.dataDir,
        request: parseRequest(reference.request),
        models: modelsAt(server.url),
        designer: soloDesigner(1),
        settings: {
          ...defaultRunSettings,
          testLimits: { wallMs: limit, idleMs: limit, outputBytes: 64_000 },
          parallel: 1,
          replans: 0,
          replyTokens: 32_000,
          budget: { tokens: 1_000_000, seconds: 3600, usd: 1000 },
          testCommand: reference.command,
        },
        review: async ({ hash }) => ({ kind: 'approve', hash, by: 'bench' }),
        onEvent: log.onEvent,
        program: 'references',
        secrets: [],
      },
      signal,
    );
    const tested = log.of('candidate.tested').at(-1);
    return {
      outcome: run.outcome,
      flags: run.tampering.map(({ kind, path, line, detail }) => `${kind} ${path}${line === undefined ? '' : `:${line}`} ${detail}`),
      tampered: (tested?.breaches ?? []).map(({ kind, detail }) => `${kind} ${detail}`),
      reasons: (run.judgement?.reasons ?? []).map(({ kind, tests = [], detail = '' }) =>
        `${kind} ${[...tests.slice(0, 3), detail].join(' ')}`.trim(),
      ),
      ...(run.judgement?.unguarded === undefined ? {} : { unseen: run.judgement.unguarded }),
      passed: run.after?.passed ?? 0,
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
      ...(run.failure === undefined ? {} : { why: run.failure.message }),
    };
  } finally {
    await server.close();
    workspace.dispose();
  }
}
