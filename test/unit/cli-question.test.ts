import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askQuestion } from '../../src/cli/output/question.ts';
import type { Screen, Terminal } from '../../src/cli/output/terminal.ts';

const signal = new AbortController().signal;

async function asked(options: readonly string[], typed: string): Promise<{ readonly answer: string | undefined; readonly shown: string }> {
  let shown = '';
  const screen: Screen = {
    write: (text) => {
      shown += text;
    },
    line: (text = '') => {
      shown += `${text}\n`;
    },
    isTerminal: true,
    columns: 80,
    rows: 24,
    paint: (_look, text) => text,
  };
  const input = new PassThrough();
  const terminal: Terminal = { out: screen, err: screen, input: input as unknown as NodeJS.ReadStream, interactive: true };
  const answer = askQuestion(terminal, { agent: 'coder', text: 'Add or subtract?', options }, signal);
  input.write(`${typed}\n`);
  return { answer: await answer, shown };
}

test('a question with answers to choose from is answered by a number, by words, or not at all', async () => {
  const options = ['Add', 'Subtract'];
  expect(await asked(options, '2')).toMatchObject({ answer: 'Subtract', shown: expect.stringContaining('  1  Add\n  2  Subtract\n') });
  expect((await asked(options, 'Neither: multiply.')).answer).toBe('Neither: multiply.');
  // No answer has this number: it is what the user says.
  expect((await asked(options, '3')).answer).toBe('3');
  expect((await asked(options, '')).answer).toBeUndefined();
});

test('one without them is answered by words alone', async () => {
  expect(await asked([], '2')).toMatchObject({ answer: '2', shown: expect.not.stringContaining('A number') });
});
