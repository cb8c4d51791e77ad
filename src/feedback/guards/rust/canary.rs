//! Checks whose answer is known, in the program of the tests and once they are over. Nobody hears of them.

use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;
use std::panic::{catch_unwind, set_hook, take_hook};

/// What is wrong with their outcome.
pub fn wrong() -> Option<&'static str> {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    // Values that nobody knows before, long enough to be compared by the function of the system that does.
    let number = RandomState::new().hash_one("canary");
    let same = move || black_box(format!("{number:064x}"));
    let other = move || black_box(format!("{:064x}", number ^ 1));
    let right = [
        passes(move || assert_eq!(same(), same())),
        passes(move || assert_ne!(same(), other())),
        passes(move || assert!(same().into_bytes() == same().into_bytes())),
    ];
    let fail = [
        passes(move || assert_eq!(same(), other())),
        passes(move || assert_ne!(same(), same())),
        passes(move || assert!(same().into_bytes() == other().into_bytes())),
        passes(move || assert_eq!(black_box(number), black_box(number ^ 1))),
        passes(|| panic!("canary")),
        passes(|| assert_eq!(black_box(None::<u8>).unwrap(), 0)),
        passes(|| assert_eq!(black_box(Err::<u8, u8>(1)).unwrap(), 0)),
    ];
    set_hook(hook);
    if right.contains(&false) {
        return Some("A check failed that must pass");
    }
    fail.contains(&true).then_some("A check passed that must fail")
}

fn passes(check: impl FnOnce() + std::panic::UnwindSafe) -> bool {
    catch_unwind(check).is_ok()
}
