/**
 * A handful of real runs in one data folder, with real git and real tests and a scripted model: what exports, record and sharing are tested on.
 * Two workspaces are copies of one project, so that their runs are about the same thing.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { designerByName, fileDesigner, soloDesigner } from '../../src/design/index.ts';
import { teamFor } from '../../src/design/teams.ts';
import type { Designer } from '../../src/design/types.ts';
import { type Plan, planSchema } from '../../src/plan/index.ts';
import { parseRequest } from '../../src/request/index.ts';
import { decideHunks, defaultRunSettings, giveVerdict, runOnWorkspace, type WorkspaceRun } from '../../src/run/index.ts';
import { type Script, startScriptedServer } from './scripted-server.ts';
import { modelsAt, quickSum, sumReply, temporaryWorkspace } from './workspaces.ts';

export const fixRequest = 'The tests fail. Fix the bug in sum.js.';

export interface RealRuns {
  readonly dataDir: string;
  /**
   * Runs by id: `samples` (first wrong, then right), `designed` (a team from the model, right), `failed` (a team that stays red), all three about
   * the same problem; `other` (right, and refused by the user); `mended` (wrong, rejected by a reviewer, revised, right).
   */
  readonly workspace: string;
  /** What the designer was asked, as it went over the wire. */
  readonly designPrompt: readonly { readonly role: string; readonly content: string }[];
  dispose(): void;
}

export const designedTeam = {
  difficulty: 'easy',
  reason: 'One coder writes three samples.',
  agents: [{ name: 'coder', instructions: 'Repair the function so that every test passes.', tier: 'worker' }],
  steps: [
    { do: 'generate', agent: 'coder', samples: 3, uses: null, rounds: null },
    { do: 'test', agent: null, samples: null, uses: null, rounds: null },
    { do: 'select', agent: null, samples: null, uses: null, rounds: null },
  ],
};

const reviewingTeam = {
  ...designedTeam,
  reason: 'A coder and a reviewer.',
  agents: [
    ...designedTeam.agents,
    { name: 'reviewer', instructions: 'Say whether the change does what was asked and what is wrong.', tier: 'strong' },
  ],
  steps: [
    { do: 'generate', agent: 'coder', samples: 1, uses: null, rounds: null },
    { do: 'review', agent: 'reviewer', samples: null, uses: null, rounds: null },
    { do: 'test', agent: null, samples: null, uses: null, rounds: null },
  ],
};

const reviewedTeam: Plan = planSchema.parse({
  ...teamFor('refactoring', 'hard'),
  name: 'reviewed',
  steps: [
    { id: 'write', do: 'generate', agent: 'coder', samples: 1 },
    { id: 'test', do: 'test' },
    { id: 'review', do: 'review', agent: 'reviewer' },
    { id: 'mend', do: 'revise', agent: 'coder', uses: ['review'] },
    { id: 'test-again', do: 'test' },
    { id: 'choose', do: 'select' },
  ],
});

const isDesign = (text: string): boolean => text.includes('You design a team');

export async function realRuns(): Promise<RealRuns> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-runs-')));
  const dataDir = join(top, 'data');
  const disposals: (() => void)[] = [() => rmSync(top, { recursive: true, force: true, maxRetries: 5 })];
  let clock = Date.UTC(2026, 10, 20, 12);
  let designPrompt: RealRuns['designPrompt'] = [];

  const run = async (runId: string, script: Script, designer: Designer, more: Partial<WorkspaceRun> & { readonly text?: string } = {}) => {
    const workspace = temporaryWorkspace(quickSum);
    disposals.push(workspace.dispose);
    const server = await startScriptedServer(script);
    try {
      await runOnWorkspace(
        {
          runId,
          workspace: workspace.root,
          dataDir,
          request: parseRequest(more.text ?? fixRequest),
          models: modelsAt(server.url),
          designer,
          settings: { ...defaultRunSettings, replans: 0, testLimits: { wallMs: 60_000, idleMs: 60_000, outputBytes: 64_000 } },
          mayRunUnfenced: async () => true,
          review: async ({ hash }) => ({ kind: 'approve', hash, by: 'flag' }),
          program: 'teamwright 0.1.0',
          secrets: [],
          // Runs of a day each, so that their order and the filters by date are certain.
          clock: () => (clock += 1),
          ...more,
        },
        new AbortController().signal,
      );
      clock += 24 * 3600 * 1000;
      const asked = server.requests.find(({ body }) => isDesign(body.messages[0]?.content ?? ''));
      if (asked) designPrompt = asked.body.messages.map(({ role, content }) => ({ role, content }));
    } finally {
      await server.close();
    }
    return workspace.root;
  };

  const workspace = await run('samples', [sumReply('a * b'), 'No idea.', sumReply('a + b')], soloDesigner(4));
  await run(
    'designed',
    ({ messages }) =>
      isDesign(messages[0]?.content ?? '') ? { reasoning: 'It is a one-line bug.', text: JSON.stringify(designedTeam) } : sumReply('a + b'),
    designerByName('model'),
  );
  await run(
    'failed',
    ({ messages }) => {
      if (isDesign(messages[0]?.content ?? '')) return JSON.stringify(reviewingTeam);
      return messages.at(-1)?.content.includes('APPROVE') ? 'It multiplies.\nREJECT' : sumReply('a * b');
    },
    designerByName('model'),
  );
  await run('other', [sumReply('b + a')], soloDesigner(1), { text: 'Make `npm test` pass.' });
  await run(
    'mended',
    ({ messages }) => {
      const last = messages.at(-1)?.content ?? '';
      if (last.includes('APPROVE or REJECT')) return 'It multiplies where it should add.\nREJECT';
      return sumReply(last.includes('does not do it yet') ? 'a + b' : 'a * b');
    },
    fileDesigner(reviewedTeam),
    { text: 'Repair sum.js.' },
  );
  await decideHunks({ dataDir, runId: 'samples' }, [
    { candidate: 'c2', path: 'sum.js', hunk: 'h1', decision: 'accepted', reason: 'right' },
  ]);
  await giveVerdict({ dataDir, runId: 'other' }, { decision: 'rejected', reason: 'The order of the operands matters to me.' });
  return {
    dataDir,
    workspace,
    designPrompt,
    dispose: () => {
      for (const dispose of disposals.reverse()) dispose();
    },
  };
}
