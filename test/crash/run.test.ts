/** `teamwright run` is killed with -9 at many moments. Whatever the moment: the workspace is as it was, nothing of ours goes on, the trace reads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fold, listRuns, openRun, renderRun } from '../../src/trace/index.ts';
import { worksHere } from '../support/fences.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { git, quickSum, sumReply, temporaryWorkspace } from '../support/workspaces.ts';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** A test that starts a child of its own and then loops for ever once the function multiplies. */
const files = {
  ...quickSum,
  'sum.test.js': `${quickSum['sum.test.js']}
if (sum(2, 3) === 6) {
  require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  for (;;);
}
`,
};

/** Processes whose working folder lies below `folder`, or that were started for it. */
function processesBelow(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch (error) {
        // Gone meanwhile, or a kernel thread.
        if (['ENOENT', 'EACCES', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
        throw error;
      }
    });
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

/** What must have been asked of the model before the kill, and how long after. */
const moments = [
  { calls: 0, ms: 150 },
  { calls: 0, ms: 700 },
  { calls: 0, ms: 1500 },
  { calls: 1, ms: 0 },
  { calls: 1, ms: 400 },
  { calls: 1, ms: 1200 },
  { calls: 1, ms: 2500 },
];

test.skipIf(process.platform !== 'linux').each(moments)('killed $ms ms after call $calls', async ({ calls, ms }) => {
  const workspace = temporaryWorkspace(files);
  const server = await startScriptedServer(() => ({ text: sumReply('a * b'), stallMs: 200 }));
  const before = workspace.contents();
  try {
    const child = spawn(
      process.execPath,
      [
        cli,
        'run',
        'Fix the bug in sum.js',
        '--workspace',
        workspace.root,
        '--model',
        `scripted@${server.url}`,
        '--yes',
        '--trust',
        ...(worksHere ? [] : ['--no-fence']),
      ],
      {
        env: { ...process.env, TEAMWRIGHT_DATA: workspace.dataDir, TEAMWRIGHT_CONFIG: `${workspace.dataDir}/none.json`, NO_COLOR: '1' },
        stdio: 'ignore',
      },
    );
    const deadline = Date.now() + 60_000;
    // The probe of what the server can do comes first and is no call of the run.
    const made = (): number => server.requests.filter(({ body }) => JSON.stringify(body.messages).includes('# Request')).length;
    while (made() < calls && child.exitCode === null && Date.now() < deadline) await sleep(10);
    expect(made()).toBeGreaterThanOrEqual(calls);
    await sleep(ms);
    child.kill('SIGKILL');
    await exited(child);

    const goneBy = Date.now() + 10_000;
    while (processesBelow(workspace.dataDir).length > 0 && Date.now() < goneBy) await sleep(50);
    expect(processesBelow(workspace.dataDir)).toEqual([]);
    expect(workspace.contents()).toEqual(before);
    expect(git(workspace.root, 'status', '--porcelain')).toBe('');
    expect(git(workspace.root, 'stash', 'list')).toBe('');
    const runs = existsSync(workspace.dataDir) ? await listRuns(workspace.dataDir) : [];
    for (const { runId, status } of runs) {
      expect(status).toBe('interrupted');
      const { events } = await (await openRun(workspace.dataDir, runId)).read();
      expect(renderRun(fold(events), { ownerAlive: false })).toContain('interrupted');
    }
    if (calls > 0) expect(runs).toHaveLength(1);
  } finally {
    await server.close();
    workspace.dispose();
  }
});
