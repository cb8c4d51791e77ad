import type { Command } from 'commander';
import { expect, test } from 'vitest';
import type { Cli } from '../../src/cli/context.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { buildProgram, exitCodeHelp } from '../../src/cli/program.ts';

let printed = '';
const screen = {
  write: (text: string) => {
    printed += text;
  },
  line: () => undefined,
  isTerminal: false,
  columns: 100,
  rows: 24,
  paint: (_look: unknown, text: string) => text,
};
const cli = { terminal: { out: screen, err: screen, interactive: false } } as unknown as Cli;
const program = buildProgram(cli, () => undefined);
const below = (command: Command): Command[] => [command, ...command.commands.flatMap(below)];
const name = (command: Command): string => (command.parent ? `${name(command.parent)} ${command.name()}` : command.name());
const commands = below(program).map((command) => [name(command), command] as const);

test('the commands are those that the documentation names', () => {
  expect(commands.map(([path]) => path).sort()).toEqual(
    [
      'teamwright',
      'teamwright bench',
      'teamwright export',
      'teamwright grade',
      'teamwright learn',
      'teamwright learn designer',
      'teamwright learn designer data',
      'teamwright learn designer measure',
      'teamwright learn designer reward',
      'teamwright learn estimate',
      'teamwright learn evaluate',
      'teamwright learn evidence',
      'teamwright learn export',
      'teamwright learn memory',
      'teamwright learn memory delete',
      'teamwright learn memory edit',
      'teamwright learn memory list',
      'teamwright learn memory show',
      'teamwright learn reset',
      'teamwright learn search',
      'teamwright learn status',
      'teamwright model',
      'teamwright model list',
      'teamwright model probe',
      'teamwright model remove',
      'teamwright model serve',
      'teamwright model setup',
      'teamwright plan',
      'teamwright plan check',
      'teamwright privacy',
      'teamwright privacy delete-everything',
      'teamwright privacy exclude',
      'teamwright privacy include',
      'teamwright privacy keep',
      'teamwright privacy show',
      'teamwright share',
      'teamwright share delete',
      'teamwright share off',
      'teamwright share on',
      'teamwright share preview',
      'teamwright share send',
      'teamwright share show',
      'teamwright share status',
      'teamwright share withdraw',
      'teamwright run',
      'teamwright runs',
      'teamwright runs apply',
      'teamwright runs delete',
      'teamwright runs diff',
      'teamwright runs list',
      'teamwright runs replay',
      'teamwright runs resume',
      'teamwright runs show',
      'teamwright runs spend',
      'teamwright runs undo',
      'teamwright worker',
    ].sort(),
  );
});

test.each(commands)('%s: the help has an example, the exit codes, and --json where something is done', (_path, command) => {
  printed = '';
  command.outputHelp();
  expect(printed).toMatch(/(Examples?:\n {2}|Start with: )teamwright [a-z]/);
  expect(printed).toContain(exitCodeHelp.trim().split('\n')[1]);
  if (command.commands.length === 0) expect(printed).toContain('--json');
});

test('every exit code is documented', () => {
  for (const code of Object.values(exitCodes)) expect(exitCodeHelp).toMatch(new RegExp(`^ {2}${code} {2}\\S`, 'm'));
});
