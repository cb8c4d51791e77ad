/** A prompt that the server found too long is never sent again: it stays too long, however often it is asked. */
import { expect, test } from 'vitest';
import { soloDesigner } from '../../src/design/index.ts';
import { start } from '../support/run-scene.ts';

test.each<[string, number, object]>([
  ['by its code', 400, { error: { code: 'context_length_exceeded', message: 'too long' } }],
  [
    'as OpenAI says it',
    400,
    { error: { message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 10000 tokens." } },
  ],
  ['as llama.cpp says it', 500, { error: { message: 'input is too large to process. increase the physical batch size' } }],
  ['by the minute', 429, { error: { message: 'Request too large for m on tokens per min (TPM): Limit 30000, Requested 40000.' } }],
  ['by a proxy before it', 413, {}],
])('%s', async (_, status, body) => {
  const { run, server } = await start({ script: Array.from({ length: 8 }, () => ({ status, body })), designer: soloDesigner(3) });
  expect(await run()).toMatchObject({ outcome: 'failed', failure: { code: 'model-context-full' } });
  const prompts = server.requests.map((request) => JSON.stringify(request.body.messages));
  expect(prompts).toHaveLength(new Set(prompts).size);
  expect(prompts).toHaveLength(1);
});
