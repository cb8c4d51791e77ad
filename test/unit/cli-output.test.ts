import { describe, expect, test } from 'vitest';
import { diffLines } from '../../src/cli/output/diff.ts';
import { startLive } from '../../src/cli/output/live.ts';
import { agentLines, linesFor, movingLines } from '../../src/cli/output/progress.ts';
import { type Screen, screenOf } from '../../src/cli/output/terminal.ts';
import { bar, cut, oneLine, table, width, writeDocument } from '../../src/cli/output/text.ts';
import { hiddenCharacter } from '../../src/text/index.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { fold, initialState, reduce, renderRun } from '../../src/trace/index.ts';
import { approval, attempt, enveloped, opening, wholeRun } from '../support/trace-events.ts';

const plain = { paint: (_look: unknown, text: string) => text, columns: Number.POSITIVE_INFINITY };

describe('text that others wrote', () => {
  test('is one line where it must be, and cannot steer the terminal', () => {
    expect(oneLine('a\u001b[31mred\u001b[0m\n\u009bd')).toBe('ared d');
    expect(oneLine('  two\n\nlines\t ')).toBe('two lines');
  });

  test('is a document letter by letter for a program, and without hidden characters for a person', () => {
    const written = (isTerminal: boolean): string => {
      const parts: string[] = [];
      writeDocument({ isTerminal, write: (text) => void parts.push(text) }, '{"a":"\u009b31m\u202eb"}\n');
      return parts.join('');
    };
    expect(written(false)).toBe('{"a":"\u009b31m\u202eb"}\n');
    expect(written(true)).toBe('{"a":"b"}\n');
  });

  test('of a whole run, in every word of it, hides and steers nothing while it goes on, nor when it is shown later', () => {
    const hostile = 'x\u202ey\u200bz\u{e0041}\u001b[8m\u009b2J\re\bf';
    const words =
      /^(?:text|detail|agent|agentName|model|servedModel|path|file|message|reason|name|why|comment|endpoint|next|framework|command|title)$/;
    const replaced = (value: unknown, key = ''): unknown => {
      if (typeof value === 'string') return words.test(key) ? `${value}${hostile}` : value;
      if (Array.isArray(value)) return value.map((item) => replaced(item, key));
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, name)]));
    };
    const events = enveloped(wholeRun).map((event) => replaced(event) as TraceEvent);
    let state = initialState;
    const lines: string[] = [];
    for (const event of events) {
      state = reduce(state, event);
      lines.push(...linesFor(event, state, plain), ...movingLines(state, new Map(), 0, plain));
    }
    lines.push(...agentLines(state), renderRun(state, { ownerAlive: true }));
    expect(lines.join('\n')).toMatch(/xyz[\s\S]*x<U\+202E>y/);
    expect(hiddenCharacter(lines.join('\n'))).toBeUndefined();
  });

  test('is measured and cut in columns', () => {
    expect(width('añ日本👍')).toBe(8);
    expect(width('e\u0301')).toBe(1);
    expect(cut('日本語の文', 6)).toBe('日本…');
    expect(cut('short', 5)).toBe('short');
    expect(cut('x', 0)).toBe('');
  });
});

test('a table keeps to the screen by cutting its one giving column', () => {
  const rows = [
    { id: 'r1', title: 'A long request that does not fit', n: 5 },
    { id: 'r22', title: 'kurz\nzwei', n: 12345 },
  ];
  const layout = [
    { title: 'ID', text: (row: (typeof rows)[0]) => row.id },
    { title: 'N', text: (row: (typeof rows)[0]) => String(row.n), align: 'right' as const },
    { title: 'REQUEST', text: (row: (typeof rows)[0]) => row.title, gives: true },
  ];
  expect(table(rows, layout, 30)).toEqual(['ID       N  REQUEST', 'r1       5  A long request th…', 'r22  12345  kurz zwei']);
  expect(table(rows, layout, Number.POSITIVE_INFINITY)[1]).toContain('does not fit');
});

