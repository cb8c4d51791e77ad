/** Sharing and privacy in the editor over a fake host: real runs, a real server, VS Code's telemetry switch in the test's hand. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Document, parseAllDocuments } from 'yaml';
import type { EditorPart } from '../../src/editor/flow-types.ts';
import { createHost } from '../../src/editor/host.ts';
import { createSharing } from '../../src/editor/sharing/index.ts';
import { listRuns } from '../../src/trace/index.ts';
import { FakeEventEmitter } from '../support/fake-vscode/values.ts';
import { type FakeVscode, fakeVscode } from '../support/fake-vscode.ts';
import { type RealRuns, realRuns } from '../support/real-runs.ts';
import { type Behaviour, type SharingServer, startEndpoint } from '../support/sharing-servers.ts';

let runs: RealRuns;
beforeAll(async () => {
  runs = await realRuns();
});
afterAll(() => runs.dispose());

let fake: FakeVscode;
let dataDir: string;
let telemetry: { set(on: boolean): void };
const cleanUps: (() => unknown)[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'teamwright-share-'));
  cpSync(path.join(runs.dataDir, 'runs'), path.join(dataDir, 'runs'), { recursive: true });
  fake = fakeVscode({ folders: [runs.workspace] });
  let enabled = true;
  const changed = new FakeEventEmitter<boolean>();
  telemetry = {
    set: (on) => {
      enabled = on;
      changed.fire(on);
    },
  };
  Object.defineProperties(fake.vscode.env, {
    isTelemetryEnabled: { get: () => enabled },
    onDidChangeTelemetryEnabled: { value: changed.event },
  });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Scene {
  readonly server: SharingServer;
  readonly command: (name: string, ...values: unknown[]) => Promise<unknown>;
}

async function scene(behaviours: readonly Behaviour[] = ['keep'], token?: string): Promise<Scene> {
  const server = await startEndpoint(behaviours, token);
  cleanUps.push(server.close);
  const cache = path.join(dataDir, 'no-cache');
  const part: EditorPart = await createSharing(createHost(fake.vscode, fake.context), {
    dataDir,
    env: { TEAMWRIGHT_CACHE: cache },
    clock: Date.now,
    random: () => 0.5,
    runs: { list: () => listRuns(dataDir), live: () => [] },
  });
  cleanUps.push(() => part.dispose());
  return { server, command: async (name, ...values) => await part.commands[`teamwright.${name}`]?.(...(values as never[])) };
}

/** The opt-in as a person gives it. */
async function optIn({ command, server }: Scene, token = ''): Promise<void> {
  const done = command('sharing.turnOn');
  (await fake.prompts.picks.next()).choose('With the change');
  (await fake.prompts.inputs.next()).enter(`${server.url}/share`);
  const asked = await fake.prompts.inputs.next();
  expect(asked.password).toBe(true);
  asked.enter(token);
  const question = await fake.prompts.messages.next();
  expect(question).toMatchObject({ modal: true, text: `Share runs of ${path.basename(runs.workspace)} with ${server.url}/share?` });
  expect(question.detail).toContain('request');
  question.press('Turn On');
  (await fake.prompts.messages.next()).dismiss();
  await done;
}

const shared = () => fake.documents.find(({ languageId }) => languageId === 'yaml');

describe('the opt-in', () => {
  test('is not offered while telemetry is off in VS Code', async () => {
    telemetry.set(false);
    const { command, server } = await scene();
    await command('sharing.turnOn');
    expect((await fake.prompts.messages.next()).text).toContain('telemetry.telemetryLevel');
    expect(server.calls).toEqual([]);
  });

  test('is not given by closing the question', async () => {
    const here = await scene();
    const done = here.command('sharing.turnOn');
    (await fake.prompts.picks.next()).choose('Plans and rewards only');
    (await fake.prompts.inputs.next()).enter(here.server.url);
    (await fake.prompts.inputs.next()).enter('');
    (await fake.prompts.messages.next()).dismiss();
    await done;
    await expect(here.command('sharing.shareRun', 'samples')).rejects.toMatchObject({ code: 'sharing-off' });
  });

  test('keeps the token in secret storage, for this address alone', async () => {
    const here = await scene(['keep'], 'share-token-123');
    await optIn(here, 'share-token-123');
    expect([...fake.secrets.entries()]).toEqual([[`teamwright.share.${here.server.url}`, 'share-token-123']]);
    const done = here.command('sharing.shareRun', 'samples');
    (await fake.prompts.messages.next()).press('Send');
    await done;
    expect(here.server.files.size).toBe(1);
  });
});

