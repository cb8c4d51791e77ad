/** Sharing at the command line: real processes, a real run, a real server that takes what is sent. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { type RealRuns, realRuns } from '../support/real-runs.ts';
import { type Behaviour, type SharingServer, startEndpoint } from '../support/sharing-servers.ts';

let runs: RealRuns;
beforeAll(async () => {
  runs = await realRuns();
});
afterAll(() => runs.dispose());

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Scene {
  readonly cli: CommandLine;
  readonly server: SharingServer;
  readonly share: (...args: string[]) => ReturnType<CommandLine['run']>;
  /** The hash that the preview tells. */
  hash(...args: string[]): Promise<string>;
}

async function scene(behaviours: readonly Behaviour[] = ['keep'], optIn = true): Promise<Scene> {
  const cli = commandLine();
  cleanUps.push(cli.dispose);
  cpSync(join(runs.dataDir, 'runs'), join(cli.dataDir, 'runs'), { recursive: true });
  const server = await startEndpoint(behaviours);
  cleanUps.push(server.close);
  const share: Scene['share'] = (...args) => cli.run(['share', ...args], { cwd: runs.workspace });
  if (optIn) expect((await share('on', '--yes', '--level', 'diffs', '--to', server.url)).code).toBe(0);
  return { cli, server, share, hash: async (...args) => JSON.parse((await share('preview', ...args, '--json')).stdout).hash };
}

describe('off, as it comes', () => {
  test('says so, refuses to send, and can be previewed all the same', async () => {
    const { share, server } = await scene(['keep'], false);
    expect((await share('status')).stdout).toBe('Sharing is off. Nothing leaves this machine.\n');
    const refused = await share('send', 'samples', '--approve', '0123456789abcdef', '--json');
    expect({ code: refused.code, ...JSON.parse(refused.stdout) }).toMatchObject({ code: 2, error: { code: 'sharing-off' } });
    const preview = await share('preview', 'samples');
    expect(preview.code).toBe(0);
    expect(preview.stdout.split('\n')[0]).toContain('"level":"plans"');
    expect(server.calls).toEqual([]);
  });

  test('an opt-in needs a target and a word', async () => {
    const { share } = await scene(['keep'], false);
    expect(await share('on')).toMatchObject({ code: 2, stderr: expect.stringContaining('not said where to') });
    expect(await share('on', '--to', 'https://host.test/x')).toMatchObject({ code: 2, stderr: expect.stringContaining('opt-in') });
    expect(await share('on', '--yes', '--to', 'http://host.test/x')).toMatchObject({ code: 2, stderr: expect.stringContaining('https') });
    expect(JSON.parse((await share('status', '--json')).stdout)).toMatchObject({ workspaces: {}, items: [] });
  });

  test.each([
    [{ DO_NOT_TRACK: '1' }, 'DO_NOT_TRACK'],
    [{ TEAMWRIGHT_TELEMETRY: 'off' }, 'TEAMWRIGHT_TELEMETRY'],
  ])('and stays off with %j, whatever the opt-in says', async (env, name) => {
    const { cli, server, hash } = await scene();
    const approve = await hash('samples');
    const sent = await cli.run(['share', 'send', 'samples', '--approve', approve], { cwd: runs.workspace, env });
    expect(sent).toMatchObject({ code: 2, stderr: expect.stringContaining(name) });
    expect((await cli.run(['share', 'status'], { env })).stdout).toContain(name);
    expect(server.calls).toEqual([]);
  });
});

