/** Finds model servers that run on this machine. */
import { beginningOf, patientFetch } from './http.ts';
import { listedModels } from './listed-models.ts';

export interface LocalServer {
  /** `ollama`, `lm-studio`, `llama-server` or `vllm`: the one that usually has this port. */
  readonly name: string;
  readonly baseUrl: string;
  readonly models: readonly string[];
}

export interface Port {
  readonly name: string;
  readonly port: number;
}

export const usualPorts: readonly Port[] = [
  { name: 'ollama', port: 11434 },
  { name: 'lm-studio', port: 1234 },
  { name: 'llama-server', port: 8080 },
  { name: 'vllm', port: 8000 },
];

const longestBody = 1_000_000;

/**
 * Asks the usual ports on loopback for their models, all at once. Only what answers `/v1/models` in the protocol counts: any program
 * may listen on 8080. Never throws for a server that is absent, slow or something else; a stop gives what was found so far.
 */
export async function findLocalServers(signal: AbortSignal, ports: readonly Port[] = usualPorts, timeoutMs = 300): Promise<LocalServer[]> {
  const asked = ports.map(async ({ name, port }): Promise<LocalServer[]> => {
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const models = await listOf(`${baseUrl}/models`, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    return models === undefined ? [] : [{ name, baseUrl, models }];
  });
  return (await Promise.all(asked)).flat();
}

async function listOf(url: string, signal: AbortSignal): Promise<string[] | undefined> {
  try {
    const response = await patientFetch(url, { signal, headers: { accept: 'application/json' } });
    const text = await beginningOf(response, longestBody);
    if (!response.ok || text.length >= longestBody) return undefined;
    const body: unknown = JSON.parse(text);
    const names = listedModels(body)?.map(({ id }) => id);
    // An empty list is believed only when it says that it is one.
    return names?.length === 0 && (body as { object?: unknown }).object !== 'list' ? undefined : names;
  } catch (error) {
    // Whatever goes wrong here means the same: there is no model server on this port.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