describe('sharing a run', () => {
  test('opens all that would go, in lines that can be read; what is sent is what stands there, edits and all', async () => {
    const here = await scene();
    await optIn(here);
    const done = here.command('sharing.shareRun', 'samples');
    const question = await fake.prompts.messages.next();
    expect(question.text).toContain('all that would go');
    const document = shared();
    expect(document?.getText()).toMatch(/^patch: \|\n {2}diff --git /m);
    expect(document?.getText()).toContain('Fix the bug');
    expect(here.server.calls).toEqual([]);
    const edited = (document?.getText() ?? '').replace('Fix the bug', 'Mend the flaw');
    if (document) fake.type(document, edited);
    question.press('Send');
    await done;
    const [name = ''] = here.server.files.keys();
    const sent = here.server.text(name);
    expect(sent).toContain('Mend the flaw');
    // Each line of what was sent is a document of what was read, with nothing besides.
    const read = parseAllDocuments(edited) as Document[];
    expect(
      sent
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(read.map((one) => one.toJS()));
    expect(read.length).toBeGreaterThan(1);
    expect((await fake.prompts.messages.next()).text).toContain('Shared: 1.');
  });

  test('a secret that was typed in is taken out and shown again before anything goes', async () => {
    const here = await scene();
    await optIn(here);
    const done = here.command('sharing.shareRun', 'samples');
    const question = await fake.prompts.messages.next();
    const document = shared();
    if (document) fake.type(document, document.getText().replace('Fix the bug', 'DB_PASSWORD=w1nter99!'));
    question.press('Send');
    const again = await fake.prompts.messages.next();
    expect(again.text).toContain('Redaction found something');
    expect(document?.getText()).not.toContain('w1nter99');
    expect(here.server.calls).toEqual([]);
    again.press('Send');
    await done;
    expect(here.server.files.size).toBe(1);
  });

  test('closing the question sends nothing; the command sends the document in front later', async () => {
    const here = await scene();
    await optIn(here);
    const done = here.command('sharing.shareRun', 'samples');
    (await fake.prompts.messages.next()).dismiss();
    await done;
    expect(here.server.calls).toEqual([]);
    await here.command('sharing.send');
    expect(here.server.files.size).toBe(1);
  });

  test('nothing goes when telemetry is turned off after the yes, and what waits stays', async () => {
    const here = await scene();
    await optIn(here);
    const done = here.command('sharing.shareRun', 'samples');
    const question = await fake.prompts.messages.next();
    telemetry.set(false);
    question.press('Send');
    await expect(done).rejects.toMatchObject({ code: 'sharing-off' });
    expect(here.server.calls).toEqual([]);
  });

  test('an upload under way stops the moment telemetry is turned off', async () => {
    const here = await scene(['silent']);
    await optIn(here);
    const done = here.command('sharing.shareRun', 'samples');
    (await fake.prompts.messages.next()).press('Send');
    await expect.poll(() => here.server.calls.length).toBe(1);
    telemetry.set(false);
    await done;
    expect((await fake.prompts.messages.next()).text).toContain('Not sent yet: Telemetry is off in VS Code');
  });

  test('it stops also when another send was asked for meanwhile', async () => {
    const here = await scene(['silent']);
    await optIn(here);
    const done = here.command('sharing.shareRun', 'samples');
    (await fake.prompts.messages.next()).press('Send');
    await expect.poll(() => here.server.calls.length).toBe(1);
    const again = here.command('sharing.shareRun', 'samples');
    (await fake.prompts.messages.next()).press('Send');
    await again;
    telemetry.set(false);
    await done;
    expect((await fake.prompts.messages.next()).text).toContain('Not sent yet: Telemetry is off in VS Code');
  });
});

describe('what was shared', () => {
  const share = async (here: Scene): Promise<void> => {
    await optIn(here);
    const done = here.command('sharing.shareRun', 'samples');
    (await fake.prompts.messages.next()).press('Send');
    await done;
    (await fake.prompts.messages.next()).dismiss();
  };

  test('is listed, shown and deleted', async () => {
    const here = await scene();
    await share(here);
    const shown = here.command('sharing.show');
    const list = await fake.prompts.picks.next();
    expect(list.labels).toHaveLength(1);
    list.choose(list.labels[0] ?? '');
    const actions = await fake.prompts.picks.next();
    expect(actions.labels).toEqual(['Show what was sent', 'Ask for its deletion']);
    actions.choose('Ask for its deletion');
    await shown;
    expect(here.server.files.size).toBe(0);
    expect((await fake.prompts.messages.next()).text).toBe('Taken back: 1.');
  });

  test('is offered for deletion when the user withdraws', async () => {
    const here = await scene();
    await share(here);
    const done = here.command('sharing.withdraw');
    const offer = await fake.prompts.messages.next();
    expect(offer.text).toContain('1 shared before are still out there');
    offer.press('Ask for Deletion');
    await done;
    expect(here.server.files.size).toBe(0);
    await expect(here.command('sharing.shareRun', 'samples')).rejects.toMatchObject({ code: 'sharing-off' });
  });
});

describe('privacy', () => {
  test('a folder that is never recorded loses its past runs after a modal yes', async () => {
    const here = await scene();
    const done = here.command('privacy.exclude');
    const question = await fake.prompts.messages.next();
    expect(question.modal).toBe(true);
    question.press('Never Record');
    await done;
    const left = await listRuns(dataDir);
    expect(left.length).toBeGreaterThan(0);
    expect(left.every(({ summary }) => summary.workspace !== runs.workspace)).toBe(true);
    await here.command('privacy.include');
  });

  test('everything is deleted after a modal yes that names it, and a document tells what is gone', async () => {
    const here = await scene();
    const done = here.command('privacy.deleteEverything');
    const question = await fake.prompts.messages.next();
    expect(question).toMatchObject({ modal: true, buttons: ['Delete Everything'] });
    expect(question.detail).toContain('runs: requests, prompts, replies');
    question.press('Delete Everything');
    await done;
    expect(existsSync(dataDir)).toBe(false);
    expect(fake.documents.at(-1)?.getText()).toContain('Left of ours: 0.');
  });

  test('closing the question deletes nothing', async () => {
    const here = await scene();
    const before = await listRuns(dataDir);
    const done = here.command('privacy.deleteEverything');
    (await fake.prompts.messages.next()).dismiss();
    await done;
    expect(before.length).toBeGreaterThan(0);
    expect(await listRuns(dataDir)).toEqual(before);
  });
});
