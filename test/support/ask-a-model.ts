/** Run as a child: asks the model server at the first argument, as the environment says, and prints the reply or the failure. */
import { fetchThrough, openAiClient } from '../../src/models/index.ts';

const client = openAiClient({ endpoint: 'server', baseUrl: process.argv[2] ?? '', apiKey: 'sk-test', fetch: fetchThrough(process.env) });
const signal = AbortSignal.timeout(30_000);
const said = await client.chat({ model: 'm', messages: [{ role: 'user', content: 'Hello.' }] }, undefined, signal).then(
  ({ text }) => text,
  (error: Error) => error.message,
);
process.stdout.write(said);
