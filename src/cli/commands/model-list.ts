import { list } from '../../local-model/index.ts';
import { findLocalServers, priceOf, strengthOf } from '../../models/index.ts';
import { englishNumbers } from '../../text/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Column, oneLine, table } from '../output/text.ts';
import { loadSettings } from '../settings.ts';

interface Row {
  /** As `--model` takes it. */
  readonly id: string;
  readonly state: string;
  readonly strength: string;
  readonly price: string;
}

export const modelListCommand: CommandAction<{ json?: boolean }> = async (cli, _args, options) => {
  const { settings, settingsFile } = await loadSettings(cli);
  const [embedded, servers] = await Promise.all([list({}, cli.signal), findLocalServers(cli.signal)]);
  if (options.json) {
    // Names of variables only, never what they hold.
    printDocument(cli, 'models', { embedded, servers, endpoints: settings.endpoints, settings: settingsFile });
    return exitCodes.done;
  }
  const rows: Row[] = [
    ...embedded.map((entry) => ({
      id: entry.isDefault ? 'embedded' : `embedded:${entry.model.id.split('-').at(-1)}`,
      state: `${entry.ready ? (entry.server === undefined ? 'ready' : `running at ${entry.server.url}`) : entry.partial ? 'partly downloaded' : 'not set up'}; ${entry.model.title}, ${englishNumbers.bytes(entry.model.bytes)}`,
      strength: strengthOf(entry.model.id),
      price: 'free',
    })),
    ...servers.flatMap((server) =>
      server.models.map((model) => ({
        id: `${server.name === 'lm-studio' ? 'lmstudio' : server.name}:${oneLine(model)}`,
        state: `found at ${server.baseUrl}`,
        strength: settings.strength[model] ?? strengthOf(model),
        price: priceText(priceOf(server.baseUrl, model, settings.prices)),
      })),
    ),
    ...Object.entries(settings.endpoints).map(([name, endpoint]) => ({
      id: `${name}:NAME`,
      state: `${endpoint.baseUrl}${endpoint.keyVariable === undefined ? '' : ` with the key in ${endpoint.keyVariable}${cli.env[endpoint.keyVariable] ? '' : ' (not set)'}`}`,
      strength: '',
      price: '',
    })),
  ];
  const { out, err } = cli.terminal;
  const columns: Column<Row>[] = [
    { title: 'MODEL', text: (row) => row.id },
    { title: 'STRENGTH', text: (row) => row.strength },
    { title: 'PRICE', text: (row) => row.price },
    { title: 'STATE', text: (row) => row.state, gives: true },
  ];
  const [title = '', ...lines] = table(rows, columns, out.columns);
  out.line(out.paint('dim', title));
  for (const line of lines) out.line(line);
  err.line(err.paint('dim', `settings: ${settingsFile}`));
  return exitCodes.done;
};

function priceText(price: { input: number; output: number; known: boolean }): string {
  if (!price.known) return 'unknown';
  return price.input === 0 && price.output === 0 ? 'free' : `$${price.input}/$${price.output} per M`;
}
