/** LoRA weights that were trained on this machine, as a file beside the weights that they change. */
import { isThere } from '../process/index.ts';
import type { LocalModel } from './models.ts';
import type { Places } from './places.ts';

/** The model is nothing without a file that nobody trained here. */
export async function lacksAdapter(model: LocalModel, places: Places): Promise<boolean> {
  const file = places.adapter(model);
  return file !== undefined && !(await isThere(file));
}
