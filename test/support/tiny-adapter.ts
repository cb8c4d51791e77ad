/**
 * LoRA weights as the GGUF file that training writes (`training/teamwright_training/adapter_gguf.py`), for one matrix of the 0.5B model, made up by a seed. It
 * takes seconds where the training kit takes its environment of several gigabytes; `test/training/training.test.ts` loads what the kit itself wrote.
 */
import { writeFileSync } from 'node:fs';
import { seededRandom } from '../../src/learning/index.ts';

export interface AdapterOptions {
  /** SHA-256 of the weights that it says it was trained on; absent: it does not say. */
  readonly trainedOn?: string;
  /** `adapter.type`; LoRA is the only one that is known. */
  readonly type?: string;
  /** How far its numbers are from 0. */
  readonly strength?: number;
}

/** Of the last block: from what it computes back to what the model hands on. */
const matrix = { name: 'blk.23.ffn_down.weight', inputs: 4864, outputs: 896 };
const types = { float32: 6, string: 8 };
const alignment = 32;

export function writeAdapter(file: string, { trainedOn, type = 'lora', strength = 0.5 }: AdapterOptions): void {
  const meta = [
    text('general.architecture', 'qwen2'),
    text('general.type', 'adapter'),
    text('adapter.type', type),
    Buffer.concat([string('adapter.lora.alpha'), number(types.float32), float(1)]),
    ...(trainedOn === undefined ? [] : [text('teamwright.base.sha256', trainedOn)]),
  ];
  const random = seededRandom(1);
  const values = (count: number): Buffer => Buffer.from(Float32Array.from({ length: count }, () => strength * (random() - 0.5)).buffer);
  const tensors = [
    { name: `${matrix.name}.lora_a`, sizes: [matrix.inputs, 1], data: values(matrix.inputs) },
    { name: `${matrix.name}.lora_b`, sizes: [1, matrix.outputs], data: values(matrix.outputs) },
  ];
  let offset = 0;
  const infos = tensors.map(({ name, sizes, data }) => {
    const info = Buffer.concat([string(name), number(sizes.length), ...sizes.map(long), number(0), long(offset)]);
    offset += padded(data.length);
    return info;
  });
  const head = Buffer.concat([Buffer.from('GGUF'), number(3), long(tensors.length), long(meta.length), ...meta, ...infos]);
  const body = tensors.map(({ data }) => Buffer.concat([data], padded(data.length)));
  writeFileSync(file, Buffer.concat([Buffer.concat([head], padded(head.length)), ...body]));
}

const padded = (length: number): number => Math.ceil(length / alignment) * alignment;
const text = (key: string, value: string): Buffer => Buffer.concat([string(key), number(types.string), string(value)]);
const string = (value: string): Buffer => Buffer.concat([long(Buffer.byteLength(value)), Buffer.from(value)]);

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