describe('on', () => {
  test('sends what was looked at, lists it, shows it again, deletes it', async () => {
    const { share, server, hash } = await scene();
    const preview = (await share('preview', 'samples')).stdout;
    const sent = await share('send', 'samples', '--approve', await hash('samples'), '--json');
    expect(sent.code).toBe(0);
    const { item } = JSON.parse(sent.stdout);
    expect(item).toMatchObject({ runId: 'samples', level: 'diffs', status: 'shared' });
    expect(server.text(`${item.id}.jsonl.gz`)).toBe(preview);
    expect((await share('show', item.id)).stdout).toBe(preview);
    const status = (await share('status')).stdout;
    expect(status).toContain(`on for ${runs.workspace}`);
    expect(status).toContain(item.sha256.slice(0, 12));
    expect(status).toContain('shared');
    expect(await share('delete', item.id)).toMatchObject({ code: 0, stderr: expect.stringContaining('deleted') });
    expect(server.files.size).toBe(0);
  });

  test('sends nothing for another hash, nor without one where nobody can be asked', async () => {
    const { share, server, hash } = await scene();
    const plans = await hash('samples', '--level', 'plans');
    expect(await share('send', 'samples', '--approve', plans)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not what was looked at'),
    });
    expect(await share('send', 'samples')).toMatchObject({ code: 2, stderr: expect.stringContaining('Nobody can be asked') });
    expect(server.calls).toEqual([]);
  });

  test('sends an edited payload as it was edited, and refuses one with a secret in it', async () => {
    const { cli, share, server } = await scene();
    const file = join(cli.home, 'edited.jsonl');
    await share('preview', 'samples', '--out', file);
    const { createHash } = await import('node:crypto');
    const edited = readFileSync(file, 'utf8').replace('Fix the bug', 'Mend the flaw');
    writeFileSync(file, edited);
    const sent = await share('send', 'samples', '--file', file, '--approve', createHash('sha256').update(edited).digest('hex'), '--json');
    expect(server.text(`${JSON.parse(sent.stdout).item.id}.jsonl.gz`)).toBe(edited);
    writeFileSync(file, edited.replace('Mend the flaw', 'DB_PASSWORD=w1nter99!'));
    expect(await share('send', 'samples', '--file', file, '--approve', '0123456789ab')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('redaction takes out'),
    });
  });

  test('waits for a server that is busy for a moment', async () => {
    const { share, server, hash } = await scene([{ status: 503 }, 'keep']);
    const sent = await share('send', 'samples', '--approve', await hash('samples'));
    expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining('shared at') });
    expect(server.files.size).toBe(1);
  });

  test('a refusal is told, and the payload waits for another try', async () => {
    const { share, server, hash } = await scene([{ status: 403 }, 'keep']);
    const approve = await hash('samples');
    expect(await share('send', 'samples', '--approve', approve)).toMatchObject({ code: 5, stderr: expect.stringContaining('403') });
    expect((await share('status')).stdout).toContain('not sent');
    expect((await share('send', 'samples', '--approve', approve)).code).toBe(0);
    expect(server.files.size).toBe(1);
  });

  test('withdrawal deletes what is out there when asked to', async () => {
    const { share, server, hash } = await scene();
    await share('send', 'samples', '--approve', await hash('samples'));
    const kept = await share('withdraw');
    expect(kept).toMatchObject({ code: 0, stderr: expect.stringContaining('still out there') });
    expect(server.files.size).toBe(1);
    expect((await share('withdraw', '--delete')).code).toBe(0);
    expect(server.files.size).toBe(0);
    expect((await share('status')).stdout).toContain('Sharing is off.');
  });
});

describe.skipIf(process.platform !== 'linux')('at a terminal', () => {
  test('the whole payload is shown, an edit is shown again, and only yes sends it', async () => {
    const { cli, server } = await scene();
    const terminal = cli.start(['share', 'send', 'samples'], {
      cwd: runs.workspace,
      terminal: true,
      env: { EDITOR: `sed -i 's/Fix the bug/Mend the flaw/'` },
    });
    const shown = await terminal.printed('[y]es, [N]o');
    expect(shown).toContain('Fix the bug');
    terminal.type('e\n');
    await terminal.printed('Mend the flaw');
    expect(server.calls).toEqual([]);
    terminal.type('y\n');
    const { code } = await terminal.done;
    expect(code).toBe(0);
    const [name = ''] = server.files.keys();
    expect(server.text(name)).toContain('Mend the flaw');
  });

  test('enter means no', async () => {
    const { cli, server } = await scene();
    const terminal = cli.start(['share', 'send', 'samples'], { cwd: runs.workspace, terminal: true });
    await terminal.printed('[y]es, [N]o');
    terminal.type('\n');
    expect((await terminal.done).code).toBe(4);
    expect(server.calls).toEqual([]);
  });
});

test('what was kept although the answer was a failure is deleted by the `share withdraw --delete` that `share withdraw` names', async () => {
  const { share, server, hash, cli } = await scene([{ keepThen: () => undefined }]);
  expect((await share('send', 'samples', '--approve', await hash('samples'))).code).toBe(5);
  expect(server.files.size).toBe(1);
  const told = await share('withdraw');
  expect(told).toMatchObject({ code: 0, stderr: expect.stringContaining('teamwright share withdraw --delete') });
  expect(await cli.run(['privacy', 'delete-everything', '--yes'])).toMatchObject({ code: 2, stderr: expect.stringContaining('1 payload') });
  expect((await share('withdraw', '--delete')).code).toBe(0);
  expect(server.files.size).toBe(0);
});

test.each<Record<string, string>>([{}, { TEAMWRIGHT_DEBUG: '1' }])(
  'a preview into a folder that is not there is bad use, told as one document (%j)',
  async (env) => {
    const { cli } = await scene(['keep'], false);
    const said = await cli.run(['share', 'preview', 'samples', '--out', '/no/such/folder/x.jsonl', '--json'], { cwd: runs.workspace, env });
    expect({ code: said.code, ...JSON.parse(said.stdout) }).toMatchObject({ code: 2, kind: 'error', exit: 2 });
  },
);
