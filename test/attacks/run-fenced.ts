/** A program that runs one command in its fence, for parents that leave things to their children. Takes and prints JSON. */
import { type Fenced, runCommand } from '../../src/process/index.ts';
import type { CommandSpec } from '../../src/process/types.ts';

const { spec, fence }: { readonly spec: CommandSpec; readonly fence: Fenced } = JSON.parse(process.argv[2] ?? '');
console.log(JSON.stringify(await runCommand(spec, { fence }, new AbortController().signal)));
