/** A program of tests that goes away in their midst: the test that was under way is named, with what a person would read on the terminal. */
import { describe, expect, it } from 'vitest';
import { runTests, testCommandFromText } from '../../src/feedback/index.ts';
import { works } from '../support/python.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

const limits = { wallMs: 100_000, idleMs: 100_000, outputBytes: 64 * 1024 };

/** Of every failing case: its id, and what of the wanted words its message holds. */
async function failuresOf(command: string, files: Readonly<Record<string, string>>) {
  const workspace = temporaryWorkspace(files);
  try {
    const report = await runTests(testCommandFromText(command), workspace.root, limits, {}, new AbortController().signal);
    const failed = report.cases.filter(({ outcome }) => outcome === 'failed');
    return { green: report.green, failed: failed.map(({ id, message = '' }) => ({ id, message })) };
  } finally {
    workspace.dispose();
  }
}

type Row = readonly [what: string, body: string, ids: readonly string[], words: readonly string[]];

const go: readonly Row[] = [
  ['a panic in a subtest', 't.Run("in", func(t *testing.T) { var p *int; *p = 1 })', ['in'], ['nil pointer', 'x_test.go:']],
  [
    'a panic in one of parallel subtests',
    'for _, n := range []string{"in", "by"} { t.Run(n, func(t *testing.T) { t.Parallel(); if n == "in" { panic("word 17") } }) }',
    ['in'],
    ['panic: word 17'],
  ],
  ['a panic in another goroutine', 't.Run("in", func(t *testing.T) { go panic("word 17"); select {} })', ['in'], ['panic: word 17']],
  ['an exit', 't.Run("in", func(t *testing.T) { fmt.Println("word 17"); os.Exit(3) })', ['in'], ['word 17']],
  ['log.Fatal', 't.Run("in", func(t *testing.T) { log.Fatal("word 17") })', ['in'], ['word 17']],
  [
    'a stack that overflows',
    'var f func(int) int; f = func(i int) int { return f(i+1) + 1 }; t.Run("in", func(t *testing.T) { f(1) })',
    ['in'],
    ['stack exceeds', 'stack overflow'],
  ],
  ['a deadline', 't.Run("in", func(t *testing.T) { time.Sleep(time.Minute) })', ['in'], ['test timed out after 2s', 'TestA/in']],
  [
    'a failure behind the end',
    'go func() { time.Sleep(20 * time.Millisecond); t.Error("word 17") }()',
    ['TestB'],
    ['after TestA has completed'],
  ],
  ['words of the test around', 't.Run("in", func(t *testing.T) { t.Fail() }); t.Error("word 17")', ['in'], ['word 17']],
  [
    'a panic after its subtests',
    't.Cleanup(func() { panic("word 17") }); t.Run("in", func(t *testing.T) { t.Error("word 18") })',
    ['in'],
    ['word 18', 'panic: word 17'],
  ],
];

describe.skipIf(!works('go', 'version'))('go test', () => {
  it.each(go)('tells of %s', async (what, body, ids, words) => {
    const imports = '"fmt"; "log"; "os"; "testing"; "time"';
    const text = `package x\n\nimport (${imports})\n\nvar _, _, _, _ = fmt.Sprint, log.Print, os.Getenv, time.Now\n\nfunc TestA(t *testing.T) { ${body} }\n\nfunc TestB(t *testing.T) { time.Sleep(100 * time.Millisecond) }\n`;
    const { green, failed } = await failuresOf(`go test -timeout ${what === 'a deadline' ? 2 : 40}s ./...`, {
      'go.mod': 'module example.com/x\n\ngo 1.22\n',
      'x_test.go': text,
    });
    expect(green).toBe(false);
    const named = ids.map((id) => `example.com/x ${id === 'TestB' ? id : `TestA/${id}`}`);
    const found = failed.filter(({ id }) => named.includes(id));
    expect(failed.map(({ id }) => id)).toEqual(expect.arrayContaining(named));
    // Of tests that run side by side Go prints the panic of one beside whichever it has named last.
    const told = what.includes('parallel') ? failed.map(({ message }) => message).join('\n') : found[0]?.message;
    for (const word of words) expect(told).toContain(word);
  });
});

const aborted = 'signal: 6, SIGABRT';
const rust: readonly (readonly [what: string, body: string, words: readonly string[]])[] = [
  [
    'a stack that overflows',
    'fn f(n: u64) -> u64 { if n == u64::MAX { 0 } else { std::hint::black_box(1 + f(std::hint::black_box(n + 1))) } } f(0);',
    ['has overflowed its stack', aborted],
  ],
  ['an abort', 'std::process::abort()', [aborted]],
  [
    'a panic in a panic',
    'struct B; impl Drop for B { fn drop(&mut self) { panic!("word 17") } } let _b = B; panic!("word 18")',
    ['word 17', 'word 18', 'panic in a destructor during cleanup', aborted],
  ],
  ['a panic that may not unwind', 'extern "C" fn f() { panic!("word 17") } f()', ['word 17', 'cannot unwind', aborted]],
  ['memory that is not there', 'drop(Vec::<u8>::with_capacity(1 << 46))', ['memory allocation of 70368744177664 bytes failed', aborted]],
  [
    'a kill',
    'std::process::Command::new("kill").args(["-9", &std::process::id().to_string()]).status().unwrap(); loop {}',
    ['signal: 9, SIGKILL'],
  ],
  ['an exit', 'std::process::exit(3)', ['exit status: 3']],
];

