import { localModelFailed } from '../../errors.ts';
import { ensureServer } from '../../local-model/index.ts';
import { embeddedId } from '../../model-choice/index.ts';
import { isAlive } from '../../process/index.ts';
import { type CommandAction, documentVersion } from '../context.ts';
import { requireModel } from '../embedded.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseWhole } from '../values.ts';

export interface ModelServeOptions {
  readonly port?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** How often the server is looked after, ms. */
const watchMs = 1000;

/** Serves until the signal fires; that is how it is meant to end, so the exit code is `done`. */
export const modelServeCommand: CommandAction<ModelServeOptions> = async (cli, [size], options) => {
  const { out, err } = cli.terminal;
  const id = embeddedId(size);
  const port = options.port === undefined ? undefined : parseWhole('--port', options.port, 1, 65_535);
  await requireModel(cli, id, options.yes ?? false, cli.signal);
  err.line(err.paint('dim', `Loading ${id} …`));
  const server = await ensureServer(id, { private: true, idleMs: 0, port }, cli.signal);
  try {
    if (options.json) out.line(JSON.stringify({ kind: 'model-server', version: documentVersion, ...plain(server) }));
    else {
      out.line(`${server.model} answers at ${server.url}`);
      out.line(`  key      ${server.apiKey}`);
      out.line(`  context  ${server.contextTokens} tokens`);
    }
    err.line(err.paint('dim', 'Ctrl-C ends it.'));
    await untilStopped(cli.signal, () => {
      if (!isAlive(server.pid)) throw localModelFailed(id, 'it ended by itself.', 'the server log in the cache folder');
    });
    return exitCodes.done;
  } finally {
    await server.close();
  }
};

const plain = ({ url, apiKey, model, pid, contextTokens }: Awaited<ReturnType<typeof ensureServer>>): object => ({
  url,
  apiKey,
  model,
  pid,
  contextTokens,
});

function untilStopped(signal: AbortSignal, check: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearInterval(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setInterval(() => {
      try {
        check();
      } catch (error) {
        clearInterval(timer);
        reject(error);
      }
    }, watchMs);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
