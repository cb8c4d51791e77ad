/** Tables of an outcome bank. */
import { expect, test } from 'vitest';
import { renderBank } from '../../src/bench/bank-report.ts';
import { attempt } from '../support/attempts.ts';

test('each operator by itself, and what solved a task: the second place, a change, or a draft that the hidden tests fail', () => {
  const green = { visible: true, hidden: true };
  const text = renderBank([
    ...[
      attempt('a', 1, 'localise'),
      attempt('a', 2, 'fill', { visible: false }),
      attempt('a', 3, 'new-line', green),
      attempt('a', 4, 'fill'),
    ],
    ...[
      attempt('b', 3, 'mutate', { ...green, inputTokens: 0, outputTokens: 0, modelSeconds: 0 }),
      attempt('b', 2, 'fill'),
      attempt('b', 1, 'fill'),
    ],
    ...[attempt('c', 1, 'sample', { visible: true, hidden: false })],
    ...[attempt('d', 1, 'fill', { visible: false })],
  ]);
  expect(text).toMatchInlineSnapshot(`
    "| operator | attempts | visible tests pass | hidden ones too | tokens mean | s of model | s of tests |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    | fill | 5 | 0 | 0 | 120 | 2.0 | 1.0 |
    | localise | 1 | 0 | 0 | 120 | 2.0 | 1.0 |
    | new-line | 1 | 1 | 1 | 120 | 2.0 | 1.0 |
    | mutate | 1 | 1 | 1 | 0 | 0.0 | 1.0 |
    | sample | 1 | 1 | 0 | 120 | 2.0 | 1.0 |

    | what solved it | tasks | of them by hidden tests |
    | --- | ---: | ---: |
    | mutate | 1 | 1 |
    | place 2 | 1 | 1 |
    | sample | 1 | 0 |"
  `);
});

test('a bank in which nothing was solved says so by empty rows', () => {
  expect(
    renderBank([attempt('a', 1, 'fill')])
      .split('\n')
      .at(-1),
  ).toBe('| --- | ---: | ---: |');
});
