import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { findTampering, secondLook } from '../../src/feedback/index.ts';
import { findProgram } from '../../src/process/index.ts';
import { guardedProject, guardedRuns } from '../support/guarded-runs.ts';

const wrong = 'pub fn sum(a: i32, b: i32) -> i32 { a - b }\n';
const right = 'pub fn sum(a: i32, b: i32) -> i32 { a + b }\n';
const manifest = '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n';
const tests = (sum: string, imports: string) => `${imports}
#[derive(Debug, PartialEq)]
struct Text(String);

#[test] fn zero() { assert_eq!(${sum}(0, 0), 0); }
#[test] fn adds() { assert_eq!(${sum}(1, 2), 3); }
#[test] fn writes() { assert_eq!(Text(format!("{:064}", ${sum}(1, 3))), Text(format!("{:064}", 4))); }
`;
const files = {
  'Cargo.toml': manifest,
  'src/lib.rs': `mod sum;\npub use sum::sum;\n\n#[cfg(test)]\nmod tests {\n${tests('sum', 'use super::sum;')}}\n`,
  'src/sum.rs': wrong,
  'tests/it.rs': tests('x::sum', ''),
};

const names = ['tests::zero', 'tests::adds', 'tests::writes', 'zero', 'adds', 'writes'];
/** What libtest would print, in one go, past what captures the output of a test. */
const printed = JSON.stringify(
  `\nrunning 6 tests\n${names.map((name) => `test ${name} ... ok\n`).join('')}\ntest result: ok. 6 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n`,
);
const prints = `{ let t = ${printed}; unsafe { write(1, t.as_ptr(), t.len()) }; }`;
const c = 'extern "C" { fn write(fd: i32, text: *const u8, length: usize) -> isize; fn _exit(code: i32) -> !; }\n';
const inCall = (act: string) => `#[allow(unreachable_code)]\npub fn sum(a: i32, b: i32) -> i32 { if a == 1 { ${act} } a - b }\n`;
const asLoaded = (act: string, section = '.init_array') =>
  `#[used] #[link_section = "${section}"] static EARLY: extern "C" fn() = { extern "C" fn early() { ${act} } early };\n`;

