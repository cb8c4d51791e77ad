/** LoRA weights that were trained on this machine, as a file beside the weights that they change: whether it is there, whole, and of these weights. */
import { open } from 'node:fs/promises';
import { localModelMissing } from '../errors.ts';
import { isAbsent, isThere } from '../process/index.ts';
import { readGguf } from './gguf.ts';
import type { LocalModel } from './models.ts';
import type { Places } from './places.ts';

/** `absent`: nobody trained here; `damaged`: no LoRA weights, or not all of them; `foreign`: trained on other weights, beside which it is noise or crashes the engine. */
type AdapterProblem = 'absent' | 'damaged' | 'foreign';

/** The model is nothing without a file that nobody trained here. */
export async function lacksAdapter(model: LocalModel, places: Places): Promise<boolean> {
  const file = places.adapter(model);
  return file !== undefined && !(await isThere(file));
}

const missing = { absent: 'adapter', damaged: 'damaged-adapter', foreign: 'foreign-adapter' } as const;

/** Rejects with `local-model-missing` where the model needs LoRA weights, and there are none that fit. */
export async function requireAdapter(model: LocalModel, places: Places): Promise<void> {
  const problem = await adapterProblemOf(model, places);
  if (problem !== undefined) throw localModelMissing(model.id, missing[problem]);
}

/** Undefined: the model has none, or it fits. Reads the head of the file alone. */
export async function adapterProblemOf(model: LocalModel, places: Places): Promise<AdapterProblem | undefined> {
  const file = places.adapter(model);
  return file === undefined ? undefined : adapterProblem(file, model.sha256);
}

/** `trainedOn`: SHA-256 of the weights that it must have been trained on; undefined: whichever. */
export async function adapterProblem(file: string, trainedOn: string | undefined): Promise<AdapterProblem | undefined> {
  let head: Buffer;
  let size: number;
  try {
    const handle = await open(file);
    try {
      ({ size } = await handle.stat());
      head = Buffer.alloc(Math.min(size, mostHead));
      await handle.read(head, 0, head.length, 0);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return isAbsent(error) ? 'absent' : 'damaged';
  }
  const read = readGguf(head);
  if (read === undefined || read.texts.get('adapter.type') !== 'lora' || read.bytes > size) return 'damaged';
  return trainedOn === undefined || read.texts.get('teamwright.base.sha256') === trainedOn ? undefined : 'foreign';
}

/** Names and sizes of all matrices of a model of this size take some 50 KB. */
const mostHead = 1_000_000;