test('a bar shows a share', () => {
  expect([bar(0, 4), bar(0.5, 4), bar(7, 4)]).toEqual(['░░░░', '██░░', '████']);
});

describe('colours', () => {
  const stream = (isTTY: boolean) => ({ isTTY, columns: 40, rows: 10, write: () => true }) as unknown as NodeJS.WriteStream;
  test.each([
    [true, {}, true],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, {}, false],
  ])('terminal %s with %j: %s', (isTTY, env, coloured) => {
    expect(screenOf(stream(isTTY), env).paint('red', 'x') !== 'x').toBe(coloured);
  });

  test('a file has no width, so that nothing is cut', () => {
    expect(screenOf(stream(false), {}).columns).toBe(Number.POSITIVE_INFINITY);
  });
});

test('a diff marks additions, removals and places, and carries no escape sequences of its own', () => {
  const paint = (look: unknown, text: string) => `<${String(look)}>${text}`;
  const patch = 'diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-old\u001b[2J\n+new\n same\n';
  expect(diffLines(patch, { paint: paint as Screen['paint'] })).toEqual([
    '<bold>diff --git a/a b/a',
    '<bold>--- a/a',
    '<bold>+++ b/a',
    '<cyan>@@ -1 +1 @@',
    '<red>-old',
    '<green>+new',
    ' same',
  ]);
});