describe.skipIf(!works('cargo', '--version') || process.platform === 'win32')('cargo test', () => {
  const manifest = '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n[[test]]\nname = "own"\nharness = false\n';
  const files = {
    'Cargo.toml': manifest,
    'src/lib.rs': 'fn unused() {}\n',
    'tests/other.rs': '#[test]\nfn b() { assert_eq!(1, 2, "word 19") }\n',
    'tests/own.rs': 'fn main() { eprintln!("word 20"); std::process::exit(3) }\n',
    ...Object.fromEntries(
      rust.map(([, body], index) => [
        `tests/a${index}.rs`,
        `#[test]\n#[allow(unconditional_recursion, unreachable_code)]\nfn a() { ${body} }\n`,
      ]),
    ),
  };
  /** All of them, in one build. */
  let seen: ReturnType<typeof failuresOf> | undefined;
  const all = () => {
    seen ??= failuresOf('cargo test --offline', files);
    return seen;
  };

  it.each(rust.map((row, index) => [...row, index] as const))('tells of %s', { timeout: 120_000 }, async (_what, _body, words, index) => {
    const { green, failed } = await all();
    expect(green).toBe(false);
    const own = failed.filter(({ id }) => id.startsWith(`tests/a${index}.rs`));
    expect(own.map(({ id }) => id).sort()).toEqual([`tests/a${index}.rs`, `tests/a${index}.rs a`]);
    for (const { message } of own) {
      expect(message).toContain('Its program ended before its tests did, during a');
      for (const word of words) expect(message).toContain(word);
      expect(message).not.toMatch(/word 19|word 20|unused|\/std\/src\/panicking\.rs:\d+:\d+$/m);
    }
  });

  it('tells of a program without the harness, and of a test that failed beside', { timeout: 120_000 }, async () => {
    const { failed } = await all();
    expect(failed.find(({ id }) => id === 'tests/other.rs b')?.message).toContain('word 19');
    expect(failed.find(({ id }) => id.startsWith('tests/own.rs'))?.message).toMatch(/exit status: 3[\s\S]*word 20/);
  });

  it('tells of it where no guard can stand', { timeout: 120_000 }, async () => {
    const { failed } = await failuresOf('cargo test --offline', {
      'Cargo.toml': manifest.replace(/\[\[test[\s\S]*/, ''),
      'src/lib.rs': '',
      'tests/a.rs': files['tests/a0.rs' as keyof typeof files],
      '.cargo/config.toml': '[build]\nrustc-workspace-wrapper = "env"\n',
    });
    expect(failed.find(({ id }) => id === 'tests/a.rs')?.message).toMatch(/signal: 6, SIGABRT[\s\S]*has overflowed its stack/);
  });
});

const python: readonly (readonly [runner: string, what: string, body: string, words: readonly string[]])[] = [
  ['pytest', 'a segmentation fault', 'import ctypes; ctypes.string_at(0)', ['Segmentation fault', 'line 4 in test_a']],
  ['pytest', 'an abort', 'import os; os.abort()', ['Aborted', 'line 4 in test_a']],
  ['pytest', 'an exit from beneath', 'import os; os._exit(3)', ['ended with exit code 3']],
  ['unittest', 'a segmentation fault', 'import ctypes; ctypes.string_at(0)', ['ended by the signal SIGSEGV']],
  ['unittest', 'an exit from beneath', 'import os; print("word 17", flush=True); os._exit(3)', ['ended with exit code 3', 'word 17']],
];

describe.skipIf(!works('python3', '-c', 'import pytest'))('python', () => {
  it.each(python)('%s tells of %s', async (runner, _what, body, words) => {
    const text = `import unittest\nclass T(unittest.TestCase):\n  def test_a(self):\n    ${body}\n  def test_b(self): pass\n`;
    const { failed } = await failuresOf(`python3 -m ${runner}`, { 'test_x.py': text });
    expect(failed.map(({ id }) => id)).toEqual([runner === 'pytest' ? 'test_x.py::T::test_a' : 'test_x.py > T.test_a']);
    for (const word of words) expect(failed[0]?.message).toContain(word);
    expect(failed[0]?.message).not.toContain('pluggy/');
  });
});

const node: readonly (readonly [what: string, body: string, id: string, words: readonly string[]])[] = [
  [
    'an error that nobody catches',
    "setTimeout(() => { throw new Error('word 17'); }, 5); await new Promise((done) => setTimeout(done, 50));",
    ' > a',
    ['Error: word 17'],
  ],
  ['an error after the end', "setTimeout(() => { throw new Error('word 17'); }, 20);", '', ['word 17']],
  ['an exit', "console.error('word 17'); process.exit(3);", '', ['word 17']],
  ['an abort', "console.error('word 17'); process.abort();", '', ['word 17']],
];

describe('node:test', () => {
  it.each(node)('tells of %s', async (_what, body, id, words) => {
    const { failed } = await failuresOf('node --test', {
      'x.test.js': `const test = require('node:test');\ntest('a', async () => { ${body} });\ntest('b', () => {});\n`,
    });
    expect(failed.map((one) => one.id)).toEqual([`x.test.js${id}`]);
    for (const word of words) expect(failed[0]?.message).toContain(word);
  });
});
