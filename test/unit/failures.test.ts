/** What users read of failures: the core speaks no program's language, each program has words for every code, and old traces are told as they are. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { placeholders, readBundle } from '../../scripts/l10n.ts';
import { badArgument } from '../../src/cli/bad-argument.ts';
import type { Cli } from '../../src/cli/context.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { exitOf, tell as tellAtTerminal } from '../../src/cli/failure-table.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { tell as tellInEditor } from '../../src/editor/failure-table.ts';
import { factsOf, knownFailure } from '../../src/error-facts.ts';
import {
  type ErrorCode,
  type Facts,
  failureOf,
  isTeamwrightError,
  type RecordedFailure,
  recordedError,
  TeamwrightError,
} from '../../src/errors.ts';
import { failureSamples } from '../support/failure-samples.ts';

const samples = (Object.keys(failureSamples) as ErrorCode[]).flatMap((code) =>
  failureSamples[code].map((facts, index) => [`${code} ${index + 1}`, code, facts] as const),
);
const failure = (code: ErrorCode, facts: Facts[ErrorCode]): RecordedFailure => failureOf(new TeamwrightError(code, facts));

/** As a trace keeps it and gives it back. */
const stored = (value: RecordedFailure): RecordedFailure => JSON.parse(JSON.stringify(value)) as RecordedFailure;

const translator = (bundle: Readonly<Record<string, string>>) => ({
  l10n: {
    t: ((text: string, ...values: readonly unknown[]) =>
      (bundle[text] ?? text).replace(/\{(\d+)\}/g, (_, at) => String(values[Number(at)]))) as never,
  },
});
const [english, german] = [translator({}), translator(readBundle('de'))];

const screen = {
  write: () => true,
  line: () => undefined,
  isTerminal: false,
  columns: 100,
  rows: 24,
  paint: (_: unknown, text: string) => text,
};
const program = buildProgram({ terminal: { out: screen, err: screen, interactive: false } } as unknown as Cli, () => undefined);

