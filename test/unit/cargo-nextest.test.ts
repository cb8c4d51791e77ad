/** What `cargo nextest run` prints (recorded of 0.9.148), and what is read of it. */
import { describe, expect, it } from 'vitest';
import { cargoCall } from '../../src/feedback/runners/cargo-call.ts';
import { nextest } from '../../src/feedback/runners/cargo-nextest.ts';
import type { RunPlace } from '../../src/feedback/runners/runner.ts';

const recorded = `   Compiling x v0.1.0 (/tmp/x)
warning: struct \`Bomb\` is never constructed
    Finished \`test\` profile [unoptimized + debuginfo] target(s) in 2.95s
────────────
 Nextest run ID d086fbe7-f97b-485d-8e2a-480cd0bc71c5 with nextest profile: default
    Starting 7 tests across 2 binaries (1 test skipped)
  TRY 1 FAIL [   0.015s] x::it flaky
  stdout ───

    running 1 test
    test flaky ... FAILED

  stderr ───

    thread 'flaky' (5764) panicked at tests/it.rs:5:159:
    first

        PASS [   0.020s] (2/7) x::it fine
        SKIP [         ] x::it later
        SLOW [> 60.000s] x::it kill9
  TRY 2 PASS [   0.020s] x::it flaky
        KILL [   0.013s] ( 3/7) x::it kill9
  stdout ───

    running 1 test
  stderr ───
    word 20

    (test aborted with signal 9: SIGKILL)

     SIGABRT [   0.795s] x tests::deepness
  stderr ───

    thread 'tests::deepness' (1075) has overflowed its stack
    fatal runtime error: stack overflow, aborting
    stack backtrace:
       0:     0x56533da43d1a - std::backtrace
                               at /rustc/59807616/library/std/src/lib.rs:117:9

    (test aborted with signal 6: SIGABRT)

        FAIL [   0.093s] x::it wrong
  stdout ───

    running 1 test
    word 21
    test wrong ... FAILED

    failures:

    failures:
        wrong

    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 4 filtered out; finished in 0.00s

  stderr ───

    thread 'wrong' (5776) panicked at tests/it.rs:4:43:
    assertion \`left == right\` failed: numbers

     TIMEOUT [   5.000s] x tests::endless
        LEAK [   0.100s] x tests::leaks
────────────
     Summary [   0.140s] 7 tests run: 3 passed (1 flaky, 1 leaky), 3 failed, 1 timed out, 1 skipped
error: test run failed
`;

const place = { root: '/tmp/x', cwd: '/tmp/x', normalise: (text: string) => text, env: {} } as unknown as RunPlace;

function read(text: string) {
  const call = cargoCall(['cargo', 'nextest', 'run', '--offline']);
  if (call === undefined) throw new Error('It is a call of nextest.');
  const prepared = nextest(call, place);
  for (const chunk of text.match(/[\s\S]{1,100}/g) ?? []) prepared.onOutput?.(chunk, 'stderr');
  return { prepared, reading: prepared.read(false, false) };
}

describe('cargo nextest', () => {
  it('tells of each test, with its last words, and that no guard saw it', () => {
    const { prepared, reading } = read(recorded);
    expect(prepared.argv).toEqual(['cargo', 'nextest', 'run', '--no-fail-fast', '--offline']);
    expect(reading).toMatchObject({ complete: true, guard: 'exit-code', doubts: [{ detail: expect.stringContaining('cargo nextest') }] });
    expect(Object.fromEntries(reading.cases.map(({ id, outcome }) => [id, outcome]))).toEqual({
      'x::it flaky': 'passed',
      'x::it fine': 'passed',
      'x::it later': 'skipped',
      'x::it kill9': 'failed',
      'x tests::deepness': 'failed',
      'x::it wrong': 'failed',
      'x tests::endless': 'failed',
      'x tests::leaks': 'passed',
    });
    const said = (id: string) => reading.cases.find((one) => one.id === id)?.message;
    expect(said('x::it kill9')).toBe('word 20\n\n(test aborted with signal 9: SIGKILL)');
    expect(said('x::it wrong')).toMatch(
      /^word 21\s+thread 'wrong' panicked at tests\/it\.rs:4:43:\nassertion `left == right` failed: numbers$/,
    );
    expect(said('x tests::deepness')).toBe(
      "thread 'tests::deepness' has overflowed its stack\nfatal runtime error: stack overflow, aborting\n\n(test aborted with signal 6: SIGABRT)",
    );
  });

  it('that was cut off, or whose count is another one, is not complete', () => {
    expect(read(recorded.slice(0, recorded.indexOf('Summary'))).reading.complete).toBe(false);
    expect(read(recorded.replace('7 tests run', '8 tests run')).reading.complete).toBe(false);
  });

  it('says what does not compile', () => {
    const { reading } = read('   Compiling x v0.1.0\nwarning: unused\nerror[E0308]: mismatched types\n --> src/lib.rs:1:1\n');
    expect(reading).toMatchObject({ complete: true, cases: [{ id: 'cargo build', outcome: 'failed', whole: true }] });
    expect(reading.cases[0]?.message).toMatch(/^error\[E0308\]/);
  });
});