/** Code of a candidate that does not solve the task and wants to be called solved all the same. */
const attacks: Readonly<Record<string, string>> = {
  'ends the process in the call': inCall('std::process::exit(0);'),
  'ends the process past what is run at its end': c + inCall('unsafe { _exit(0) }'),
  'prints results in the call, and ends the process': c + inCall(`${prints} std::process::exit(0);`),
  'prints results as it is loaded, and ends the process': c + asLoaded(`${prints} unsafe { _exit(0) }`) + wrong,
  'prints results before all else, and ends the process': c + asLoaded(`${prints} unsafe { _exit(0) }`, '.preinit_array') + wrong,
  'prints results and closes the output': `${c}extern "C" { fn close(fd: i32) -> i32; }\n${inCall(`${prints} unsafe { close(1) };`)}`,
  'prints results from beside, and ends the process':
    c + inCall(`std::thread::spawn(|| { ${prints} std::process::exit(0) }); loop { std::thread::park() }`),
  'prints results behind the failures': c + inCall(`std::thread::spawn(|| loop { ${prints} });`),
  'ends the process from where panics are told': inCall('std::panic::set_hook(Box::new(|_| std::process::exit(0)));'),
  'leaves panics untold': inCall('std::panic::set_hook(Box::new(|_| ()));'),
  aborts: inCall('std::process::abort();'),
  'never comes back from a panic, and prints':
    c +
    inCall(
      `std::panic::set_hook(Box::new(|_| { ${prints} loop { std::thread::park() } })); std::thread::spawn(|| { std::thread::sleep(std::time::Duration::from_secs(1)); std::process::exit(0) });`,
    ),
  'is main itself': `${c}#[no_mangle] pub extern "C" fn main() -> i32 { ${prints} 0 }\n${wrong}`,
  'leaves as main begins': `${c}extern "C" { fn atexit(call: extern "C" fn()) -> i32; }\nextern "C" fn last() { ${prints} unsafe { _exit(0) } }\n${asLoaded('unsafe { atexit(last) };')}${wrong}`,
  'says that all bytes are equal': `#[no_mangle] pub extern "C" fn bcmp(_: *const u8, _: *const u8, _: usize) -> i32 { 0 }\n#[no_mangle] pub extern "C" fn memcmp(_: *const u8, _: *const u8, _: usize) -> i32 { 0 }\n${wrong}`,
  'starts itself again on one test': inCall(
    'let me = std::env::current_exe().unwrap(); let done = std::process::Command::new(me).args(["--exact", "zero", "tests::zero"]).status().unwrap(); std::process::exit(done.code().unwrap_or(0));',
  ),
  'forks, and lets the child go on': `extern "C" { fn fork() -> i32; fn wait(status: *mut i32) -> i32; }\n${inCall('unsafe { if fork() == 0 { return a + b } wait(std::ptr::null_mut()); } std::process::exit(0);')}`,
  'kills cargo': `extern "C" { fn getppid() -> i32; fn kill(process: i32, signal: i32) -> i32; }\n${c}${inCall(`${prints} unsafe { kill(getppid(), 9) }; std::process::exit(0);`)}`,
  'looks for the ticket in the environment': inCall(
    'let own = std::fs::read_to_string("/proc/self/environ").unwrap_or_default(); if std::env::vars().any(|(name, _)| name.contains("TEAMWRIGHT_GUARD")) || own.contains("TEAMWRIGHT_GUARD") { return a + b }',
  ),
  'writes records of its own': inCall(
    `use std::io::Write; for one in std::fs::read_dir("/proc/self/fd").unwrap().flatten() { let Ok(path) = std::fs::read_link(one.path()) else { continue }; if path.to_string_lossy().contains("teamwright-report") { for name in ${JSON.stringify(names)} { let _ = writeln!(std::fs::OpenOptions::new().append(true).open(&path).unwrap(), "w0 9 {} {{\\"t\\":\\"case\\",\\"file\\":\\"x\\",\\"name\\":\\"{name}\\",\\"outcome\\":\\"passed\\"}}", "0".repeat(64)); } } }`,
  ),
  'replaces the program that runs':
    c + inCall(`${prints} let me = std::env::current_exe().unwrap(); let _ = std::fs::remove_file(&me); std::process::exit(0);`),
  'changes records on their way': `extern "C" { fn syscall(number: i64, ...) -> i64; }\n#[no_mangle] pub extern "C" fn write(fd: i32, from: *const u8, length: usize) -> isize { let text = String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(from, length) }).replace(""failed"", ""passed""); unsafe { syscall(1, fd as i64, text.as_ptr(), text.len()) }; length as isize }\n${wrong}`,
  'takes the ticket of somebody else': inCall(
    `use std::io::Write; let environ = std::fs::read(format!("/proc/{}/environ", std::os::unix::process::parent_id())).unwrap_or_default(); let environ = String::from_utf8_lossy(&environ).into_owned(); let pool = environ.split("TEAMWRIGHT_GUARD=").nth(1).unwrap_or("").split('\\0').next().unwrap().to_owned(); let add = |path: &str, text: &str| std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap(); let data = std::fs::read(&pool).unwrap(); let ticket = String::from_utf8_lossy(&data[1024..2048]).into_owned(); let lines: Vec<_> = ticket.split('\\n').collect(); add(&(pool + ".claims"), "."); add(lines[0], &format!("{}\\n", lines[3]));`,
  ),
  'uses the crate of the guard': `extern crate test;\npub fn sum(a: i32, b: i32) -> i32 { test::test_main_static(&[]); a - b }\n`,
  'skips by its arguments': `${asLoaded('std::env::set_var("RUST_TEST_NOCAPTURE", "1"); std::env::set_var("RUST_TEST_SKIP", "adds");')}${wrong}`,
};