test('there is a sample of every cause', () => {
  for (const code of Object.keys(factsOf) as ErrorCode[]) {
    const described = JSON.stringify((factsOf[code] as unknown as { toJSONSchema(): unknown }).toJSONSchema());
    const causes = [...described.matchAll(/"why":\{(?:"type":"string",)?"(?:const":"([\w-]+)"|enum":\[([^\]]*)\])/g)].flatMap(
      ([, one, several = '']) => (one ? [one] : several.split(',').map((text) => text.replaceAll('"', ''))),
    );
    const covered = failureSamples[code].map((facts) => ('why' in facts ? facts.why : undefined));
    expect(
      causes.filter((cause) => !covered.includes(cause as never)),
      code,
    ).toEqual([]);
  }
});

describe.each(samples)('%s', (_name, code, facts) => {
  const failed = failure(code, facts);

  test('the core names no flag, no command and no setting of a program', () => {
    expect(failed.message).not.toMatch(/`teamwright|\bteamwright [a-z]|(^|\s)--[a-z]|“Teamwright|VS Code under|undefined/);
    expect(failed.message.trim()).not.toBe('');
  });

  test('comes back from a trace as what it was', () => {
    expect(knownFailure(stored(failed))).toEqual({ code, message: failed.message, facts: JSON.parse(JSON.stringify(facts)) });
    expect(recordedError(stored(failed))).toMatchObject({ code, message: failed.message });
  });

  test('the command line says what happened and what to do, in words that it understands itself', () => {
    const { message, next } = tellAtTerminal(failed);
    expect(message.trim()).not.toBe('');
    expect(next.trim()).not.toBe('');
    expect(`${message} ${next}`).not.toMatch(/undefined|\[object/);
    const flags = [...next.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag);
    const known = commandsBelow(program).flatMap((command) => command.options.map(({ long }) => long));
    expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
    for (const [, first = '', second = ''] of next.matchAll(/`?teamwright ([a-z]+)(?: ([a-z-]+))?/g)) {
      const command = program.commands.find((one) => one.name() === first);
      expect(command, `teamwright ${first}`).toBeDefined();
      if (command && command.commands.length > 0 && second !== '') {
        expect(command.commands.map((one) => one.name())).toContain(second);
      }
    }
    expect(Object.values(exitCodes)).toContain(exitOf(failed));
  });

  test('the editor says it in its own words, and in the language of the user', () => {
    const [here, there] = [tellInEditor(english, failed), tellInEditor(german, failed)];
    const said = `${here.message} ${here.next ?? ''}`;
    expect(said).not.toMatch(/`teamwright|\bteamwright [a-z]|(^|\s)--[a-z]|undefined|\[object/);
    expect(placeholders(`${said} ${there.message} ${there.next ?? ''}`)).toEqual([]);
    if (commandLineOnly.includes(code)) return;
    expect(there.message).not.toBe(here.message);
    if (here.next !== undefined) expect(there.next).not.toBe(here.next);
  });

  test('each button of the editor does something that there is', () => {
    const { contributes } = JSON.parse(readFileSync(path.resolve('package.json'), 'utf8'));
    const commands: string[] = contributes.commands.map(({ command }: { command: string }) => command);
    for (const { command, argument } of tellInEditor(english, failed).buttons ?? []) {
      if (command !== 'workbench.action.openSettings') expect(commands).toContain(command);
      else if (argument !== '@ext:teamwright.teamwright')
        expect(Object.keys(contributes.configuration.properties).some((name) => name.startsWith(String(argument)))).toBe(true);
    }
  });
});

/** Never met in the editor, so not translated. */
const commandLineOnly: readonly ErrorCode[] = [
  'not-replayable',
  'not-gradable',
  'model-elsewhere',
  'task-invalid',
  'bench-unusable',
  'queue-unusable',
];

function commandsBelow(command: typeof program): (typeof program)[] {
  return [command, ...command.commands.flatMap((one) => commandsBelow(one as typeof program))];
}

describe('a failure of an older or newer program', () => {
  const old = { code: 'model-unauthorized', message: 'The model server s refused access.', next: 'Check the API key.' };

  test.each([
    ['without facts', old],
    ['with facts that are not all there', { ...old, facts: { endpoint: 's' } }],
    ['of a code that is not known (any more)', { ...old, code: 'bad-argument', facts: { runId: 'x' } }],
    ['named like something every object has', { ...old, code: 'toString', facts: {} }],
  ])('%s is told as its program told it', (_what, failed) => {
    expect(knownFailure(failed)).toBeUndefined();
    expect(tellAtTerminal(failed)).toMatchObject({ code: failed.code, message: old.message, next: old.next });
    expect(tellInEditor(german, failed)).toMatchObject({ message: old.message, next: old.next });
    expect(recordedError(failed)).toMatchObject({ code: failed.code, message: old.message });
  });
});

test('the exit code tells whose turn it is: of the user (2), of the budget (3), of whoever stopped (4), of the machine and the models (5)', () => {
  const codes = (exit: number): string[] => (Object.keys(factsOf) as ErrorCode[]).filter((code) => exitOf({ code }) === exit).sort();
  expect(codes(exitCodes.badUse)).toEqual([
    'address-invalid',
    'approval-stale',
    'bad-settings',
    'bad-variable',
    'bench-unusable',
    'candidate-unknown',
    'data-folder-not-apart',
    'designer-unknown',
    'endpoint-unknown',
    'export-unusable',
    'file-unusable',
    'hunk-unknown',
    'image-unusable',
    'key-file-unsafe',
    'local-model-unknown',
    'model-elsewhere',
    'model-name-invalid',
    'model-unchosen',
    'model-unlocated',
    'not-applicable',
    'not-continuable',
    'not-replayable',
    'nothing-to-export',
    'nothing-to-share',
    'path-escapes',
    'payload-broken',
    'plan-invalid',
    'plan-unreadable',
    'request-invalid',
    'run-ambiguous',
    'run-busy',
    'run-id-invalid',
    'run-unknown',
    'shared-item-unknown',
    'sharing-off',
    'task-invalid',
    'workspace-unusable',
  ]);
  expect(codes(exitCodes.budget)).toEqual(['budget-exceeded']);
  expect(codes(exitCodes.stopped)).toEqual(['stopped']);
  expect(codes(exitCodes.environment)).toHaveLength(Object.keys(factsOf).length - 39);
});

describe('a mistake of ours', () => {
  test('has one code and one sentence, whatever was thrown', () => {
    for (const thrown of [new TypeError('x is not a function'), 'x is not a function']) {
      expect(failureOf(thrown)).toEqual({
        code: 'internal',
        message: 'Something went wrong inside Teamwright: x is not a function',
        facts: { detail: 'x is not a function' },
      });
    }
  });
});

test('what only the command line meets is none of the core', () => {
  const refused = badArgument('--budget is empty.', 'Write it like --budget tokens=20000.');
  expect(isTeamwrightError(refused)).toBe(false);
  expect(refused).toMatchObject({ code: 'bad-argument', next: 'Write it like --budget tokens=20000.' });
});
