import { englishNumbers } from '../../text/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { chooseModels } from '../models.ts';
import { oneLine } from '../output/text.ts';
import { loadSettings } from '../settings.ts';

const formats = { 'json-schema': 'JSON by schema', 'json-object': 'JSON without a schema', none: 'plain text only' } as const;

export const modelProbeCommand: CommandAction<{ yes?: boolean; json?: boolean }> = async (cli, [id], options) => {
  const { out } = cli.terminal;
  const loaded = await loadSettings(cli);
  const models = await chooseModels({ cli, ...loaded, probeAgain: true, images: true }, { model: id, yes: options.yes }, cli.signal);
  await models.close();
  const { client, model, capabilities, price } = models.set.worker;
  if (options.json) {
    printDocument(cli, 'model-probe', { model, endpoint: client.endpoint, capabilities, price });
    return exitCodes.done;
  }
  const fact = (name: string, text: string): void => out.line(`${out.paint('dim', name.padEnd(10))} ${text}`);
  fact('model', oneLine(model));
  fact('endpoint', oneLine(client.endpoint));
  fact(
    'strength',
    capabilities.strength === 'strong' ? 'strong: may use tools and search/replace edits' : 'weak: one short prompt, whole files',
  );
  fact('answers', formats[capabilities.format]);
  fact('tools', capabilities.tools ? 'native tool calls' : 'no tool calls');
  fact('pictures', capabilities.images === undefined ? 'unknown' : capabilities.images ? 'looked at' : 'not taken');
  fact('tokens', capabilities.usage ? 'reported by the server' : 'estimated (the server reports none)');
  fact('seeds', capabilities.seed ? 'honoured' : 'not honoured; samples cannot be repeated exactly');
  fact('context', capabilities.contextTokens === undefined ? 'unknown' : `${englishNumbers.count(capabilities.contextTokens)} tokens`);
  fact(
    'price',
    !price.known
      ? 'unknown; add it under "prices" in the settings'
      : price.output === 0
        ? 'free'
        : `$${price.input} in, $${price.output} out per million tokens`,
  );
  return exitCodes.done;
};