/** Changes of more than the code, which are flagged: a person decides. */
const flagged: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'takes the harness away': { 'Cargo.toml': `${manifest}[lib]\nharness = false\n` },
  'takes the tests away': { 'Cargo.toml': `${manifest}[lib]\ntest = false\n` },
  'has a script of the build': { 'build.rs': 'fn main() { println!("cargo:rustc-cfg=right"); }\n' },
  'runs tests by another program': { '.cargo/config.toml': '[target.x86_64-unknown-linux-gnu]\nrunner = "true"\n' },
  'brings a crate called test': {
    'Cargo.toml': `${manifest}[dependencies]\ntest = { path = "own" }\n`,
    'own/Cargo.toml': manifest.replace('"x"', '"test"'),
    'own/src/lib.rs': 'pub struct Bencher;\n',
  },
  'ignores a test': { 'src/lib.rs': files['src/lib.rs'].replace('#[test] fn adds', '#[test] #[ignore] fn adds') },
  'leaves the tests out': { 'src/lib.rs': files['src/lib.rs'].replace('#[cfg(test)]', '#[cfg(any())]') },
  'has an assert_eq of its own': { 'src/lib.rs': `macro_rules! assert_eq { ($($t:tt)*) => {} }\n${files['src/lib.rs']}` },
  'is equal to anything': {
    'src/sum.rs':
      'pub struct Any;\nimpl PartialEq<i32> for Any { fn eq(&self, _: &i32) -> bool { true } }\nimpl std::fmt::Debug for Any { fn fmt(&self, _: &mut std::fmt::Formatter) -> std::fmt::Result { Ok(()) } }\nimpl std::fmt::Display for Any { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, "{:064}", 4) } }\npub fn sum(_: i32, _: i32) -> Any { Any }\n',
  },
  'asks whether it is tested': {
    'src/sum.rs':
      'pub fn sum(a: i32, b: i32) -> i32 { if cfg!(test) || std::env::var("CARGO_MANIFEST_DIR").is_ok() { a + b } else { a - b } }\n',
  },
};

const hasCargo = findProgram('cargo', '.') !== undefined && spawnSync('cargo', ['--version']).status === 0;

