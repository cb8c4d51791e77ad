/** What the user reads, and can press, when a model fails: real failures of real servers, told by the editor. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { tellError } from '../../src/editor/failure-table.ts';
import { createModels } from '../../src/editor/models/index.ts';
import { isTeamwrightError, type TeamwrightError } from '../../src/errors.ts';
import { capabilityStore } from '../../src/models/index.ts';
import { modelsHost } from '../support/models-host.ts';
import { type Reply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'teamwright-failures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let server: ScriptedServer | undefined;
afterEach(() => server?.close());

/** The failure of a run whose worker is `work:scripted`, or the address itself. */
async function failureOf(reply: Reply, options: { apiKey?: string; gone?: boolean; byAddress?: boolean } = {}): Promise<TeamwrightError> {
  server = await startScriptedServer(() => reply, options);
  const { url } = server;
  if (options.gone) await server.close();
  const double = modelsHost();
  double.set('endpoints', options.byAddress ? {} : { work: { baseUrl: url } });
  double.set('models.worker', options.byAddress ? `scripted@${url}` : 'work:scripted');
  await capabilityStore(join(folder, 'models')).set(url, 'scripted', {
    format: 'none',
    tools: false,
    usage: true,
    seed: false,
    strength: 'weak',
  });
  const models = createModels(double.host, { env: {}, dataDir: folder, clock: Date.now, serve: {} });
  try {
    const { set } = await models.choose('/w', {}, signal);
    await set.worker.client.chat({ model: 'scripted', messages: [{ role: 'user', content: 'x' }] }, undefined, signal);
  } catch (error) {
    if (isTeamwrightError(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

const told = (error: TeamwrightError) => {
  const { message, next, buttons = [] } = tellError(modelsHost().host.vscode, error);
  return {
    code: error.code,
    message,
    next,
    buttons: buttons.map(({ title, argument }) => (argument === undefined ? title : `${title} ${argument}`)),
  };
};

describe('a failure is a sentence with a button', () => {
  test('a wrong key: set it, right for this endpoint', async () => {
    expect(told(await failureOf('fine', { apiKey: 'the-right-one' }))).toMatchObject({
      code: 'model-unauthorized',
      message: expect.stringMatching(/^The model server work refused access/),
      next: 'Check the key and whether the account has credit.',
      buttons: ['Set Key… work', 'Choose Models…'],
    });
  });

  test('a wrong key of a server that is only an address: make it an endpoint', async () => {
    expect(told(await failureOf('fine', { apiKey: 'the-right-one', byAddress: true })).buttons).toEqual([
      `Add Endpoint… ${server?.url}`,
      'Choose Models…',
    ]);
  });

  test('a server that is not there', async () => {
    expect(told(await failureOf('fine', { gone: true }))).toMatchObject({
      code: 'model-unreachable',
      message: 'The model server work cannot be reached: nothing listens there.',
      next: expect.stringContaining('Check that the server runs'),
      buttons: ['Choose Models…'],
    });
  });

  test.each([
    ['a limited rate', { status: 429, headers: { 'retry-after': '7' } }, 'model-rate-limited', 'Wait 7 seconds'],
    ['no credit', { status: 429, body: { error: { message: 'You exceeded your current quota' } } }, 'model-unauthorized', 'credit'],
    ['half a stream', { text: 'a long answer that breaks', cutAfterBytes: 300 }, 'model-half-stream', 'Run again'],
    ['a failing server', { status: 500 }, 'model-server-error', 'Run again'],
    [
      'a full context',
      { status: 400, body: { error: { message: 'maximum context length is 8192 tokens' } } },
      'model-context-full',
      'fewer files',
    ],
    ['an unknown model', { status: 404, body: { error: { message: 'model_not_found' } } }, 'model-not-found', 'models that are there'],
    ['something that is no model server', { raw: '<html>hello</html>' }, 'model-bad-reply', 'OpenAI-compatible'],
  ] as const)('%s', async (_what, reply, code, next) => {
    const failure = told(await failureOf(reply));
    expect(failure).toMatchObject({ code, message: expect.stringMatching(/^The .*work.*\.$/s), next: expect.stringContaining(next) });
    expect(failure.buttons).toContain('Choose Models…');
  });

  test('no next step speaks of the command line', async () => {
    for (const reply of [{ status: 404 }, { status: 422 }, { status: 500 }, { status: 401 }] as const) {
      expect(told(await failureOf(reply)).next).not.toMatch(/`teamwright|--\w/);
    }
  });
});
