/** What an agent with tools is shown of its work so far. */
import { expect, test } from 'vitest';
import type { RelevantFile } from '../../src/briefing/types.ts';
import type { ChatMessage } from '../../src/models/types.ts';
import { filesInUse, type Turn, toolHistory } from '../../src/run/tool-history.ts';

const opening: readonly ChatMessage[] = [{ role: 'user', content: 'Mend it.' }];
const long = (text: string): string => text.padEnd(400, '.');
const used = (id: string, name: string, argumentText: string, answer: string): Turn => ({
  said: { role: 'assistant', content: '', toolCalls: [{ id, name, arguments: argumentText }] },
  used: [{ id, name, arguments: argumentText, answer }],
  native: true,
});
const answersOf = (turns: readonly Turn[]): string[] =>
  toolHistory(opening, turns).flatMap(({ role, content }) => (role === 'tool' ? [content.slice(0, 6)] : []));

test('of the same question the last answer is shown, and of the tests the last run', () => {
  const turns = [
    used('1', 'read', '{"path":"a.js"}', long('old a ')),
    used('2', 'test', '{}', long('red 1 ')),
    used('3', 'read', '{"path":"b.js"}', long('b     ')),
    used('4', 'read', '{"path":"a.js"}', long('new a ')),
    used('5', 'test', '', long('red 2 ')),
  ];
  expect(answersOf(turns)).toEqual(['(Asked', '(Asked', 'b     ', 'new a ', 'red 2 ']);
});

test('every call keeps its answer, in order, and short ones stay', () => {
  const turns = [used('1', 'test', '{}', 'All tests pass.'), used('2', 'test', '{}', 'All tests pass.')];
  expect(toolHistory(opening, turns).map((one) => (one.role === 'tool' ? one.toolCallId : one.role))).toEqual([
    'user',
    'assistant',
    '1',
    'assistant',
    '2',
  ]);
  expect(answersOf(turns)).toEqual(['All te', 'All te']);
});

test('without native calls the answers of a turn are one message, and what the agent was told stays', () => {
  const said: ChatMessage = { role: 'assistant', content: 'x' };
  const turns: Turn[] = [
    { said, native: false, used: ['1', '2'].map((id) => ({ id, name: 'read', arguments: id, answer: `text ${id}` })) },
    { said, told: 'Your change does not do it yet.' },
  ];
  expect(toolHistory(opening, turns).map(({ content }) => content)).toEqual([
    'Mend it.',
    'x',
    'Result of read:\ntext 1\n\nResult of read:\ntext 2',
    'x',
    'Your change does not do it yet.',
  ]);
});

test('files in use are those that calls name, and red tests', () => {
  const files = ['a.js', 'b.js', 'a.test.js', 'b.test.js'].map((path) => ({ path }) as RelevantFile);
  const turns = [used('1', 'edit', '{"path":"a.js","search":"x","replace":"y"}', 'Changed a.js.')];
  expect([...filesInUse(files, turns, new Set(['b.test.js']))]).toEqual(['a.js', 'b.test.js']);
});