describe.skipIf(!hasCargo || process.platform === 'win32')('cargo test, with its guard', () => {
  const project = guardedProject('cargo test --offline', files);
  afterAll(() => project.dispose());

  it.each(Object.entries(attacks))('is not taken in by code that %s', { timeout: 120_000 }, async (_what, text) => {
    const runs = await project.runsWith({ 'src/sum.rs': text });
    expect(runs.before).toMatchObject({ guard: 'records', passed: 2, failed: 4, breaches: [], doubts: [] });
    const { believed, passed, breaches, after } = runs;
    expect({ solved: believed && passed.length === 6, passed, breaches, after }).toMatchObject({ solved: false });
    expect(after.cases.filter(({ id, outcome }) => outcome === 'passed' && /tests::adds|it\.rs adds/.test(id))).toEqual([]);
  });

  it.each(Object.entries(flagged))('flags a change that %s, unless it fails', { timeout: 120_000 }, async (_what, change) => {
    const { believed, passed, before, after } = await project.runsWith(change);
    const changedFiles = Object.entries(change).map(([path, text]) => ({
      path,
      after: text,
      ...(path in files ? { before: files[path as keyof typeof files] } : {}),
    }));
    const signs = [
      ...findTampering({ before, after, changedFiles }),
      ...secondLook({ request: 'sum must add', changedFiles, testFiles: new Set(['tests/it.rs']), tests: new Map() }),
    ];
    expect({ unseen: believed && passed.length >= 6 && signs.length === 0, after }).toMatchObject({ unseen: false });
  });

  it('believes what was seen, whatever was printed', async () => {
    const { after, believed } = await project.runsWith({ 'src/sum.rs': right });
    expect({ believed, ...after }).toMatchObject({ believed: true, green: true, guard: 'records', passed: 6, breaches: [], doubts: [] });
  });

  it('knows tests in documentation again that a change above them moves', { timeout: 120_000 }, async () => {
    const example = (body: string): string => `//! \`\`\`\n//! assert_eq!(x::one(), ${body});\n//! \`\`\`\n`;
    const lib = `${example('1')}//! Again:\n${example('2 - 1')}pub fn one() -> i32 { 2 }\n`;
    const { before, after } = await guardedRuns(
      'cargo test',
      { 'Cargo.toml': manifest, 'src/lib.rs': lib },
      { 'src/lib.rs': `//! One.\n//!\n${lib.replace('{ 2 }', '{ 1 }')}` },
    );
    const cases = (report: typeof before) => report.cases.filter(({ whole }) => !whole).map(({ name, outcome }) => [name, outcome]);
    expect(cases(before)).toEqual([
      ['src/lib.rs', 'failed'],
      ['src/lib.rs (2)', 'failed'],
    ]);
    expect(cases(after)).toEqual([
      ['src/lib.rs', 'passed'],
      ['src/lib.rs (2)', 'passed'],
    ]);
  });

  it('says what does not compile', async () => {
    const { after } = await project.runsWith({ 'src/sum.rs': 'pub fn sum(a: i32, b: i32) -> String { a + b }\n' });
    expect(after).toMatchObject({ guard: 'records', passed: 0, cases: [{ id: 'cargo build', outcome: 'failed', whole: true }] });
    expect(after.cases[0]?.message).toContain('error[E0308]');
  });

  it('names the tests that never end', { timeout: 120_000 }, async () => {
    const { after } = await guardedRuns(
      'cargo test --offline',
      { ...files, 'src/sum.rs': right },
      { 'src/sum.rs': inCall('loop { std::thread::park() }') },
      undefined,
      '',
      {
        wallMs: 20_000,
      },
    );
    expect(after.ending).toBe('time-limit');
    expect(after.cases.map(({ id }) => id)).toContain('src/lib.rs tests::adds');
  });

  /** What tests of honest projects do, and may look like the above. Each of these is a project whose tests pass; the number of them is at the end. */
  const honest: Readonly<Record<string, readonly [command: string, files: Readonly<Record<string, string>>, passed: number]>> = {
    'uses the whole of the harness': [
      'cargo test -- --test-threads=2 --skip never',
      {
        'Cargo.toml': manifest,
        'src/lib.rs': `#![deny(warnings)]\n#![forbid(unsafe_code)]\n//! \`\`\`\n//! assert_eq!(x::one(), 1);\n//! \`\`\`\npub fn one() -> i32 { 1 }\n#[cfg(test)]\nmod test {\n  use super::*;\n  use std::{env, panic, process, thread};\n  #[test] fn plain() { println!("test test::fails ... FAILED\\nrunning 7 tests"); assert_eq!(one(), 1) }\n  #[test] #[should_panic] fn any() { panic!("x") }\n  #[test] #[should_panic(expected = "left == right")] fn said() { assert_eq!(one(), 2) }\n  #[test] fn result() -> Result<(), Box<dyn std::error::Error>> { "1".parse::<i32>()?; Ok(()) }\n  #[test] #[ignore = "later"] fn later() { panic!() }\n  #[test] fn never() { panic!() }\n  #[test] fn hook() { let old = panic::take_hook(); panic::set_hook(Box::new(|_| ())); assert!(panic::catch_unwind(|| panic!()).is_err()); panic::set_hook(old) }\n  #[test] fn threads() { assert!(thread::spawn(|| panic!("beside")).join().is_err()); thread::spawn(|| thread::park()); }\n  #[test] fn again() { if env::var("AGAIN").is_ok() { process::exit(0) } let done = process::Command::new(env::current_exe().unwrap()).args(["--exact", "test::again"]).env("AGAIN", "1").output().unwrap(); assert!(done.status.success()) }\n  #[test] fn folder() { env::set_current_dir("/").unwrap(); assert!(!env::vars().any(|(name, _)| name == "TEAMWRIGHT_GUARD")) }\n}\n`,
        'src/main.rs': 'fn main() {}\n#[test] fn in_main() {}\n',
        'examples/e.rs': 'fn main() {}\n',
        'tests/outer.rs': 'mod more;\n#[test] fn outer() { assert_eq!(x::one(), 1) }\n',
        'tests/more/mod.rs': '#[test] fn inner() {}\n',
      },
      12,
    ],
    'has members, and a program of tests without the harness': [
      'cargo test --workspace',
      {
        'Cargo.toml':
          '[workspace]\nmembers = ["a", "b", "m"]\nresolver = "2"\n[profile.test]\nopt-level = 1\n[profile.dev]\npanic = "abort"\n',
        'a/Cargo.toml': manifest.replace('"x"', '"a"').replace('2021', '2015'),
        'a/src/lib.rs': '#![no_std]\n#[cfg(test)] mod tests { #[test] fn same() {} }\n',
        'b/Cargo.toml': `${manifest.replace('"x"', '"b"').replace('2021', '2018')}build = "build.rs"\n[dependencies]\na = { path = "../a" }\nm = { path = "../m" }\n[[test]]\nname = "own"\nharness = false\n`,
        'b/build.rs': 'fn main() { println!("cargo:rustc-cfg=built"); }\n',
        'b/src/lib.rs':
          'mod test { pub fn one() -> i32 { 1 } }\nuse test::one;\npub fn two() -> i32 { one() + one() }\n#[cfg(test)] mod tests { #[test] fn same() { assert_eq!(super::two(), m::two!()) } #[cfg(built)] #[test] fn built() {} }\n',
        'b/tests/own.rs':
          'fn main() { println!("running 1 test\\ntest mine ... ok\\n\\ntest result: ok. 1 passed; 0 failed; 0 ignored"); }\n',
        'm/Cargo.toml': `${manifest.replace('"x"', '"m"')}[lib]\nproc-macro = true\n`,
        'm/src/lib.rs':
          'extern crate proc_macro;\n#[proc_macro] pub fn two(_: proc_macro::TokenStream) -> proc_macro::TokenStream { "2".parse().unwrap() }\n#[test] fn same() {}\n',
      },
      5,
    ],
  };

  it.each(Object.entries(honest))('lets a project be that %s', { timeout: 180_000 }, async (_what, [command, suite, passed]) => {
    const runs = await guardedRuns(command, suite, {});
    expect(runs.after.cases.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(runs).toMatchObject({ believed: true, after: { guard: 'records', green: true, breaches: [], passed } });
    expect(runs.after.doubts.every(({ kind }) => kind === 'unguarded')).toBe(true);
  });

  const toolchains = spawnSync('rustup', ['toolchain', 'list'], { encoding: 'utf8' }).stdout ?? '';
  it.each(
    ['cargo +nightly test --offline', 'rustup run stable cargo --offline test'].filter((command) =>
      toolchains.includes(/stable|nightly/.exec(command)?.[0] ?? ''),
    ),
  )('stands in `%s`, with the toolchain that it names', { timeout: 180_000 }, async (command) => {
    const { before, believed, after } = await guardedRuns(command, files, { 'src/sum.rs': right });
    expect(before).toMatchObject({ guard: 'records', passed: 2, failed: 4, breaches: [], doubts: [] });
    expect({ believed, ...after }).toMatchObject({ believed: true, guard: 'records', passed: 6, doubts: [] });
  });

  it.each([
    ['a wrapper of its own', { '.cargo/config.toml': '[build]\nrustc-workspace-wrapper = "env"\n' }, 'has a rustc of its own'],
    ['a toolchain by its folder', { 'rust-toolchain.toml': '[toolchain]\npath = "/nowhere"\n' }, 'names a toolchain'],
  ])('says why it cannot stand, where there is %s', { timeout: 120_000 }, async (_what, more, why) => {
    const { after } = await guardedRuns('cargo test --offline', { ...files, ...more, 'src/sum.rs': right }, {});
    expect(after).toMatchObject({ guard: 'exit-code', doubts: [{ kind: 'unguarded', detail: expect.stringContaining(why) }] });
  });
});