describe('progress', () => {
  const linesOf = (events: readonly TraceEvent[], screen = plain): string[] => {
    let state = initialState;
    return events.flatMap((event) => {
      state = reduce(state, event);
      return linesFor(event, state, screen);
    });
  };

  test('tells a run in one line for each thing that happened', () => {
    expect(linesOf(enveloped(wholeRun)).map((line) => line.replace(/ +/g, ' '))).toEqual([
      '! copy left out: .env (secret)',
      '✓ plan solo approved by --yes',
      '• coder make answered by coder-1.5b-q4 900 in 100 out 800 ms',
      '• c1 coder changed sum.js',
      '✗ c1 1 passed, 1 failed 400 ms',
      '• coder make answered by coder-1.5b-q4 900 in 100 out 800 ms',
      '• c2 coder changed sum.js',
      '✓ c2 2 passed, 0 failed (1 fixed) 400 ms',
      '• choose kept c2 (by tests)',
    ]);
  });

  test('shows failures, refusals, loops and weakened tests', () => {
    const spend = { calls: 1, inputTokens: 0, outputTokens: 0, usd: 0, seconds: 1 };
    const failure = { code: 'model-timeout', message: 'No answer.', next: '' };
    const lines = linesOf(
      enveloped([
        { type: 'call.failed', call: 'x/1', attempt: 1, agent: 'coder', failure, willRetry: true, ms: 5, spend },
        { type: 'candidate.refused', step: 'x', agent: 'coder', call: 'x/1', reason: 'nothing changed' },
        { type: 'loop.found', agent: 'coder', detail: 'read again', action: 'stopped' },
        { type: 'write.blocked', agent: 'coder', path: '../x', reason: 'outside' },
        { type: 'run.replanned', round: 1, failure: 'f' },
        { type: 'step.done', step: 'x', path: 'x', ms: 1, failure },
      ]),
    );
    expect(lines.join('\n')).toContain('No answer. Trying again.');
    expect(lines).toHaveLength(6);
    expect(lines[2]).toContain('goes in circles: read again; stopped');
  });

  test('names the places that a repair suspects, each text of a model for one of them, and of small changes those that pass', () => {
    const place = (path: string, line: number) => ({ path, line, endLine: line, suspicion: 1, because: ['surprise'] });
    const tried = (how: string, more: object = {}) => ({
      type: 'place.tried' as const,
      step: 'mend',
      call: 'r1/mend/1',
      file: 'a.py',
      line: 5,
      how,
      ...more,
    });
    const ranked = {
      type: 'places.ranked' as const,
      step: 'mend',
      path: 'r1/mend',
      places: [5, 2, 9, 7].map((line) => place('a.py', line)),
    };
    const lines = linesOf(
      enveloped([
        ranked,
        tried('fill', { passed: 1, failed: 2 }),
        tried('fill'),
        tried('new-line', { passed: 2, failed: 1 }),
        tried('operator', { passed: 1, failed: 2 }),
        tried('operator', { passed: 3, failed: 0 }),
      ]),
    );
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
      '• mend suspicious: a.py:5, a.py:2, a.py:9 and 1 more',
      '✗ mend a.py:5 written anew: 1 passed, 2 failed',
      '✗ mend a.py:5 written anew: 2 passed, 1 failed',
      '✓ mend a.py:5 changed a little (operator): 3 passed, 0 failed',
    ]);
    const state = fold(enveloped([ranked, tried('fill', { passed: 1, failed: 2 }), tried('fill')]));
    expect(state.repairs).toMatchObject([{ step: 'mend', tried: [{ line: 5, tries: 1, failed: 2, pointed: false }] }]);
  });

  test('the moving lines name who works on what, and the budget, within the width of the screen', () => {
    const state = fold(enveloped([...opening, ...approval, ...attempt(1, false).slice(0, 1)]));
    const now = (state.updatedAt ?? 0) + 5000;
    const wide = movingLines(state, new Map(), now, plain);
    expect(wide[0]).toContain('coder-1.5b · reading · 5 sec');
    expect(wide[1]).toContain('0 of 60K · calls 0 of 20 · $0 of $1');
    expect(movingLines(state, new Map([['make/1/1', { characters: 400 }]]), now, plain)[0]).toContain('writing, about 100 tokens');
    const loading = { characters: 0, preparing: { doing: 'loading', share: 0.35 } } as const;
    expect(movingLines(state, new Map([['make/1/1', loading]]), now, plain)[0]).toContain('coder-1.5b · loading, 35% · 5 sec');
    for (const columns of [20, 40, 80]) {
      for (const line of movingLines(state, new Map(), now, { ...plain, columns })) expect(width(line)).toBeLessThan(Math.max(columns, 24));
    }
  });

  test('without calls it says which part of the flow is under way', () => {
    const at = (count: number): string =>
      movingLines(fold(enveloped(opening.slice(0, count))), new Map(), Date.UTC(2026, 10, 22, 10), plain)[0] ?? '';
    expect(at(1)).toContain('copying the workspace');
    expect(at(2)).toContain('running the tests as they are');
    expect(at(3)).toContain('designing the team');
  });

  test('ends with a line an agent', () => {
    expect(agentLines(fold(enveloped(wholeRun))).map((line) => line.replace(/ +/g, ' '))).toEqual([
      'coder 2 calls 2K tokens 1.6 sec coder-1.5b-q4',
    ]);
  });
});

describe('moving lines on a terminal', () => {
  const recorder = (isTerminal: boolean) => {
    let text = '';
    const screen: Screen = {
      write: (part) => {
        text += part;
      },
      line: (part = '') => {
        text += `${part}\n`;
      },
      isTerminal,
      columns: 80,
      rows: 24,
      paint: (_look, part) => part,
    };
    return { screen, text: () => text };
  };

  test('stand below the lines that stay, and are erased before the next ones', () => {
    const { screen, text } = recorder(true);
    const live = startLive(screen, () => ['moving']);
    live.print(['one']);
    live.print(['two']);
    live.stop();
    expect(text()).toBe('one\nmoving\n\r\u001b[1A\u001b[Jtwo\nmoving\n\r\u001b[1A\u001b[J');
  });

  test('are not there when it is no terminal', () => {
    const { screen, text } = recorder(false);
    const live = startLive(screen, () => ['moving']);
    live.print(['one']);
    live.print([]);
    live.stop();
    expect(text()).toBe('one\n');
  });
});
