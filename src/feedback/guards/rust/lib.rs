//! The guard of `cargo test`: stands in the place of the crate `test`, with which every program of tests is compiled, gives all that this crate has, and
//! sees each test come to its end or panic.

#![allow(internal_features)]
#![feature(staged_api, test)]
#![unstable(feature = "test", issue = "50297")]

extern crate test as libtest;

mod canary;
mod records;
mod sha256;
mod ticket;

pub use libtest::*;
use records::Guard;
use std::any::Any;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// By this a program is known that has the guard in it.
#[used]
static MARK: &[u8] = b"teamwright: these tests have a guard";

/// Called by the `main` that rustc writes for a program of tests, in the place of the function of this name.
#[unstable(feature = "test", issue = "50297")]
pub fn test_main_static(tests: &[&TestDescAndFn]) {
    let Some(guard) = Guard::begin() else {
        return libtest::test_main_static(tests);
    };
    let args: Vec<String> = std::env::args().collect();
    let selected = selected(&args, tests);
    for desc in selected.iter().filter(|desc| desc.ignore) {
        guard.case(desc.name.as_slice(), "skipped", "");
    }
    let watch = Watch { guard, left: Arc::new(AtomicUsize::new(selected.iter().filter(|desc| !desc.ignore).count())) };
    if watch.left.load(Ordering::SeqCst) == 0 {
        watch.end();
    }
    let watched = tests.iter().map(|test| watch.watched(test)).collect();
    libtest::test_main(&args, watched, None);
}

/// The tests that the program's arguments ask for, by the rules of libtest (whose own function for it is another one in each of its versions).
fn selected(args: &[String], tests: &[&TestDescAndFn]) -> Vec<TestDesc> {
    let asked = args[1..].iter().any(|word| word == "--list" || word == "-h" || word == "--help" || word == "--bench");
    let Some(Ok(opts)) = libtest::test::parse_opts(if asked { &args[..1] } else { args }) else { return Vec::new() };
    if asked {
        return Vec::new();
    }
    let matches = |desc: &TestDesc, filter: &String| match desc.name.as_slice() {
        name if opts.filter_exact => name == filter,
        name => name.contains(filter.as_str()),
    };
    let mut found: Vec<TestDesc> = tests.iter().map(|test| test.desc.clone()).collect();
    found.retain(|desc| opts.filters.is_empty() || opts.filters.iter().any(|filter| matches(desc, filter)));
    found.retain(|desc| !opts.skip.iter().any(|filter| matches(desc, filter)));
    found.retain(|desc| !opts.exclude_should_panic || desc.should_panic == ShouldPanic::No);
    found.retain(|desc| opts.run_ignored != RunIgnored::Only || desc.ignore);
    if opts.run_ignored != RunIgnored::No {
        found.iter_mut().for_each(|desc| desc.ignore = false);
    }
    found
}

#[derive(Clone)]
struct Watch {
    guard: &'static Guard,
    /// Tests that are not over.
    left: Arc<AtomicUsize>,
}

impl Watch {
    fn watched(&self, test: &TestDescAndFn) -> TestDescAndFn {
        let (watch, desc) = (self.clone(), test.desc.clone());
        let testfn = match test.testfn {
            StaticTestFn(run) => DynTestFn(Box::new(move || watch.run(&desc, run))),
            StaticBenchFn(run) => DynBenchFn(Box::new(move |bencher| watch.run(&desc, || run(bencher)))),
            _ => unreachable!("rustc knows no other tests"),
        };
        TestDescAndFn { desc: test.desc.clone(), testfn }
    }

    fn run(&self, desc: &TestDesc, run: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
        let name = desc.name.as_slice();
        self.guard.start(name);
        let outcome = catch_unwind(AssertUnwindSafe(run));
        match failure(desc.should_panic, &outcome) {
            None => self.guard.case(name, "passed", ""),
            Some(message) => self.guard.case(name, "failed", &message),
        }
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.end();
        }
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn end(&self) {
        if let Some(detail) = canary::wrong() {
            self.guard.breach("canary", detail);
        }
        self.guard.over();
    }
}

type Outcome = Result<Result<(), String>, Box<dyn Any + Send>>;

/// Why a test failed, by the rules of libtest; nothing when it passed.
fn failure(should_panic: ShouldPanic, outcome: &Outcome) -> Option<String> {
    let panic = outcome.as_ref().err().map(said);
    match (should_panic, outcome, panic) {
        (ShouldPanic::No, Ok(result), _) => result.as_ref().err().cloned(),
        (ShouldPanic::No, Err(_), panic) => Some(panic.flatten().unwrap_or_default()),
        (_, Ok(Err(message)), _) => Some(message.clone()),
        (_, Ok(Ok(())), _) => Some("test did not panic as expected".to_owned()),
        (ShouldPanic::Yes, Err(_), _) => None,
        (ShouldPanic::YesWithMessage(wanted), Err(_), panic) => match panic.flatten() {
            Some(text) if text.contains(wanted) => None,
            text => Some(format!("panic did not contain expected string: {wanted:?}, but {text:?}")),
        },
    }
}

fn said(panic: &Box<dyn Any + Send>) -> Option<String> {
    panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&'static str>().map(|text| (*text).to_owned()))
}
